"""Terraform's idea of a resource, as far as bridged plugins show it: typed fields, defaults, plans and differences.

A bridged plugin compares the recorded *state* with the program's inputs. Fields the provider computes keep their
state when the program is silent; other fields fall back to nothing, which is a change too.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .plugin import Change, Kind
from .values import UNKNOWN, Properties, Value, has_unknown, reveal

Fields: TypeAlias = Mapping[str, "Field"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """One property; `kind` is `str`, `int`, `bool`, `list`, `set`, `map` (of strings) or `block` (a single object)."""

    kind: str = "str"
    of: Fields | None = None
    """Fields of the objects in a list, set or block; ``None``: the elements are strings."""
    required: bool = False
    computed: bool = False
    """The provider may fill it in."""
    output: bool = False
    """Only the provider may set it."""
    force_new: bool = False
    default: Value = None
    check: Callable[[Any], str | None] | None = None
    """What is wrong with a known value, ``None`` when nothing is."""
    same: Callable[[Value, Value], bool] | None = None
    """Whether a normal old and a normal new value, though different, mean the same."""

    @property
    def zero(self) -> Value:
        """What the field is when nobody set it."""
        return {"str": "", "int": 0, "bool": False, "list": [], "set": [], "map": {}, "block": None}[self.kind]


def normal(field: Field, value: Value) -> Value:
    """`value` in the one form that equal values share; unknowns stay as they are."""
    if value is None:
        return field.zero if field.default is None else field.default
    if value == UNKNOWN:
        return UNKNOWN
    if field.kind in ("list", "set"):
        items = [_normal_item(field, item) for item in value]
        return items if field.kind == "list" else _ordered(items)
    if field.kind == "block":
        return _normal_item(field, value)
    if field.kind == "map":
        return {key: _text(item) for key, item in value.items() if item is not None}
    if field.kind == "int":
        return int(float(value))
    if field.kind == "bool":
        return value if isinstance(value, bool) else value == "true"
    return _text(value)


def differences(fields: Fields, state: Properties, inputs: Properties) -> dict[str, Change]:
    """How `inputs` (checked) differ from `state` (recorded outputs): property path to change."""
    found: dict[str, Change] = {}
    for name, field in fields.items():
        if field.output or (inputs.get(name) is None and field.computed):
            continue
        old, new = normal(field, reveal(state.get(name))), normal(field, reveal(inputs.get(name)))
        if old == new or (field.same and not has_unknown(new) and field.same(old, new)):
            continue
        found |= _paths(name, field, old, new, state.get(name) is None)
    return found


def proposed(fields: Fields, inputs: Properties, state: Properties | None = None) -> Properties:
    """The outputs an apply would give: inputs, and what the provider computes from the state, unknown without one."""
    outputs: Properties = {}
    for name, field in fields.items():
        given = inputs.get(name)
        if given is not None and not field.output:
            outputs[name] = given
        elif field.computed or field.output:
            outputs[name] = UNKNOWN if state is None else state.get(name)
        else:
            outputs[name] = field.default
    return {name: value for name, value in outputs.items() if value is not None}


def _paths(name: str, field: Field, old: Value, new: Value, added: bool) -> dict[str, Change]:
    replace = _replaces(field, old, new)
    if field.kind == "map" and isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        return {f"{name}.{key}": Change(_kind(old.get(key), new.get(key)), replace) for key in sorted(keys)}
    if field.kind == "list" and isinstance(new, list) and len(old) != len(new):
        longer = range(min(len(old), len(new)), max(len(old), len(new)))
        kind = Kind.ADD if len(new) > len(old) else Kind.DELETE
        return {name if not old or not new else f"{name}[{index}]": Change(kind, replace) for index in longer}
    kind = Kind.ADD if added else Kind.DELETE if new == field.zero and field.kind != "bool" else Kind.UPDATE
    return {name: Change(kind, replace)}


def _kind(old: Value, new: Value) -> Kind:
    return Kind.ADD if old is None else Kind.DELETE if new is None else Kind.UPDATE


def _replaces(field: Field, old: Value, new: Value) -> bool:
    """Terraform's rule: the count of a list or set answers to the field's own `force_new`, elements to theirs."""
    if field.of is None or new == UNKNOWN:
        return field.force_new
    if field.kind == "block":
        return _object_replaces(field.of, old or {}, new or {}) or (field.force_new and (not old or not new))
    if len(old) != len(new) and field.force_new:
        return True
    if field.kind == "list":
        return any(_object_replaces(field.of, *pair) for pair in zip(old, new, strict=False))
    changed = [item for item in old if item not in new] + [item for item in new if item not in old]
    return any(_object_replaces(field.of, {}, item) for item in changed)


def _object_replaces(fields: Fields, old: Properties, new: Properties) -> bool:
    for name, field in fields.items():
        before, after = old.get(name, field.zero), new.get(name, field.zero)
        if before != after and _replaces(field, before, after):
            return True
    return False


def _normal_item(field: Field, item: Value) -> Value:
    if field.of is None or item == UNKNOWN:
        return item if item == UNKNOWN else _text(item)
    return {name: normal(inner, (item or {}).get(name)) for name, inner in field.of.items()}


def _ordered(items: list[Value]) -> list[Value]:
    unique = {json.dumps(item, sort_keys=True): item for item in items}
    return [unique[key] for key in sorted(unique)]


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)
