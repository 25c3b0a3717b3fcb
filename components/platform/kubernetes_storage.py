"""A workload's volumes in Kubernetes' words: claims of its own or of somebody else, and scratch space."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

from . import kubernetes_metadata, workload

POD_NAME = "FATE_POD_NAME"
"""Variable from which a mount takes the folder of its own replica."""


def _wanted(volume: workload.Volume) -> k8s.core.v1.PersistentVolumeClaimSpecArgs:
    return k8s.core.v1.PersistentVolumeClaimSpecArgs(
        access_modes=[volume.access_mode],
        storage_class_name=volume.storage_class,
        resources=k8s.core.v1.VolumeResourceRequirementsArgs(requests={"storage": volume.size or ""}),
    )


def claims(
    service: workload.Workload,
    *,
    namespace: str,
    selector: Mapping[str, str],
    prefix: str,
    retain: bool,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """The claims that the pods of ``service`` look for, under the names that its StatefulSet gives them.

    A set's own claim templates can never change; a claim can be given more space.
    """
    made: list[pulumi.Resource] = []
    for volume in service.volumes:
        for index in range(service.replicas if volume.claimed else 0):
            name = f"{volume.name}-{service.name}-{index}"
            keep = pulumi.ResourceOptions(retain_on_delete=volume.retain and retain)
            claim = k8s.core.v1.PersistentVolumeClaim(
                f"{prefix}-{name}",
                metadata=kubernetes_metadata.metadata(name, namespace, selector, kubernetes_metadata.NO_WAIT),
                spec=_wanted(volume),
                opts=pulumi.ResourceOptions.merge(opts, keep),
            )
            made.append(claim)
    return made


def templates(service: workload.Workload, selector: Mapping[str, str]) -> list[k8s.core.v1.PersistentVolumeClaimArgs]:
    """What tells a StatefulSet which claims its pods look for."""
    return [
        k8s.core.v1.PersistentVolumeClaimArgs(
            metadata=k8s.meta.v1.ObjectMetaArgs(name=volume.name, labels=dict(selector)), spec=_wanted(volume)
        )
        for volume in service.volumes
        if volume.claimed
    ]


def pod_volumes(service: workload.Workload) -> list[k8s.core.v1.VolumeArgs]:
    """The volumes that a pod names itself: scratch space, and claims that somebody else made."""
    found = []
    for volume in service.volumes:
        if volume.existing is not None:
            source = k8s.core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=volume.existing)
            found.append(k8s.core.v1.VolumeArgs(name=volume.name, persistent_volume_claim=source))
        elif volume.scratch:
            found.append(k8s.core.v1.VolumeArgs(name=volume.name, empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs()))
    return found


def keep(service: workload.Workload, namespace: str, *, kept: bool) -> None:
    """``pulumi.RunError`` where the namespace, unless it is ``kept``, would take somebody else's claim along."""
    for volume in service.volumes:
        if volume.existing and not kept:
            raise pulumi.RunError(
                f"{service.name}: destroy would remove the namespace {namespace} and with it the claim "
                f"{volume.existing}, which is not this stack's: set fate:retainData to true"
            )


def by_pod(service: workload.Workload) -> bool:
    """Whether the replicas of ``service`` share a claim, each in a folder that is called after its pod."""
    return service.scales and any(volume.existing for volume in service.volumes)


def mounts(service: workload.Workload) -> list[k8s.core.v1.VolumeMountArgs]:
    """Where a container of ``service`` finds its volumes.

    Raises ``pulumi.RunError`` where several replicas would write into one folder.
    """
    found = []
    for volume in service.volumes:
        if volume.existing and service.replicas > 1 and not service.scales:
            raise pulumi.RunError(
                f"{service.name}: {service.replicas} replicas cannot write to the one claim {volume.existing}; "
                "give it one replica, or let each have a claim of its own"
            )
        for path in volume.paths:
            # A sub-path keeps the file system's own lost+found out of folders that must start empty (MySQL).
            shared = volume.existing is not None and service.scales
            parts = (volume.sub_path, f"$({POD_NAME})" if shared else None, path.rsplit("/", 1)[-1])
            folder = "/".join(part for part in parts if part)
            found.append(
                k8s.core.v1.VolumeMountArgs(
                    name=volume.name,
                    mount_path=path,
                    sub_path=None if shared else folder,
                    sub_path_expr=folder if shared else None,
                )
            )
    return found
