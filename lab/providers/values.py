"""Property values as plain Python: what the engine sends and takes, with secrets marked and unknowns kept."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias

from google.protobuf import struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key that tells a special object of the engine's protocol from an ordinary one."""
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that is known only after an apply; the SDK's PropertyValue neither reads nor writes it."""

Value: TypeAlias = Any
"""``None``, bool, int, float, str, list, dict or :class:`Secret` of these."""
Properties: TypeAlias = dict[str, Value]


@dataclasses.dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in the state and never prints."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(...)"


def decode(struct: struct_pb2.Struct) -> Properties:
    """The engine's message as plain values; secrets arrive as :class:`Secret`, unknowns as ``UNKNOWN``."""
    return {key: _decode(value) for key, value in struct.fields.items()}


def encode(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    """Plain values as the engine's message; ``None`` values of the outermost level are left out."""
    return struct_pb2.Struct(fields={key: _encode(value) for key, value in properties.items() if value is not None})


def reveal(value: Value) -> Value:
    """`value` without any secret mark, at any depth."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def is_unknown(value: Value) -> bool:
    """Whether `value` itself, seen through a secret mark, is unknown."""
    return bool(reveal(value) == UNKNOWN) if isinstance(value, (str, Secret)) else False


def has_unknown(value: Value) -> bool:
    """Whether anything in `value` is unknown."""
    plain = reveal(value)
    if isinstance(plain, dict):
        return any(has_unknown(item) for item in plain.values())
    if isinstance(plain, list):
        return any(has_unknown(item) for item in plain)
    return bool(plain == UNKNOWN)


def has_secret(value: Value) -> bool:
    """Whether anything in `value` is secret."""
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return isinstance(value, Secret)


def mark(value: Value, like: Value) -> Value:
    """`value` made secret where `like` is: objects by key, a list as a whole (its order may differ)."""
    if not has_secret(like) or isinstance(value, Secret):
        return value
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: mark(item, like.get(key)) for key, item in value.items()}
    return Secret(reveal(value))


def _decode(value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if kind in (None, "null_value") else getattr(value, kind)


def _decode_object(struct: struct_pb2.Struct) -> Value:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if not signature:
        return decode(struct)
    if signature == SECRET:
        return Secret(reveal(_decode(fields["value"])))
    if signature == OUTPUT:
        inner = _decode(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(reveal(inner)) if fields["secret"].bool_value else inner
    raise ValueError("assets, archives and resource references are not accepted here")


def _encode(value: Value) -> struct_pb2.Value:
    if isinstance(value, Secret):
        sealed = {SIGNATURE: _encode(SECRET), "value": _encode(reveal(value.value))}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=sealed))
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=float(value))
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        fields = {key: _encode(item) for key, item in value.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_encode(item) for item in value]))
