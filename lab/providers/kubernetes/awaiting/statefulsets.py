"""StatefulSets and DaemonSets."""

from .. import engine, objects
from . import base, pods


class StatefulSetAwaiter(base.Awaiter):
    """A StatefulSet is ready when all its replicas are, and are of the newest revision."""

    related = (base.POD,)

    def __init__(self, wait: base.Wait, *, reading: bool = False) -> None:
        super().__init__(wait, reading=reading)
        self._replicas_ready = False
        self._revision_ready = False
        self._counted = 0
        self._wanted = 0
        self._revisions = ("", "")

    def ready(self, view: base.View) -> bool:
        """Every replica ready and current."""
        self._replicas_ready = self._revision_ready = False
        found = self.current(view)
        if found is not None:
            self._judge(found)
        if self._replicas_ready and self._revision_ready:
            self.wait.voice.status(engine.Severity.INFO, "✅ StatefulSet initialization complete")
            return True
        self._say()
        return False

    def reasons(self, view: base.View) -> list[str]:
        """How many replicas are ready, which revision is awaited, and the trouble of each pod."""
        found = []
        if not self._replicas_ready:
            found.append(f"{self._counted} out of {self._wanted} replicas succeeded readiness checks")
        if not self._revision_ready:
            old, new = self._revisions
            found.append(f'StatefulSet controller failed to advance from revision "{old}" to revision "{new}"')
        owned = [pod for pod in view.all(base.POD) if objects.owned_by(pod, self.live)]
        return found + [text for pod in owned for text in pods.problems(pod)]

    def _judge(self, found: objects.Object) -> None:
        generation = objects.pluck(found, "metadata", "generation") or 0
        status = found.get("status") or {}
        if not generation or (status.get("observedGeneration") or 0) < generation:
            return
        replicas = objects.pluck(found, "spec", "replicas") or 0
        total, ready, current = (status.get(key) or 0 for key in ("replicas", "readyReplicas", "currentReplicas"))
        self._revisions = (status.get("currentRevision") or "", status.get("updateRevision") or "")
        if generation > 1 and objects.pluck(found, "spec", "updateStrategy", "type") == "OnDelete":
            self._revision_ready = True
            self._replicas_ready = replicas == total == ready
        else:
            self._revision_ready = self._revisions[0] != "" and self._revisions[0] == self._revisions[1]
            self._replicas_ready = replicas == total == ready == current
        self._wanted = replicas
        self._counted = ready if self._revision_ready else min(ready, status.get("updatedReplicas") or 0)

    def _say(self) -> None:
        progress = f"({self._counted}/{self._wanted} Pods ready)"
        if (objects.pluck(self.live, "metadata", "generation") or 0) <= 1:
            text = f"[1/2] Waiting for StatefulSet to create Pods {progress}"
        elif not self._replicas_ready:
            text = f"[1/3] Waiting for StatefulSet update to roll out {progress}"
        else:
            text = "[2/3] Waiting for StatefulSet to update .status.currentRevision"
        self.wait.voice.status(engine.Severity.INFO, text)


class DaemonSetAwaiter(base.Awaiter):
    """A DaemonSet is ready when every node it is meant for has an available pod of the newest revision."""

    related = (base.POD,)

    def ready(self, view: base.View) -> bool:
        """All wanted pods scheduled, current, available and ready."""
        found = self.current(view)
        status = (found or {}).get("status") or {}
        if (status.get("observedGeneration") or 0) < (objects.pluck(found, "metadata", "generation") or 0):
            return False
        if "desiredNumberScheduled" not in status:
            return False
        keys = ("currentNumberScheduled", "updatedNumberScheduled", "numberAvailable", "numberReady")
        return all((status.get(key) or 0) >= status["desiredNumberScheduled"] for key in keys)

    def reasons(self, view: base.View) -> list[str]:
        """None: the official plugin has nothing to say about its pods either."""
        return []
