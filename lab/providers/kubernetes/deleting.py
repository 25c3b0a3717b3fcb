"""Delete: the object goes, and everything it owns before it."""

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import (
    awaiting,
    checking,
    checkpoint,
    engine,
    errors,
    fieldmanagers,
    objects,
    rendering,
    session,
    timing,
)

_PROPAGATION = {"orphan": "Orphan", "background": "Background"}


def delete(current: session.Session, request: provider_pb2.DeleteRequest) -> None:
    """Delete the object and wait until it is gone; one that is gone already is fine.

    Raises ``PartialError`` when it does not go in time.
    """
    state = values.decode(request.properties)
    inputs, live = checkpoint.read(state)
    if current.settings.render_to:
        file = rendering.remove(live, current.settings.render_to)
        current.engine.status(engine.Severity.INFO, request.urn, f"deleted {file}")
        return
    if current.unreachable:
        _unreachable(current, request.urn)
        return
    manager = checking.field_manager(current, state, inputs)
    api_version = str(values.reveal(state.get(checkpoint.INITIAL_API_VERSION)) or "")
    try:
        _carry_out(current, request, inputs, live, manager)
    except errors.NoKindError:
        return
    except errors.NotReadyError as error:
        remembered = checkpoint.write(live, error.live, state, api_version, manager)
        raise errors.PartialError(str(error), objects.full_name(error.live), remembered, error.reasons) from None
    except errors.ApiError as error:
        if error.code != 404:
            raise errors.RefusedError(str(error)) from None


def _carry_out(
    current: session.Session,
    request: provider_pb2.DeleteRequest,
    inputs: objects.Object,
    live: objects.Object,
    manager: str,
) -> None:
    if objects.is_patch(objects.token(request.urn), str(inputs.get("kind", ""))):
        fieldmanagers.relinquish(current.api, live, manager)
        return
    propagation = _PROPAGATION.get(objects.annotation(inputs, objects.DELETION_PROPAGATION).lower(), "Foreground")
    namespace, name = objects.namespace(live), objects.split_name(request.id)[1]
    current.api.delete(objects.kind_of(live), namespace, name, propagation=propagation)
    voice = current.voice(request.urn)
    wait = awaiting.Wait(
        api=current.api,
        informers=current.informers,
        voice=voice,
        cancelled=current.cancelled,
        live=live,
        inputs=inputs,
        timeout=timing.seconds(request.timeout, inputs),
    )
    try:
        awaiting.until_gone(wait)
    finally:
        voice.clear()
    if objects.kind_of(live).kind == "CustomResourceDefinition":
        current.api.forget()


def _unreachable(current: session.Session, urn: str) -> None:
    text = f"configured Kubernetes cluster is unreachable: {current.unreachable}"
    current.engine.log(engine.Severity.WARNING, urn, text)
    if current.settings.delete_unreachable:
        return
    raise errors.RefusedError(
        "configured Kubernetes cluster is unreachable. If the cluster was deleted, set the environment variable "
        'PULUMI_K8S_DELETE_UNREACHABLE to "true" and run again: that removes the resource from the state'
    )
