"""Durations in Go's notation: what the program writes and what a read finds are compared as texts."""

import re

UNITS = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")


def parse(text: str) -> int:
    """Nanoseconds of `1h2m3.5s` and the like; `ValueError` for anything Go does not read."""
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if body == "0":
        return 0
    if not body or _PART.sub("", body):
        raise ValueError(f"invalid duration {text!r}")
    return sign * sum(round(float(number) * UNITS[unit]) for number, unit in _PART.findall(body))


def text(nanoseconds: int) -> str:
    """The one way Go writes a duration: `60s` becomes `1m0s`, and so differs from what the program wrote."""
    if nanoseconds == 0:
        return "0s"
    if nanoseconds < 10**9:
        for unit in ("ms", "µs"):
            if nanoseconds >= UNITS[unit]:
                return _decimal(nanoseconds, UNITS[unit]) + unit
        return f"{nanoseconds}ns"
    hours, rest = divmod(nanoseconds, UNITS["h"])
    minutes, rest = divmod(rest, UNITS["m"])
    seconds = _decimal(rest, UNITS["s"]) + "s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = len(str(unit)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0") if rest else str(whole)
