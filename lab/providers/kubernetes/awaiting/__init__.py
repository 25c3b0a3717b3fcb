"""When an object counts as ready, and as gone."""

from .. import objects
from . import base, conditions, deployments, pods, services, statefulsets, storage
from .base import Wait as Wait
from .deletion import until_gone as until_gone

_AWAITERS: dict[tuple[str, str], type[base.Awaiter]] = {
    ("apps/v1", "DaemonSet"): statefulsets.DaemonSetAwaiter,
    ("apps/v1", "Deployment"): deployments.DeploymentAwaiter,
    ("apps/v1", "StatefulSet"): statefulsets.StatefulSetAwaiter,
    ("batch/v1", "Job"): pods.JobAwaiter,
    ("networking.k8s.io/v1", "Ingress"): services.IngressAwaiter,
    ("v1", "Pod"): pods.PodAwaiter,
    ("v1", "Service"): services.ServiceAwaiter,
}


def until_ready(wait: Wait) -> objects.Object:
    """Wait until the object is ready; returns it. Raises ``NotReadyError`` when it did not get ready.

    ``pulumi.com/skipAwait`` and ``pulumi.com/waitFor`` replace what is known about its kind.
    """
    if objects.flag(wait.inputs, objects.SKIP_AWAIT):
        return wait.live
    if wanted := objects.annotation(wait.live, objects.WAIT_FOR):
        return base.until_ready(conditions.ConditionAwaiter(wait, conditions.parse(wanted)))
    key = _key(wait.live)
    if key in _AWAITERS:
        return base.until_ready(_AWAITERS[key](wait))
    if key in storage.POLLS:
        return storage.poll(wait, *storage.POLLS[key])
    if key == ("v1", "Secret") and not storage.token_ready(wait, wait.live):
        return storage.poll(wait, storage.token_ready, 5.0)
    return wait.live


def read(wait: Wait) -> None:
    """Look at a live object once; raises ``NotReadyError`` when it is not ready."""
    key = _key(wait.live)
    if key in _AWAITERS and not objects.flag(wait.inputs, objects.SKIP_AWAIT):
        base.read(_AWAITERS[key](wait, reading=True))


def _key(obj: objects.Object) -> tuple[str, str]:
    kind = objects.kind_of(obj)
    return kind.api_version, kind.kind
