"""Configuration files as Kubernetes objects: immutable and named by content, or living in place."""

import hashlib
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

from . import kubernetes_metadata, workload
from . import kubernetes_pod as pod

OWNER_READS = 0o400
"""Mode of secret files: FATE's containers run as root, and nobody else in them has business with a password."""


def fixed(
    service: workload.Workload,
    *,
    namespace: str,
    labels: Mapping[str, str],
    salt: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
    prefix: str,
) -> pod.PodFiles:
    """The files that come with the containers of ``service``.

    Objects are immutable and carry a digest of their content in the name, so a change rolls exactly the pods
    that use it, and a failed roll-out still has the old files. The digest of secret files is salted: a name is
    public, and it must not help in guessing a password.
    """
    volumes: list[k8s.core.v1.VolumeArgs] = []
    sources: dict[tuple[str, str], pod.FileSource] = {}
    objects: list[pulumi.Resource] = []
    for secret, kind in ((False, "files"), (True, "secret-files")):
        chosen = [
            (container, file)
            for container in (*service.containers, *service.steps)
            for file in container.files
            if file.secret is secret
        ]
        if not chosen:
            continue
        keys = {_key(container, file): file.content for container, file in chosen}
        for container, file in chosen:
            sources[container.name, file.path] = pod.FileSource(kind, _key(container, file))
        name = _name(f"{service.name}-{kind}", keys, salt if secret else None)
        metadata = kubernetes_metadata.metadata(name, namespace, labels)
        objects.append(_object(f"{prefix}-{kind}", metadata, keys, secret=secret, opts=opts))
        volumes.append(_volume(kind, name, secret=secret))
    return pod.PodFiles(volumes, sources, objects)


def _object(
    name: str,
    metadata: k8s.meta.v1.ObjectMetaArgs,
    keys: Mapping[str, pulumi.Input[str]],
    *,
    secret: bool,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """The immutable object that holds the files ``keys``."""
    if secret:
        return k8s.core.v1.Secret(name, metadata=metadata, immutable=True, string_data=_secret(keys), opts=opts)
    return k8s.core.v1.ConfigMap(name, metadata=metadata, immutable=True, data=keys, opts=opts)


def _volume(kind: str, name: pulumi.Output[str], *, secret: bool) -> k8s.core.v1.VolumeArgs:
    """The volume ``kind`` of a pod, from the object called ``name``."""
    if secret:
        source = k8s.core.v1.SecretVolumeSourceArgs(secret_name=name, default_mode=OWNER_READS)
        return k8s.core.v1.VolumeArgs(name=kind, secret=source)
    return k8s.core.v1.VolumeArgs(name=kind, config_map=k8s.core.v1.ConfigMapVolumeSourceArgs(name=name))


def live(
    folder: workload.LiveFolder,
    *,
    namespace: str,
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
    prefix: str,
) -> pod.PodFiles:
    """A folder that changes in place: one mutable object under a fixed name."""
    made = k8s.core.v1.ConfigMap(
        f"{prefix}-{folder.name}",
        metadata=kubernetes_metadata.metadata(folder.name, namespace, labels),
        data=dict(folder.files),
        opts=opts,
    )
    source = k8s.core.v1.ConfigMapVolumeSourceArgs(name=folder.name)
    return pod.PodFiles([k8s.core.v1.VolumeArgs(name=folder.name, config_map=source)], {}, [made])


def _key(container: workload.Container, file: workload.File) -> str:
    return f"{container.name}.{file.path.rsplit('/', 1)[-1]}"


def _secret(keys: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    return {key: pulumi.Output.secret(content) for key, content in keys.items()}


def _name(stem: str, keys: Mapping[str, pulumi.Input[str]], salt: pulumi.Output[str] | None) -> pulumi.Output[str]:
    ordered = sorted(keys)

    def digest(parts: Sequence[str]) -> str:
        joined = "\0".join((*ordered, *parts))
        return f"{stem}-{hashlib.sha256(joined.encode()).hexdigest()[:10]}"

    contents: list[pulumi.Input[str]] = [keys[key] for key in ordered]
    if salt is not None:
        contents.append(salt)
    return pulumi.Output.unsecret(pulumi.Output.all(*contents).apply(digest))
