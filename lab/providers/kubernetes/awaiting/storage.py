"""Kinds that the official plugin polls for a simple state: claims, volumes, quotas, token Secrets."""

import time
from collections.abc import Callable

from .. import engine, errors, objects
from . import base

_STORAGE_CLASS = objects.Kind("storage.k8s.io", "v1", "StorageClass")
_POLL_SECONDS = 0.5

Poll = tuple[Callable[[base.Wait, objects.Object], bool], float]


def poll(wait: base.Wait, condition: Callable[[base.Wait, objects.Object], bool], seconds: float) -> objects.Object:
    """Get the object until ``condition`` holds; the limit is the kind's own, whatever timeout the resource has."""
    deadline = time.monotonic() + seconds
    live = wait.live
    while True:
        live = wait.api.get(objects.kind_of(wait.live), wait.namespace, wait.name)
        if condition(wait, live):
            return live
        if time.monotonic() >= deadline:
            raise errors.NotReadyError(f"Timeout occurred polling for '{wait.name}'", live)
        if wait.cancelled.wait(_POLL_SECONDS):
            raise errors.NotReadyError(f"Resource operation was cancelled for '{wait.name}'", live)


def claim_ready(wait: base.Wait, live: objects.Object) -> bool:
    """Bound, or pending where the class binds only for a first consumer."""
    phase = objects.pluck(live, "status", "phase")
    if wait.before is not None and phase == "Bound":
        return True
    late = _bind_mode(wait, live) == "WaitForFirstConsumer"
    return bool(phase == ("Pending" if late else "Bound"))


def volume_ready(_: base.Wait, live: objects.Object) -> bool:
    """Available or bound."""
    return objects.pluck(live, "status", "phase") in ("Available", "Bound")


def controller_ready(_: base.Wait, live: objects.Object) -> bool:
    """As many replicas available as wanted."""
    wanted = objects.pluck(live, "spec", "replicas")
    return wanted is not None and wanted == objects.pluck(live, "status", "availableReplicas")


def quota_ready(_: base.Wait, live: objects.Object) -> bool:
    """The limits have been taken over by the controller."""
    hard = objects.pluck(live, "spec", "hard")
    return isinstance(hard, dict) and hard == objects.pluck(live, "status", "hard")


def token_ready(_: base.Wait, live: objects.Object) -> bool:
    """Any Secret, but one that holds a service account's token needs the token."""
    return live.get("type") != "kubernetes.io/service-account-token" or bool(live.get("data"))


POLLS: dict[tuple[str, str], Poll] = {
    ("v1", "PersistentVolume"): (volume_ready, 300.0),
    ("v1", "PersistentVolumeClaim"): (claim_ready, 300.0),
    ("v1", "ReplicationController"): (controller_ready, 600.0),
    ("v1", "ResourceQuota"): (quota_ready, 60.0),
}


def _bind_mode(wait: base.Wait, claim: objects.Object) -> str:
    name = objects.pluck(claim, "spec", "storageClassName")
    if not name:
        text = f'no storage class found for "{wait.name}"'
        wait.voice.status(engine.Severity.WARNING, text)
        return ""
    try:
        return str(wait.api.get(_STORAGE_CLASS, "", name).get("volumeBindingMode") or "")
    except errors.ApiError as error:
        wait.voice.status(engine.Severity.WARNING, f'getting storage class "{name}": {error}')
        return ""
