"""Update: server-side apply to the live object, awaited."""

import copy
from typing import Any

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import (
    awaiting,
    checking,
    checkpoint,
    creating,
    difference,
    errors,
    fieldmanagers,
    normalize,
    objects,
    session,
    timing,
)


def update(current: session.Session, request: provider_pb2.UpdateRequest) -> values.Properties | None:
    """The new state; ``None`` when a preview can tell no more than the inputs.

    Raises ``PartialError`` for everything that goes wrong while the object is there.
    """
    if not request.preview and not current.settings.render_to:
        _ = current.api
    given = objects.without_nulls(values.decode(request.news))
    new = normalize.normalize(checkpoint.from_properties(given))
    if request.preview and (values.has_unknown(new) or not current.serves(new)):
        return None
    state = values.decode(request.olds)
    old_inputs, old_live = checkpoint.read(state)
    api_version = str(values.reveal(state.get(checkpoint.INITIAL_API_VERSION)) or old_inputs.get("apiVersion", ""))
    before, manager = (checking.field_manager(current, state, inputs) for inputs in (old_inputs, new))
    if current.settings.render_to:
        return creating.render(current, request.urn, new, given, manager)
    try:
        live = _carry_out(current, request, new, old_live, manager)
        failure: Exception | None = None
    except errors.NoKindError as error:
        raise errors.RefusedError(
            f'update of resource "{request.urn}" failed because the Kubernetes API server reported that the apiVersion '
            f"for this resource does not exist. Verify its CRDs exist: {error}"
        ) from None
    except (errors.ApiError, errors.UnreachableError, errors.NotReadyError, errors.RefusedError) as error:
        if request.preview and isinstance(error, errors.ApiError) and error.reason == "Forbidden":
            return None
        failure, live = error, _live(current, request.urn, old_live, error)
    result = checkpoint.write(new, live, given, api_version, manager)
    if failure is not None:
        name = objects.full_name(live)
        text = f'the Kubernetes API server reported that "{name}" failed to fully initialize or become live: {failure}'
        raise errors.PartialError(text, name, result, getattr(failure, "reasons", []))
    if current.settings.server_side_apply and not request.preview and before != manager:
        fieldmanagers.relinquish(current.api, live, before)
    return result


def _live(current: session.Session, urn: str, old_live: objects.Object, error: Exception) -> objects.Object:
    try:
        return current.api.get(objects.kind_of(old_live), objects.namespace(old_live), objects.name(old_live))
    except (errors.ApiError, errors.UnreachableError, errors.NoKindError) as missing:
        raise errors.RefusedError(
            f'update of resource "{urn}" failed: {error}\nunable to get cluster state: {missing}'
        ) from None


def _carry_out(
    current: session.Session,
    request: provider_pb2.UpdateRequest,
    new: objects.Object,
    old_live: objects.Object,
    manager: str,
) -> objects.Object:
    kind = objects.kind_of(new)
    before = current.api.get(kind, objects.namespace(new), objects.name(old_live))
    live = _submit(current, request, new, before, manager)
    if request.preview:
        return live
    voice = current.voice(request.urn)
    wait = awaiting.Wait(
        api=current.api,
        informers=current.informers,
        voice=voice,
        cancelled=current.cancelled,
        live=live,
        inputs=new,
        before=before,
        timeout=timing.seconds(request.timeout, new),
    )
    try:
        return awaiting.until_ready(wait)
    finally:
        voice.clear()


def _submit(
    current: session.Session,
    request: provider_pb2.UpdateRequest,
    new: objects.Object,
    before: objects.Object,
    manager: str,
) -> objects.Object:
    api, settings = current.api, current.settings
    if objects.kind_of(new).kind == "CustomResourceDefinition":
        version = objects.metadata(before).get("resourceVersion")
        whole = {**new, "metadata": {**objects.metadata(new), "resourceVersion": version}}
        return api.replace(whole, manager=manager, dry_run=request.preview)
    patch = objects.is_patch(objects.token(request.urn), str(new.get("kind", "")))
    if not request.preview and not patch:
        before = fieldmanagers.adopt(api, before, manager)
    body = _with_ignored(new, before, manager, list(request.ignoreChanges))
    force = (
        settings.patch_force
        or objects.flag(new, objects.PATCH_FORCE)
        or not objects.metadata(before).get("managedFields")
        or (request.preview and fieldmanagers.is_client_side(before))
        or not settings.server_side_apply
    )
    try:
        return api.apply(body, name=objects.name(before), manager=manager, force=force, dry_run=request.preview)
    except errors.ApiError as error:
        raise creating.conflict(error, manager) from None


def _with_ignored(new: objects.Object, before: objects.Object, manager: str, ignored: list[str]) -> objects.Object:
    """``new`` with the fields of ``ignore_changes`` as they are in the cluster, or left to who else owns them."""
    if not ignored:
        return new
    body = copy.deepcopy(new)
    for text in ignored:
        path = difference.parse(text)
        parent: Any = body
        for step in path[:-1]:
            parent = parent.get(step) if isinstance(parent, dict) else None
        if not isinstance(parent, dict):
            continue
        if fieldmanagers.owned_by_others_only(before, path, manager):
            parent.pop(path[-1], None)
        elif (value := objects.pluck(before, *path)) is not None:
            parent[path[-1]] = value
    return body
