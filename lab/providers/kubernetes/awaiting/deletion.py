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
"""Kinds whose ``pulumi.com/skipAwait`` also holds for deletion, as in the official plugin: a
replacement of the same name is then refused with "object is being deleted" while the old one's finalizers are at work.
"""


def until_gone(wait: base.Wait) -> None:
    """Wait for the deletion; raises ``NotReadyError`` with the last state when time is up."""
    kind = objects.kind_of(wait.live)
    if objects.flag(wait.inputs, objects.SKIP_AWAIT) and (kind.api_version, kind.kind) in _SKIPPABLE:
        return
    deadline = time.monotonic() + wait.timeout
    pause, live = _SHORT, wait.live
    while True:
        found = _look(wait, live)
        if found is None:
            return
        live = found
        if time.monotonic() >= deadline:
            finalizers = ", ".join(objects.metadata(live).get("finalizers") or ())
            wait.voice.log(engine.Severity.WARNING, f"finalizers might be preventing deletion ({finalizers})")
            raise errors.NotReadyError("timed out waiting for the condition", live)
        if wait.cancelled.wait(pause):
            raise errors.NotReadyError("context canceled", live)
        pause = min(pause * 1.5, _LONG)


def _look(wait: base.Wait, last: objects.Object) -> objects.Object | None:
    """The object as the API server itself has it now, ``None`` when it is gone; ``last`` when there was no answer."""
    try:
        live = wait.api.get(objects.kind_of(wait.live), wait.namespace, wait.name)
    except (errors.ApiError, errors.UnreachableError) as error:
        if isinstance(error, errors.ApiError) and error.code == 404:
            return None
        # The deletion goes on without us: a server that is busy for a moment must not end the wait for it.
        wait.voice.status(engine.Severity.WARNING, f"unexpected error while checking cluster state: {error}")
        return last
    uid = objects.metadata(wait.live).get("uid")
    # Another uid: somebody has made another object of this name meanwhile.
    return live if uid is None or objects.metadata(live).get("uid") == uid else None
