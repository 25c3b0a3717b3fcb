"""Kubernetes objects as plain dictionaries: identity, annotations, shape."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias

from .. import values

Object: TypeAlias = dict[str, Any]

PREFIX = "pulumi.com/"
AUTONAMED = PREFIX + "autonamed"
SKIP_AWAIT = PREFIX + "skipAwait"
WAIT_FOR = PREFIX + "waitFor"
TIMEOUT_SECONDS = PREFIX + "timeoutSeconds"
REPLACE_UNREADY = PREFIX + "replaceUnready"
PATCH_FORCE = PREFIX + "patchForce"
PATCH_FIELD_MANAGER = PREFIX + "patchFieldManager"
DELETION_PROPAGATION = PREFIX + "deletionPropagationPolicy"

_READ_ONLY = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """A group, version and kind; the core group is empty."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """As objects carry it: ``apps/v1``, ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version}, Kind={self.kind}"


def kind_of(obj: Object) -> Kind:
    """The kind an object says it is."""
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    return Kind("" if group == "core" else group, version, str(obj.get("kind", "")))


def kind_of_type(token: str) -> Kind:
    """The kind behind a resource type such as ``kubernetes:apps/v1:Deployment``; ``ValueError`` for any other token."""
    package, _, rest = token.partition(":")
    group_version, _, kind = rest.rpartition(":")
    group, slash, version = group_version.rpartition("/")
    if package != "kubernetes" or not slash or not kind:
        raise ValueError(
            f"{token} is no type of the kubernetes provider: kubernetes:<group>/<version>:<Kind> is expected"
        )
    return Kind("" if group == "core" else group, version, kind)


def token(urn: str) -> str:
    """The resource type in a URN, without those of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def is_patch(token: str, kind: str) -> bool:
    """Whether the resource type is the ``Patch`` variant of ``kind``, which owns single fields of an object."""
    return token.rpartition(":")[2] == f"{kind}Patch"


def metadata(obj: Object) -> Object:
    """The object's metadata; empty when it is absent or not known yet."""
    found = obj.get("metadata")
    return found if isinstance(found, dict) else {}


def name(obj: Object) -> str:
    """The object's name; empty when there is none or it is not known yet."""
    found = metadata(obj).get("name")
    return found if isinstance(found, str) and found != values.UNKNOWN else ""


def namespace(obj: Object) -> str:
    """The object's namespace; empty when there is none or it is not known yet."""
    found = metadata(obj).get("namespace")
    return found if isinstance(found, str) and found != values.UNKNOWN else ""


def full_name(obj: Object) -> str:
    """``namespace/name``, or ``name`` for an object of the cluster: the id of the resource."""
    return f"{namespace(obj)}/{name(obj)}" if namespace(obj) else name(obj)


def split_name(resource_id: str) -> tuple[str, str]:
    """Namespace and name of a resource id."""
    first, slash, second = resource_id.partition("/")
    return (first, second) if slash else ("", first)


def annotation(obj: Object, key: str) -> str:
    """The value of an annotation; empty when it is not there."""
    found = metadata(obj).get("annotations")
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def annotate(obj: Object, key: str) -> None:
    """Set an annotation to ``true``, unless the metadata are not known yet."""
    meta = obj.setdefault("metadata", {})
    if isinstance(meta, dict) and isinstance(annotations := meta.setdefault("annotations", {}), dict):
        annotations[key] = "true"


def flag(obj: Object, key: str) -> bool:
    """Whether an annotation is ``true``."""
    return annotation(obj, key) == "true"


def drop_read_only(obj: Object) -> Object:
    """Remove the metadata that only a server writes, in place; returns ``obj``."""
    for key in _READ_ONLY:
        metadata(obj).pop(key, None)
    return obj


def pluck(obj: Any, *path: str) -> Any:
    """The value at ``path``, or ``None``."""
    for key in path:
        if not isinstance(obj, Mapping):
            return None
        obj = obj.get(key)
    return obj


def owned_by(obj: Object, owner: Object | None) -> bool:
    """Whether ``owner`` is among the object's direct owners."""
    uid = pluck(owner, "metadata", "uid")
    return uid is not None and any(ref.get("uid") == uid for ref in metadata(obj).get("ownerReferences") or ())


def prune(source: Any, shape: Any) -> Any:
    """``source`` reduced to the fields that ``shape`` has; a list to at most the length of ``shape``'s."""
    if isinstance(source, dict) and isinstance(shape, dict):
        return {key: prune(value, shape[key]) for key, value in source.items() if key in shape}
    if isinstance(source, list) and isinstance(shape, list):
        return _prune_list(source, shape)
    return source


def _prune_list(source: list[Any], shape: list[Any]) -> list[Any]:
    if not source or not shape:
        return []
    if type(source[0]) is not type(shape[0]):
        return source
    return [prune(value, like) for value, like in zip(source, shape, strict=False)]


def without_nulls(value: Any) -> Any:
    """``value`` without the fields that are null, at any depth, secrets included."""
    if isinstance(value, values.Secret):
        return values.Secret(without_nulls(value.value))
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
