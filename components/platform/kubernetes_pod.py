"""Pods and claims: a workload's containers in Kubernetes' words. Plain functions, no resources."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pulumi
import pulumi_kubernetes as k8s

from . import kubernetes_placement, kubernetes_storage, workload

AWAIT = """\
trap 'exit 143' TERM
reach() {
  if command -v bash; then bash -c "</dev/tcp/$1/$2"; else nc -w 2 "$1" "$2" -e true; fi >/dev/null 2>&1
}
while [ $# -gt 0 ]; do
  until reach "$1" "$2" & wait $!; do echo "waiting for $1:$2"; sleep 1 & wait $!; done
  shift 2
done
"""
"""Waits for host and port pairs, in the background, so that it ends at once when told to.

A Service answers only when a pod behind it is ready, so this is order by readiness, and it holds after a node restart
too, when no engine is there to order anything. Needs bash or BusyBox, one of which every FATE image has; ``-e``
stands last because both of BusyBox's ``nc`` take it there.
"""

START_SECONDS, READY_SECONDS, LIVE_SECONDS = 2, 10, 20
"""Seconds between two questions: while a container starts, once it serves, and whether it is to be restarted.

A start is a chain of readiness, so it asks often; the kubelet asks for readiness at once when the start is over. Later
each question is a process that serves nobody (about 0.1 s of processor), and a party has a dozen containers.
"""


class FileSource(NamedTuple):
    """Where a container's file lies in the cluster."""

    volume: str
    """Name of the pod volume."""
    key: str


class PodFiles(NamedTuple):
    """The objects that hold a workload's files, as pod volumes."""

    volumes: Sequence[k8s.core.v1.VolumeArgs]
    sources: Mapping[tuple[str, str], FileSource]
    """(container, path) to where its content lies."""
    objects: Sequence[pulumi.Resource] = ()
    """What the volumes are made of; it has to be there before the pods."""


def spec(
    service: workload.Workload,
    after: Sequence[workload.Running],
    files: PodFiles,
    *,
    pull_policy: str,
    pull_secrets: Sequence[str],
    service_account: str | None = None,
) -> k8s.core.v1.PodSpecArgs:
    """The pod of ``service``: waits for ``after``, runs the steps, then the containers."""
    steps = [_container(service, step, files, pull_policy) for step in service.steps]
    if after:
        steps.insert(0, _await(service, after, pull_policy))
    return k8s.core.v1.PodSpecArgs(
        automount_service_account_token=False,
        enable_service_links=False,
        service_account_name=service_account,
        security_context=_pod_security(service.main.user),
        image_pull_secrets=[k8s.core.v1.LocalObjectReferenceArgs(name=name) for name in pull_secrets] or None,
        init_containers=steps or None,
        containers=[_container(service, container, files, pull_policy) for container in service.containers],
        volumes=[*files.volumes, *kubernetes_storage.pod_volumes(service)] or None,
        **kubernetes_placement.arguments(service.placement),
    )


def _await(
    service: workload.Workload, after: Sequence[workload.Running], pull_policy: str
) -> k8s.core.v1.ContainerArgs:
    targets = [word for running in after for word in (running.name, str(running.port))]
    return k8s.core.v1.ContainerArgs(
        name="await",
        image=service.main.image,
        image_pull_policy=pull_policy,
        command=["sh", "-c", AWAIT, "await", *targets],
        resources=_resources(workload.Resources(cpu=0.01, memory=16, memory_limit=64)),
        security_context=_security(()),
    )


def _container(
    service: workload.Workload, container: workload.Container, files: PodFiles, pull_policy: str
) -> k8s.core.v1.ContainerArgs:
    mine = container is service.main
    probe = container.probe
    return k8s.core.v1.ContainerArgs(
        name=container.name,
        image=container.image,
        image_pull_policy=pull_policy,
        command=list(container.command) if container.command else None,
        env=_environment(service, container) or None,
        ports=[k8s.core.v1.ContainerPortArgs(name=port.name, container_port=port.number) for port in service.ports]
        if mine and service.ports
        else None,
        resources=_resources(container.resources) if container.resources else None,
        security_context=_security(container.capabilities, container.user),
        startup_probe=_probe(probe, START_SECONDS, probe.start_seconds // START_SECONDS or 1) if probe else None,
        readiness_probe=_probe(probe, READY_SECONDS, 3) if probe else None,
        liveness_probe=_probe(probe, LIVE_SECONDS, 6) if probe else None,
        volume_mounts=_mounts(service, container, files) or None,
    )


def _mounts(
    service: workload.Workload, container: workload.Container, files: PodFiles
) -> list[k8s.core.v1.VolumeMountArgs]:
    mounts = []
    for file in container.files:
        source = files.sources[container.name, file.path]
        mounts.append(
            k8s.core.v1.VolumeMountArgs(name=source.volume, mount_path=file.path, sub_path=source.key, read_only=True)
        )
    mounts += kubernetes_storage.mounts(service)
    if service.live and container in service.containers:
        # The whole folder, never by subPath: a subPath mount would not see the object change.
        mounts.append(k8s.core.v1.VolumeMountArgs(name=service.live.name, mount_path=service.live.path, read_only=True))
    return mounts


def _probe(probe: workload.Probe, period: int, failures: int) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        exec_=k8s.core.v1.ExecActionArgs(command=list(probe.command)),
        period_seconds=period,
        timeout_seconds=probe.timeout_seconds,
        failure_threshold=failures,
    )


def _resources(wanted: workload.Resources) -> k8s.core.v1.ResourceRequirementsArgs:
    limits = {"cpu": quantity(wanted.cpu_limit), "memory": f"{wanted.memory_limit}Mi"}
    if wanted.cpu_limit is None:
        del limits["cpu"]
    if wanted.memory_limit is None:
        del limits["memory"]
    if wanted.gpus:
        limits["nvidia.com/gpu"] = str(wanted.gpus)
    return k8s.core.v1.ResourceRequirementsArgs(
        requests={"cpu": quantity(wanted.cpu), "memory": f"{wanted.memory}Mi"}, limits=limits or None
    )


def quantity(cores: float | None) -> str:
    """Cores the way the API server writes them back (``500m``, ``2``), so that nothing looks changed."""
    milli = round((cores or 0) * 1000)
    return f"{milli // 1000}" if milli % 1000 == 0 else f"{milli}m"


def _environment(service: workload.Workload, container: workload.Container) -> list[k8s.core.v1.EnvVarArgs]:
    given = [k8s.core.v1.EnvVarArgs(name=key, value=value) for key, value in sorted(container.environment.items())]
    if not kubernetes_storage.by_pod(service):
        return given
    field = k8s.core.v1.ObjectFieldSelectorArgs(field_path="metadata.name")
    source = k8s.core.v1.EnvVarSourceArgs(field_ref=field)
    return [*given, k8s.core.v1.EnvVarArgs(name=kubernetes_storage.POD_NAME, value_from=source)]


def _pod_security(user: int | None) -> k8s.core.v1.PodSecurityContextArgs:
    """What holds for the whole pod. The group is what lets a user other than root read the files of Secrets."""
    return k8s.core.v1.PodSecurityContextArgs(
        seccomp_profile=k8s.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        fs_group=user or None,
        # Without it every start walks through all of the data.
        fs_group_change_policy="OnRootMismatch" if user else None,
    )


def _security(capabilities: Sequence[str], user: int | None = None) -> k8s.core.v1.SecurityContextArgs:
    return k8s.core.v1.SecurityContextArgs(
        run_as_user=user,
        allow_privilege_escalation=False,
        capabilities=k8s.core.v1.CapabilitiesArgs(add=list(capabilities)) if capabilities else None,
    )


def template(pod: k8s.core.v1.PodSpecArgs, labels: Mapping[str, pulumi.Input[str]]) -> k8s.core.v1.PodTemplateSpecArgs:
    """The pod template of a Deployment or StatefulSet."""
    return k8s.core.v1.PodTemplateSpecArgs(metadata=k8s.meta.v1.ObjectMetaArgs(labels=dict(labels)), spec=pod)
