"""Create: a new object, awaited."""

import secrets

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import awaiting, checking, checkpoint, engine, errors, objects, rendering, session, timing

_RETRIES = 5
_CLIENT_SIDE_MANAGER = "pulumi-kubernetes"
"""Manager of a created object's fields; the first update hands them over to the resource's own manager."""
_GUIDE = (
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/"
    "#handle-field-conflicts-on-existing-resources"
)
_REMEDY = """

An object of this name is in the cluster already, and a create never takes one over. What helps depends on why:

  - the Pulumi resource was renamed: give it an alias with the old name, or deleteBeforeReplace if it must be replaced;
  - another program owns the object: manage single fields with a Patch resource (NamespacePatch, for example);
  - it is meant to be managed here from now on: run `pulumi import`;
  - taking over is intended: set upsertExistingObjects on the provider."""


def create(current: session.Session, request: provider_pb2.CreateRequest) -> tuple[str, values.Properties] | None:
    """Id and state of the new resource; ``None`` when a preview can tell no more than the inputs.

    Raises ``RefusedError`` when nothing was created and ``PartialError`` when it was, but is not ready.
    """
    settings = current.settings
    if not request.preview and not settings.render_to:
        _ = current.api
    given = objects.without_nulls(values.decode(request.properties))
    new = checkpoint.from_properties(given)
    patch = objects.is_patch(objects.token(request.urn), str(new.get("kind", "")))
    if request.preview and (patch or not settings.server_side_apply or not _previewable(current, new)):
        return None
    manager = checking.field_manager(current, {}, new)
    if settings.render_to:
        return objects.full_name(new), render(current, request.urn, new, given, manager)
    try:
        live, failure = _carry_out(current, request, new, manager, patch)
    except errors.NoKindError as error:
        raise errors.RefusedError(
            f'creation of resource "{request.urn}" with kind {objects.kind_of(new)} failed because the Kubernetes API '
            f"server reported that the apiVersion for this resource does not exist. Verify its CRDs exist: {error}"
        ) from None
    except (errors.ApiError, errors.UnreachableError, errors.RefusedError) as error:
        if request.preview and _means_nothing(error):
            return None
        raise errors.RefusedError(
            f'resource "{request.urn}" was not successfully created by the Kubernetes API server: {error}'
        ) from None
    state = checkpoint.write(new, live, given, str(new.get("apiVersion", "")), manager)
    if failure is not None:
        raise errors.PartialError(
            f'resource "{request.urn}" was successfully created, but the Kubernetes API server reported that it failed '
            f"to fully initialize or become live: {failure}",
            objects.full_name(live),
            state,
            failure.reasons,
        )
    return "" if request.preview else objects.full_name(live), state


def render(
    current: session.Session, urn: str, new: objects.Object, given: values.Properties, manager: str
) -> values.Properties:
    """Write the object's file; the state is the inputs, for there is no server to fill in the rest."""
    folder = current.settings.render_to
    file = rendering.path(new, folder)
    if values.has_secret(given):
        text = f"rendered file {file} contains a secret value in plaintext"
        current.engine.log(engine.Severity.WARNING, urn, text)
    rendering.write(new, folder)
    current.engine.status(engine.Severity.INFO, urn, f"rendered {file}")
    return checkpoint.write(new, new, given, str(new.get("apiVersion", "")), manager)


def _previewable(current: session.Session, new: objects.Object) -> bool:
    return not values.has_unknown(new) and current.serves(new)


def _carry_out(
    current: session.Session, request: provider_pb2.CreateRequest, new: objects.Object, manager: str, patch: bool
) -> tuple[objects.Object, errors.NotReadyError | None]:
    live = _submit(current, request, new, manager, patch)
    if request.preview:
        live.pop("status", None)
        return live, None
    if objects.kind_of(new).kind == "CustomResourceDefinition":
        current.api.forget()
    try:
        return _wait(current, request, new, live), None
    except errors.NotReadyError as error:
        return error.live, error


def _submit(
    current: session.Session,
    request: provider_pb2.CreateRequest,
    new: objects.Object,
    manager: str,
    patch: bool,
) -> objects.Object:
    voice = current.voice(request.urn)
    pause = 1.0
    for attempt in range(_RETRIES + 1):
        try:
            return _send(current, request, new, manager, patch)
        except (errors.ApiError, errors.NoKindError) as error:
            missing = isinstance(error, errors.NoKindError) or error.reason == "NotFound"
            if request.preview and isinstance(error, errors.ApiError) and error.namespace_missing:
                raise
            voice.status(engine.Severity.INFO, f"Retry #{attempt}; creation failed: {error}")
            if not missing:
                raise _explained(error) from None
            failure = error
        # Its namespace, its CustomResourceDefinition or its webhook may be on the way: wait, then try again.
        if current.cancelled.wait(pause):
            break
        pause *= 2
        current.api.forget()
    raise failure


def _send(
    current: session.Session, request: provider_pb2.CreateRequest, new: objects.Object, manager: str, patch: bool
) -> objects.Object:
    settings = current.settings
    if settings.server_side_apply and (settings.upsert or patch):
        force = request.preview or settings.patch_force or objects.flag(new, objects.PATCH_FORCE)
        try:
            return current.api.apply(new, manager=manager, force=force, dry_run=request.preview)
        except errors.ApiError as error:
            if not (request.preview and error.reason == "Invalid" and "field is immutable" in str(error)):
                raise conflict(error, manager) from None
            # A dry run cannot replace, so it is made under another name.
            name = f"{objects.name(new)}{secrets.token_hex(3)[:5]}"
            renamed = {**new, "metadata": {**objects.metadata(new), "name": name}}
            return current.api.apply(renamed, manager=manager, force=True, dry_run=True)
    return current.api.create(new, manager=_CLIENT_SIDE_MANAGER, dry_run=request.preview)


def _wait(
    current: session.Session, request: provider_pb2.CreateRequest, new: objects.Object, live: objects.Object
) -> objects.Object:
    voice = current.voice(request.urn)
    wait = awaiting.Wait(
        api=current.api,
        informers=current.informers,
        voice=voice,
        cancelled=current.cancelled,
        live=live,
        inputs=new,
        timeout=timing.seconds(request.timeout, new),
    )
    try:
        return awaiting.until_ready(wait)
    except (errors.ApiError, errors.UnreachableError) as error:
        # The object is there: to forget it would leave it behind.
        raise errors.NotReadyError(str(error), live) from None
    finally:
        voice.clear()


def conflict(error: errors.ApiError, manager: str) -> errors.ApiError:
    """``error`` with what to do about it, when it is a field conflict."""
    if error.reason != "Conflict":
        return error
    text = (
        f"server-side apply field conflict detected, see {_GUIDE} for troubleshooting help\n"
        f'The resource managed by field manager "{manager}" had an apply conflict: {error}'
    )
    return errors.ApiError(error.code, error.reason, text, error.details)


def _explained(error: Exception) -> Exception:
    if isinstance(error, errors.ApiError) and error.reason == "AlreadyExists":
        return errors.ApiError(error.code, error.reason, f"{error}{_REMEDY}", error.details)
    return error


def _means_nothing(error: Exception) -> bool:
    """Whether a preview may go on: the answer would be another once the plan has been carried out."""
    if not isinstance(error, errors.ApiError):
        return False
    no_dry_run = error.code == 400 and ("does not support dry run" in str(error) or "dryRun" in str(error))
    return error.namespace_missing or no_dry_run or error.reason in ("AlreadyExists", "Forbidden")
