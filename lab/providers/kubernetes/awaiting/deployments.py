"""Deployments."""

from typing import Any

from .. import engine, objects
from . import base, pods

_REPLICA_SET = objects.Kind("apps", "v1", "ReplicaSet")
_CLAIM = objects.Kind("", "v1", "PersistentVolumeClaim")
_REVISION = "deployment.kubernetes.io/revision"


class DeploymentAwaiter(base.Awaiter):
    """A Deployment is ready when the ReplicaSet of its revision has all its pods ready and its claims are bound."""

    related = (_REPLICA_SET, base.POD, _CLAIM)

    def __init__(self, wait: base.Wait, *, reading: bool = False) -> None:
        super().__init__(wait, reading=reading)
        self._available = False
        self._rolled_out = False
        self._replicas_ready = False
        self._conditions: dict[str, str] = {}

    def ready(self, view: base.View) -> bool:
        """Available, rolled out, all replicas of the new revision ready."""
        deployment = self.current(view)
        if deployment is None or not (self.reading or _observed(deployment)):
            return False
        self._judge(deployment)
        self._replicas_ready = self._judge_replicas(view)
        first = self._revision == "1"
        if not (self._available and self._replicas_ready and (first or self._rolled_out)):
            return False
        if self._unbound(view):
            return False
        self.wait.voice.status(engine.Severity.INFO, "✅ Deployment initialization complete")
        return True

    def reasons(self, view: base.View) -> list[str]:
        """The conditions' messages, what is missing, and the trouble of each pod."""
        found = list(self._conditions.values())
        if unbound := self._unbound(view):
            names = ",".join(unbound)
            found.append(f'Failed to bind PersistentVolumeClaim(s): "{names}"')
        if not self._available:
            found.append("Minimum number of live Pods was not attained")
        elif not (self._replicas_ready if self._revision == "1" else self._rolled_out):
            found.append("Minimum number of Pods to consider the application live was not attained")
        elif not self._replicas_ready:
            found.append("Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live")
        owner = self._replica_set(view)
        owned = [pod for pod in view.all(base.POD) if objects.owned_by(pod, owner)]
        return found + [text for pod in owned for text in pods.problems(pod)]

    @property
    def _revision(self) -> str:
        return objects.annotation(self.live, _REVISION) or "0"

    def _judge(self, deployment: objects.Object) -> None:
        self._conditions = {}
        for condition in objects.pluck(deployment, "status", "conditions") or ():
            good = condition.get("status") == "True"
            if condition.get("type") == "Progressing":
                self._rolled_out = good and condition.get("reason") == "NewReplicaSetAvailable"
            elif condition.get("type") == "Available":
                self._available = good
            else:
                continue
            self._note(condition, good)

    def _note(self, condition: dict[str, Any], good: bool) -> None:
        if not good and condition.get("reason") and condition.get("message") is not None:
            message = f"[{condition['reason']}] {condition['message']}"
            self._conditions[condition["reason"]] = message
            self.wait.voice.status(engine.Severity.WARNING, message)

    def _judge_replicas(self, view: base.View) -> bool:
        owner = self._replica_set(view)
        if owner is None:
            return False
        wanted = objects.pluck(owner, "spec", "replicas")
        wanted = 1 if wanted is None else wanted
        ready = objects.pluck(owner, "status", "readyReplicas") or 0
        if ready < wanted:
            progress = f"Waiting for app ReplicaSet to be available ({ready}/{wanted} Pods available)"
            self.wait.voice.status(engine.Severity.INFO, progress)
        elif wanted == 0:
            self.wait.voice.status(engine.Severity.WARNING, f'Replicas scaled to 0 for Deployment "{self.wait.name}"')
        return bool(ready >= wanted)

    def _replica_set(self, view: base.View) -> objects.Object | None:
        for owner in view.all(_REPLICA_SET):
            if objects.owned_by(owner, self.wait.live) and objects.annotation(owner, _REVISION) == self._revision:
                return owner
        return None

    def _unbound(self, view: base.View) -> list[str]:
        volumes = objects.pluck(self.live, "spec", "template", "spec", "volumes") or ()
        wanted = [objects.pluck(volume, "persistentVolumeClaim", "claimName") for volume in volumes]
        claims = [claim for claim in view.all(_CLAIM) if objects.name(claim) in wanted]
        unbound = [claim for claim in claims if objects.pluck(claim, "status", "phase") != "Bound"]
        for claim in unbound:
            phase = objects.pluck(claim, "status", "phase")
            text = f"PersistentVolumeClaim: [{objects.name(claim)}] is not ready. status.phase currently at: {phase}"
            self.wait.voice.status(engine.Severity.WARNING, text)
        return [objects.name(claim) for claim in unbound]


def _observed(obj: objects.Object) -> bool:
    observed = objects.pluck(obj, "status", "observedGeneration")
    return observed is not None and observed == objects.pluck(obj, "metadata", "generation")
