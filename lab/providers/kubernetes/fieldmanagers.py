"""Who owns which fields of an object, in the server's own bookkeeping (``metadata.managedFields``)."""

import copy
from typing import Any

from . import cluster, objects

_ADOPTED = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    ("pulumi-kubernetes", "Update"),
    ("pulumi-resource-kubernetes", "Update"),
)
"""Beginnings of managers whose fields an update takes over: the create itself, and people with kubectl."""
_CLIENT_SIDE = ("pulumi-resource-kubernetes", "pulumi-kubernetes", "pulumi-kubernetes.exe")


def adopt(api: cluster.Cluster, live: objects.Object, manager: str) -> objects.Object:
    """Give the fields of the adopted managers to ``manager``; returns the live object afterwards."""
    entries: list[dict[str, Any]] = list(objects.metadata(live).get("managedFields") or ())
    own = next((entry for entry in entries if _is(entry, manager, "Apply")), None)
    taken = [entry for entry in entries if entry is not own and _adopted(entry)]
    if not taken:
        return live
    result = copy.deepcopy(own or {**taken[0], "manager": manager, "operation": "Apply"})
    for entry in taken:
        result["fieldsV1"] = _union(result.get("fieldsV1") or {}, entry.get("fieldsV1") or {})
    kept = [entry for entry in entries if entry is not own and entry not in taken]
    return api.patch(live, [{"op": "replace", "path": "/metadata/managedFields", "value": [*kept, result]}])


def relinquish(api: cluster.Cluster, obj: objects.Object, manager: str) -> None:
    """Let ``manager`` own nothing any more; fields that only it owned are removed by the server."""
    meta = {key: value for key, value in objects.metadata(obj).items() if key in ("name", "namespace")}
    api.apply({"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": meta}, manager=manager)


def is_client_side(live: objects.Object) -> bool:
    """Whether the object has never been updated by server-side apply since this provider created it."""
    entries = objects.metadata(live).get("managedFields") or ()
    return any(entry.get("operation") == "Update" and entry.get("manager") in _CLIENT_SIDE for entry in entries)


def owned_by_others_only(live: objects.Object, path: tuple[str, ...], manager: str) -> bool:
    """Whether the field at ``path`` has an owner, and ``manager`` is not among them."""
    entries = objects.metadata(live).get("managedFields") or ()
    owners = {entry.get("manager") for entry in entries if _has(entry.get("fieldsV1") or {}, path)}
    return bool(owners) and manager not in owners


def _adopted(entry: dict[str, Any]) -> bool:
    name, operation = str(entry.get("manager", "")), entry.get("operation")
    known = any(name.startswith(prefix) and operation == wanted for prefix, wanted in _ADOPTED)
    return known and not entry.get("subresource")


def _is(entry: dict[str, Any], manager: str, operation: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == operation


def _union(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {key: _union(one.get(key) or {}, other.get(key) or {}) for key in {**one, **other}}


def _has(fields: dict[str, Any], path: tuple[str, ...]) -> bool:
    for step in path:
        if f"f:{step}" not in fields:
            return False
        fields = fields[f"f:{step}"]
    return True
