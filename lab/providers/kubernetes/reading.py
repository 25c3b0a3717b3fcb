"""Read: the live object, for a refresh, an import or a ``get``."""

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import awaiting, checking, checkpoint, engine, errors, normalize, objects, session

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def read(
    current: session.Session, request: provider_pb2.ReadRequest
) -> tuple[str, values.Properties, values.Properties] | None:
    """Id, state and inputs; ``None`` when the object is gone.

    Raises ``PartialError`` for an object that is there but not ready.
    """
    state = values.decode(request.properties)
    given = objects.without_nulls(values.decode(request.inputs))
    if current.unreachable:
        return _unreachable(current, request, state, given)
    namespace, name = objects.split_name(request.id)
    inputs, old_live = normalize.normalize(checkpoint.from_properties(given)), checkpoint.read(state)[1]
    fresh = not inputs.get("kind")
    if fresh:
        inputs = _identity(request.urn, inputs, old_live, namespace, name)
        fresh = not old_live.get("kind")
    api_version = str(values.reveal(state.get(checkpoint.INITIAL_API_VERSION)) or inputs.get("apiVersion", ""))
    manager = checking.field_manager(current, state, inputs)
    if current.settings.render_to:
        return request.id, checkpoint.write(inputs, old_live, state, api_version, manager), given
    failure: errors.NotReadyError | None = None
    try:
        live = current.api.get(objects.kind_of(inputs), objects.namespace(inputs), name)
        if not fresh:
            live = _look(current, request.urn, inputs, live)
    except errors.NotReadyError as error:
        live, failure = error.live, error
    except errors.NoKindError:
        return None
    except errors.ApiError as error:
        if error.code == 404:
            return None
        raise errors.RefusedError(str(error)) from None
    live_inputs = _import(live) if fresh else objects.prune(live, inputs)
    result = checkpoint.write(live_inputs, live, given, api_version, manager)
    sealed = checkpoint.to_properties(live_inputs, given)
    if failure is not None:
        raise errors.PartialError(str(failure), request.id, result, failure.reasons, sealed)
    return request.id or objects.full_name(live), result, sealed


def _look(current: session.Session, urn: str, inputs: objects.Object, live: objects.Object) -> objects.Object:
    voice = current.voice(urn)
    wait = awaiting.Wait(
        api=current.api,
        informers=current.informers,
        voice=voice,
        cancelled=current.cancelled,
        live=live,
        inputs=inputs,
    )
    try:
        awaiting.read(wait)
    finally:
        voice.clear()
    return live


def _identity(urn: str, inputs: objects.Object, live: objects.Object, namespace: str, name: str) -> objects.Object:
    kind = objects.kind_of(live) if live.get("kind") else objects.kind_of_type(objects.token(urn))
    meta = dict(objects.metadata(inputs))
    meta.setdefault("name", name)
    if namespace:
        meta.setdefault("namespace", namespace)
    return {**inputs, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta}


def _import(live: objects.Object) -> objects.Object:
    inputs = {key: value for key, value in live.items() if key != "status"}
    meta = {key: value for key, value in objects.metadata(live).items() if key not in ("managedFields",)}
    annotations = {
        key: value
        for key, value in (meta.get("annotations") or {}).items()
        if key not in (_LAST_APPLIED, "deployment.kubernetes.io/revision")
    }
    if "annotations" in meta:
        meta["annotations"] = annotations
    return objects.drop_read_only({**inputs, "metadata": meta})


def _unreachable(
    current: session.Session, request: provider_pb2.ReadRequest, state: values.Properties, given: values.Properties
) -> tuple[str, values.Properties, values.Properties] | None:
    # While rendering as well: the official plugin asks for a cluster even then.
    text = f"configured Kubernetes cluster is unreachable: {current.unreachable}"
    current.engine.log(engine.Severity.WARNING, request.urn, text)
    if current.settings.delete_unreachable:
        return None
    if current.settings.skip_update_unreachable:
        return request.id, state, given
    raise errors.RefusedError(
        "failed to read resource state due to unreachable cluster. If the cluster was deleted, set the environment "
        'variable PULUMI_K8S_DELETE_UNREACHABLE to "true" and run again: that removes the resource from the state. To '
        "keep the state as it is, set skipUpdateUnreachable on the provider"
    )
