"""Objects in the form the official plugin gives them before it compares or sends them.

It converts each object to the compiled Go type of its kind and back: unknown fields vanish without a word, empty values
that Go leaves out vanish too, quantities become canonical. An object with a value of the wrong type, or of a kind that
is not built in, stays as it is.
"""

import base64
import binascii
import contextlib
import copy
import functools
import json
import pathlib
from typing import Any

from .. import values
from . import objects, quantity

_GROUPS = {
    "": "core",
    "rbac.authorization.k8s.io": "rbac",
    "networking.k8s.io": "networking",
    "storage.k8s.io": "storage",
    "scheduling.k8s.io": "scheduling",
    "coordination.k8s.io": "coordination",
    "discovery.k8s.io": "discovery",
    "events.k8s.io": "events",
    "node.k8s.io": "node",
    "certificates.k8s.io": "certificates",
    "admissionregistration.k8s.io": "admissionregistration",
    "flowcontrol.apiserver.k8s.io": "flowcontrol",
    "resource.k8s.io": "resource",
}
_PYTHON: dict[str, type | tuple[type, ...]] = {"s": str, "b": bool, "i": int, "f": (int, float), "y": str}


class _Mismatch(Exception):
    """A value does not fit the Go type of its field."""


@functools.cache
def _shapes() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(pathlib.Path(__file__).with_name("types.json").read_text())
    return table


def is_built_in(kind: objects.Kind) -> bool:
    """Whether the kind is one of Kubernetes' own, whose fields are known without asking a server."""
    return _struct(kind) in _shapes()


def normalize(obj: objects.Object) -> objects.Object:
    """A normalised copy of ``obj``; only the read-only metadata go when a value is not known yet."""
    result = copy.deepcopy(obj)
    kind = objects.kind_of(obj)
    if not values.has_unknown(obj):
        if kind.kind == "Secret" and not kind.group:
            # A Secret's fields are not checked, only encoded: the official plugin treats it by hand.
            result = _secret(result)
        elif kind.kind == "CustomResourceDefinition":
            result.pop("status", None)
            if objects.pluck(result, "spec", "preserveUnknownFields") is False:
                del result["spec"]["preserveUnknownFields"]
        elif is_built_in(kind):
            with contextlib.suppress(_Mismatch, ValueError):
                result = objects.prune(_struct_value(_struct(kind), result), result)
    return objects.drop_read_only(result)


def _struct(kind: objects.Kind) -> str:
    return f"{_GROUPS.get(kind.group, kind.group)}/{kind.version}.{kind.kind}"


def _secret(obj: objects.Object) -> objects.Object:
    data = dict(obj.get("data") or {})
    if string_data := obj.pop("stringData", None):
        for key, text in string_data.items():
            data[key] = base64.b64encode(str(text).encode()).decode()
        return obj | {"data": data}
    for key, text in data.items():
        try:
            data[key] = base64.b64encode(base64.b64decode(str(text), validate=False)).decode()
        except (binascii.Error, ValueError):
            continue
    return obj | {"data": data} if data else obj


def _struct_value(struct: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Mismatch(struct)
    fields = _shapes()[struct]
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key not in fields or item is None:
            continue
        code = fields[key].removeprefix("-")
        converted = _value(code, item)
        if converted or not fields[key].startswith("-"):
            result[key] = converted
    return result


def _value(code: str, value: Any) -> Any:
    if code.startswith("[]"):
        if not isinstance(value, list):
            raise _Mismatch(code)
        return [_value(code[2:], item) for item in value]
    if code.startswith("{}"):
        if not isinstance(value, dict):
            raise _Mismatch(code)
        return {key: _value(code[2:], item) for key, item in value.items()}
    if code == "x":
        return value
    if code == "q":
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _Mismatch(code)
        return quantity.canonical(str(value))
    if code in _PYTHON:
        if not isinstance(value, _PYTHON[code]) or (isinstance(value, bool) and code != "b"):
            raise _Mismatch(code)
        return value
    return _struct_value(code, value)
