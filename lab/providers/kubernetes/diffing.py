"""Diff: which fields an update would change, and whether the object has to be replaced for that."""

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import checkpoint, difference, engine, errors, normalize, objects, replacement, session
from .awaiting import pods

_DIFF = provider_pb2.DiffResponse
_REPLACES = (
    provider_pb2.PropertyDiff.ADD_REPLACE,
    provider_pb2.PropertyDiff.DELETE_REPLACE,
    provider_pb2.PropertyDiff.UPDATE_REPLACE,
)


def diff(current: session.Session, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
    """The live object of the last operation, reduced to what was asked for then, against what is asked for now.

    The cluster is not consulted, so a drift shows only after a refresh.
    """
    given = values.decode(request.news)
    new = normalize.normalize(checkpoint.from_properties(given))
    old_inputs, live = checkpoint.read(values.decode(request.olds))
    old = objects.prune(live, normalize.normalize(old_inputs))
    _align(current, old, new, live)
    changes = difference.compare(old, new, _replacing(current, request.urn, new))
    changes = difference.ignore(changes, list(request.ignoreChanges))
    replaces = [difference.text(path) for path, change in changes.items() if change.kind in _REPLACES]
    removed = changes.get(("metadata",))
    if removed is not None and removed.kind == provider_pb2.PropertyDiff.DELETE:
        replaces.append("metadata")
    if objects.flag(new, objects.REPLACE_UNREADY) and _unready(current, request.urn, live):
        replaces.append(f'.metadata.annotations["{objects.REPLACE_UNREADY}"]')
    rendering_always = bool(current.settings.render_to) and current.settings.always_render
    return provider_pb2.DiffResponse(
        changes=_DIFF.DIFF_SOME if changes or replaces or rendering_always else _DIFF.DIFF_NONE,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and _same_name(new, live),
        detailedDiff={
            difference.text(path): provider_pb2.PropertyDiff(kind=change.kind, inputDiff=change.input_diff)
            for path, change in changes.items()
        },
        hasDetailedDiff=True,
    )


def _unready(current: session.Session, urn: str, live: objects.Object) -> bool:
    if current.unreachable:
        current.engine.log(engine.Severity.WARNING, urn, "Cluster is unreachable, skipping replaceUnready check")
        return False
    kind = objects.kind_of(live)
    if kind.kind != "Job":
        text = "replaceUnready annotation is not supported for this resource"
        current.engine.log(engine.Severity.WARNING, urn, text)
        return False
    try:
        return not pods.is_complete(current.api.get(kind, objects.namespace(live), objects.name(live)))
    except (errors.ApiError, errors.NoKindError, errors.UnreachableError):
        return False  # What cannot be read is left to the operations that need it.


def _replacing(current: session.Session, urn: str, new: objects.Object) -> tuple[str, ...]:
    return replacement.fields(
        new,
        patch=objects.is_patch(objects.token(urn), str(new.get("kind", ""))),
        mutable_config_maps=current.settings.config_map_mutable,
        mutable_secrets=current.settings.secret_mutable,
    )


def _align(current: session.Session, old: objects.Object, new: objects.Object, live: objects.Object) -> None:
    """Take out the differences that mean nothing: the default namespace, a name that came from ``generateName``."""
    old_meta, new_meta = objects.metadata(old), objects.metadata(new)
    if current.namespaced(objects.kind_of(new)):
        for meta in (old_meta, new_meta):
            meta["namespace"] = meta.get("namespace") or "default"
    else:
        for meta in (old_meta, new_meta):
            meta.pop("namespace", None)
    old_meta.pop("resourceVersion", None)
    for key in ("apiVersion", "kind"):
        old.setdefault(key, new.get(key))
    if objects.name(new):
        old_meta["name"] = objects.name(live)


def _same_name(new: objects.Object, live: objects.Object) -> bool:
    autonamed = objects.flag(new, objects.AUTONAMED)
    same = objects.name(new) == objects.name(live) and objects.namespace(new) == objects.namespace(live)
    return bool(objects.name(new)) and not autonamed and same
