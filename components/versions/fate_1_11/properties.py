"""Java's ``.properties`` format, as ``java.util.Properties`` reads it."""

from collections.abc import Mapping

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


def escape(value: str) -> str:
    """``value`` written so that Java reads it back unchanged, whatever it contains."""
    body = "".join(_character(character) for character in value)
    return f"\\{body}" if body.startswith(" ") else body


def render(properties: Mapping[str, str], *, section: str | None = None) -> str:
    """One ``key=value`` line each, in order; ``section``: a heading that Python's configparser insists on."""
    lines = [f"[{section}]"] if section else []
    lines += [f"{key}={escape(value)}" for key, value in properties.items()]
    return "\n".join(lines) + "\n"


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[start]:02x}{units[start + 1]:02x}" for start in range(0, len(units), 2))
