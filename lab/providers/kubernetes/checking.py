"""Check: the inputs as they will be used, with a name, a namespace, and nothing the kind does not know."""

import random
import re
from typing import Any

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import checkpoint, engine, errors, normalize, objects, session

_AUTONAMING = provider_pb2.CheckRequest.AutonamingOptions
_TEST_HOOK = re.compile("test|test-success|test-failure")
_HEX_DIGITS = 8
_HELM_HOOK = "helm.sh/hook"


def check(current: session.Session, request: provider_pb2.CheckRequest) -> values.Properties:
    """The checked inputs of a resource."""
    urn, token = request.urn, objects.token(request.urn)
    given = objects.without_nulls(values.decode(request.news))
    old = checkpoint.from_properties(values.decode(request.olds))
    new = normalize.normalize(checkpoint.from_properties(given))
    kind = objects.kind_of_type(token)
    patch = objects.is_patch(token, str(new.get("kind", "")))
    if patch and not current.settings.server_side_apply:
        raise errors.RefusedError("patch resources need Server-Side Apply: set enableServerSideApply on the provider")
    if patch and not objects.name(new):
        raise errors.RefusedError("patch resources require the `.metadata.name` field to be set")
    _warn(current, new, urn)
    _name(request, new, old, given)
    if objects.metadata(new).get("generateName") and not _named(new, given):
        mode = "Server-Side Apply" if current.settings.server_side_apply else "YAML rendering"
        if current.settings.server_side_apply or current.settings.render_to:
            raise errors.RefusedError(f"the `.metadata.generateName` field is not supported in {mode} mode")
    meta = new.setdefault("metadata", {})
    # An unknown namespace counts as none here, as in the official plugin: a preview then shows the default one.
    missing = isinstance(meta, dict) and not objects.namespace(new)
    if missing and current.default_namespace and current.namespaced(kind):
        meta["namespace"] = current.default_namespace
    checked = checkpoint.to_properties(new, given)
    if current.settings.render_to and values.has_secret(checked):
        current.engine.log(engine.Severity.WARNING, urn, "rendered YAML will contain a secret value in plaintext")
    return checked


def _warn(current: session.Session, new: objects.Object, urn: str) -> None:
    annotations = objects.metadata(new).get("annotations")
    if not isinstance(annotations, dict):
        return
    for key, value in annotations.items():
        if key.startswith(objects.AUTONAMED):
            text = f'ignoring user-specified value for internal annotation "{key}"'
            current.engine.log(engine.Severity.WARNING, urn, text)
        hook = key.startswith(_HELM_HOOK) and _TEST_HOOK.search(str(value))
        if hook and not current.settings.suppress_helm_hook_warnings:
            text = "This resource has Helm hooks, which Pulumi does not execute; the resource itself will be created"
            current.engine.log(engine.Severity.WARNING, urn, text)


def _name(
    request: provider_pb2.CheckRequest, new: objects.Object, old: objects.Object, given: values.Properties
) -> None:
    if _named(new, given):
        return
    meta = new.setdefault("metadata", {})
    if not isinstance(meta, dict):
        return
    if old:
        if objects.flag(old, objects.AUTONAMED):
            meta["name"] = objects.name(old)
            objects.annotate(new, objects.AUTONAMED)
        return
    if meta.get("generateName"):
        return
    options = request.autonaming if request.HasField("autonaming") else None
    if options is not None and options.mode == _AUTONAMING.DISABLE:
        raise errors.RefusedError("autonaming is disabled, resource requires the .metadata.name field to be set")
    proposed = options.proposed_name if options is not None else ""
    meta["name"] = proposed or f"{request.urn.split('::', 3)[3]}-{_suffix(request.randomSeed)}"
    objects.annotate(new, objects.AUTONAMED)


def _named(obj: objects.Object, given: values.Properties) -> bool:
    return bool(objects.name(obj)) or _unknown(objects.pluck(values.reveal(given), "metadata", "name"))


def _unknown(value: Any) -> bool:
    return bool(value == values.UNKNOWN)


def _suffix(seed: bytes) -> str:
    source = random.Random(seed) if seed else random.SystemRandom()
    return "".join(source.choice("0123456789abcdef") for _ in range(_HEX_DIGITS))


def field_manager(current: session.Session, state: values.Properties, inputs: objects.Object) -> str:
    """Who owns the fields: the annotation's name, else the one remembered, else a new one of the resource's own."""
    if not current.settings.server_side_apply:
        return "pulumi-kubernetes"
    remembered = values.reveal(state.get(checkpoint.FIELD_MANAGER))
    chosen = objects.annotation(inputs, objects.PATCH_FIELD_MANAGER) or remembered
    return str(chosen or f"pulumi-kubernetes-{_suffix(b'')}")
