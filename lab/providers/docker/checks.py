"""What the fields of Docker resources accept, and which different values mean the same."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from ..values import Value
from . import durations

Check = Callable[[Any], str | None]


def at_least(threshold: int) -> Check:
    """A whole number no lower than `threshold`."""

    def problem(value: Any) -> str | None:
        return f"'{value}' cannot be lower than {threshold}" if int(float(value)) < threshold else None

    return problem


def matches(pattern: str) -> Check:
    """A text that `pattern` describes."""

    def problem(value: Any) -> str | None:
        return None if re.search(pattern, str(value)) else f"'{value}' doesn't match the pattern '{pattern}'"

    return problem


def duration(value: Any) -> str | None:
    """A duration as Go writes it (`1m30s`), not negative."""
    try:
        nanoseconds = durations.parse(str(value))
    except ValueError:
        return f"'{value}' is not a valid duration"
    return f"'{value}' duration must not be negative" if nanoseconds < 0 else None


def encoded(value: Any) -> str | None:
    """Base64; the value itself is kept out of the message, for it may be a secret."""
    try:
        base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        return "the content is not base64 decodeable"
    return None


def absolute(value: Any) -> str | None:
    """A host path."""
    return None if re.match(r"[a-zA-Z]:[\\/]|/", str(value)) else f"'{value}' must be an absolute path"


def same_unless_given(old: Value, new: Value) -> bool:
    """An empty text means the engine's own choice, so it never differs."""
    return new in ("", old)


def same_ports(old: Value, new: Value) -> bool:
    """Published ports compare whatever their order; a port the engine chose is the one that was asked for."""
    if len(old) != len(new):
        return False
    for before in old:
        after = next((port for port in new if port["internal"] == before["internal"]), None)
        if after is None:
            return False
        twin = any((port["internal"], port["protocol"]) == (before["internal"], before["protocol"]) for port in new)
        if after["protocol"] != before["protocol"]:
            if twin:
                continue
            return False
        if after["external"] not in (0, before["external"]) or after["ip"] != before["ip"]:
            return False
    return True
