"""Waiting until a deleted object is gone."""

import time

from .. import engine, errors, objects
from . import base

_SHORT, _LONG = 0.2, 1.0
_SKIPPABLE = {
    ("v1", "Namespace"),
    ("v1", "Pod"),
    ("v1", "ReplicationController"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "Job"),
}
"""Kinds whose ``pulumi.com/skipAwait`` also holds for deletion."""


def until_gone(wait: base.Wait) -> None:
    """Wait for the deletion; raises ``NotReadyError`` with the last state when time is up."""
    kind = objects.kind_of(wait.live)
    if objects.flag(wait.inputs, objects.SKIP_AWAIT) and (kind.api_version, kind.kind) in _SKIPPABLE:
        return
    deadline = time.monotonic() + wait.timeout
    pause = _SHORT
    while True:
        try:
            live = wait.api.get(kind, wait.namespace, wait.name)
        except errors.ApiError as error:
            if error.code == 404:
                return
            raise
        if objects.pluck(live, "metadata", "uid") != objects.pluck(wait.live, "metadata", "uid") and "uid" in (
            objects.metadata(wait.live)
        ):
            return  # Somebody has made another object of this name meanwhile.
        if time.monotonic() >= deadline:
            finalizers = ", ".join(objects.metadata(live).get("finalizers") or ())
            wait.voice.log(engine.Severity.WARNING, f"finalizers might be preventing deletion ({finalizers})")
            raise errors.NotReadyError("timed out waiting for the condition", live)
        if wait.cancelled.wait(pause):
            raise errors.NotReadyError("context canceled", live)
        pause = min(pause * 1.5, _LONG)
