"""What would change: the old object, reduced to what was asked for then, against what is asked for now."""

import dataclasses
import re
from typing import Any, TypeAlias

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import objects, replacement

Path = tuple[str | int, ...]
Kind: TypeAlias = provider_pb2.PropertyDiff.Kind.ValueType
_MISSING = object()
_KINDS = provider_pb2.PropertyDiff
_REPLACING = {
    _KINDS.ADD: _KINDS.ADD_REPLACE,
    _KINDS.DELETE: _KINDS.DELETE_REPLACE,
    _KINDS.UPDATE: _KINDS.UPDATE_REPLACE,
}
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\[\]]+)')


@dataclasses.dataclass(frozen=True)
class Change:
    """One changed field."""

    kind: Kind
    input_diff: bool = False
    """Whether the field was taken out of the program (the official plugin marks only these)."""


def compare(old: objects.Object, new: objects.Object, replacing: tuple[str, ...]) -> dict[Path, Change]:
    """The changed fields, by path; those that match ``replacing`` replace the object."""
    found: dict[Path, Change] = {}
    _compare((), old, new, replacing, found)
    return found


def ignore(changes: dict[Path, Change], ignored: list[str]) -> dict[Path, Change]:
    """``changes`` without those at or below a path of ``ignored`` (the resource option ``ignore_changes``)."""
    prefixes = [parse(text) for text in ignored]
    return {path: change for path, change in changes.items() if not any(_below(path, prefix) for prefix in prefixes)}


def parse(text: str) -> tuple[str, ...]:
    """The steps of a property path such as ``spec.ports[0]["a.b"]``; an index is its digits, ``*`` any step."""
    return tuple(_step(match) for match in _STEP.finditer(text))


def _step(match: re.Match[str]) -> str:
    return match[2] or match[3] if match[1] is None else match[1].replace('\\"', '"')


def text(path: Path) -> str:
    """A path in the engine's notation."""
    result = ""
    for step in path:
        if isinstance(step, int):
            result += f"[{step}]"
        elif re.search(r'[."\[\]]', step):
            escaped = step.replace('"', '\\"')
            result += f'["{escaped}"]'
        else:
            result += f".{step}" if result else step
    return result


def _below(path: Path, prefix: tuple[str, ...]) -> bool:
    steps = tuple(str(step) for step in path)
    return len(steps) >= len(prefix) and all(want in ("*", step) for step, want in zip(steps, prefix, strict=False))


def _compare(path: Path, old: Any, new: Any, replacing: tuple[str, ...], found: dict[Path, Change]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            _compare((*path, key), old.get(key, _MISSING), new.get(key, _MISSING), replacing, found)
        return
    if isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else _MISSING
            after = new[index] if index < len(new) else _MISSING
            _compare((*path, index), before, after, replacing, found)
        return
    kind: Kind
    value = None if new is _MISSING else new
    if new is _MISSING:
        kind = _KINDS.DELETE
    elif old is _MISSING:
        kind = _KINDS.ADD
    elif _equal(old, new):
        return
    else:
        kind = _KINDS.UPDATE
    if replacement.matches(path, value, replacing):
        kind = _REPLACING[kind]
    found[path] = Change(kind, input_diff=new is _MISSING)


def _equal(old: Any, new: Any) -> bool:
    if new == values.UNKNOWN:
        return False
    comparable = type(old) is type(new) or (_number(old) and _number(new))
    return comparable and bool(old == new)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
