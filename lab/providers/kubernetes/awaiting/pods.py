"""Pods: when one is ready, and what keeps it from that."""

from typing import Any

from .. import engine, errors, objects
from . import base


def problems(pod: objects.Object) -> list[str]:
    """What a user should know about a pod that is not ready; empty for one that is, or that waits for a node."""
    if _condition(pod, "PodScheduled").get("status") != "True":
        return []
    for kind in ("Initialized", "Ready"):
        condition = _condition(pod, kind)
        if _fine(pod, condition, kind):
            continue
        if not condition:
            return []
        trouble = [text for status in _statuses(pod) for text in _container(status)]
        message = str(condition.get("message") or "")
        if not trouble and not message:
            return []
        return [f"[Pod {_full_name(pod)}]: {message if condition.get('reason') else ''}" + "\n".join(trouble)]
    return []


def is_ready(pod: objects.Object) -> bool:
    """Whether a pod has a node, is initialised, and serves or has done its work."""
    scheduled = _condition(pod, "PodScheduled").get("status") == "True"
    return scheduled and all(_fine(pod, _condition(pod, kind), kind) for kind in ("Initialized", "Ready"))


def is_complete(job: objects.Object) -> bool:
    """Whether a Job has done its work."""
    return bool(_condition(job, "Complete").get("status") == "True")


class PodAwaiter(base.Awaiter):
    """A bare Pod."""

    restarts = True

    def ready(self, view: base.View) -> bool:
        """Scheduled, initialised and ready, or finished."""
        pod = view.named(self.kind, self.wait.name)
        if pod is None:
            return False
        self.live = pod
        if is_ready(pod):
            return True
        self.wait.voice.status(engine.Severity.INFO, f'Waiting for Pod "{_full_name(pod)}" to be ready')
        return False

    def reasons(self, view: base.View) -> list[str]:
        """The pod's own trouble."""
        return problems(self.live)


class JobAwaiter(base.Awaiter):
    """A Job, which has to complete."""

    related = (base.POD,)
    restarts = True

    def __init__(self, wait: base.Wait, *, reading: bool = False) -> None:
        super().__init__(wait, reading=reading)
        self._seen: list[str] = []

    def ready(self, view: base.View) -> bool:
        """Complete; a Job that ran out of tries or time fails at once."""
        job = view.named(self.kind, self.wait.name)
        if job is None:
            return False
        self.live = job
        self._seen += [text for text in self._pods(view) if text not in self._seen]
        failed = _condition(job, "Failed")
        if failed.get("status") == "True" and failed.get("reason") in ("BackoffLimitExceeded", "DeadlineExceeded"):
            self._seen.append(f"[{failed['reason']}] {failed.get('message', '')}")
            if not self.reading:
                raise errors.not_initialized(job, self._seen)
            return False
        if is_complete(job):
            return True
        counts = [objects.pluck(job, "status", state) or 0 for state in ("active", "succeeded", "failed")]
        progress = "(Active: {} | Succeeded: {} | Failed: {})".format(*counts)
        self.wait.voice.status(engine.Severity.INFO, f'Waiting for Job "{_full_name(job)}" to succeed {progress}')
        return False

    def reasons(self, view: base.View) -> list[str]:
        """Everything its pods reported so far."""
        return self._seen

    def _pods(self, view: base.View) -> list[str]:
        return [text for pod in view.all(base.POD) if objects.owned_by(pod, self.live) for text in problems(pod)]


def _condition(obj: objects.Object, kind: str) -> dict[str, Any]:
    conditions = objects.pluck(obj, "status", "conditions") or ()
    return next((condition for condition in conditions if condition.get("type") == kind), {})


def _fine(pod: objects.Object, condition: dict[str, Any], kind: str) -> bool:
    finished = kind == "Ready" and bool(condition) and objects.pluck(pod, "status", "phase") == "Succeeded"
    return finished or condition.get("status") == "True"


def _statuses(pod: objects.Object) -> list[dict[str, Any]]:
    return list(objects.pluck(pod, "status", "containerStatuses") or ())


def _container(status: dict[str, Any]) -> list[str]:
    if status.get("ready"):
        return []
    found = []
    waiting = objects.pluck(status, "state", "waiting")
    if waiting is not None and waiting.get("reason") != "ContainerCreating":
        found.append(f"[{waiting.get('reason', '')}] {_trimmed(waiting)}")
    ended = objects.pluck(status, "state", "terminated")
    if ended is not None and ended.get("reason"):
        exited = f'container "{status.get("name")}" completed with exit code {ended.get("exitCode")}'
        found.append(f"[{ended['reason']}] {_trimmed(ended)}" if ended.get("message") else exited)
    if last := objects.pluck(status, "lastState", "terminated"):
        end = f"{last.get('reason', '')}: exit code {last.get('exitCode')}"
        found.append(f'container "{status.get("name")}" terminated at {last.get("finishedAt")} ({end})')
        found += [last["message"]] if last.get("message") else []
    return found


def _trimmed(state: dict[str, Any]) -> str:
    text = str(state.get("message") or "")
    return text.removeprefix("rpc error: code = Unknown desc = Error response from daemon: ").removesuffix(
        ": manifest unknown"
    )


def _full_name(obj: objects.Object) -> str:
    namespace = objects.namespace(obj)
    return objects.name(obj) if namespace in ("", "default") else objects.full_name(obj)
