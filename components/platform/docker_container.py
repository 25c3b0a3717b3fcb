"""Containers, volumes and one-shot steps of one replica on Docker."""

import dataclasses
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_docker as docker

from . import docker_engine, docker_spelling, workload

CARRIED = "/fate-carrier"
"""Where a carrier finds the files that it copies into a live folder's volume."""
COPY = """\
set -e
for file in "$1"/*; do cp "$file" "$2/.${file##*/}.new"; mv -f "$2/.${file##*/}.new" "$2/${file##*/}"; done
for file in "$2"/*; do [ -e "$1/${file##*/}" ] || rm -rf "$file"; done
for file in "$1"/*; do
  [ "$(cat "$file")" = "$(cat "$2/${file##*/}")" ] || { echo "$2/${file##*/} is not what was put there" >&2; exit 1; }
done
"""
"""Puts every file in place by rename, so that a reader sees the old one or the new one, and drops those that left.

Then reads them back: what is not what it should be ends it with an error.
"""
GRACE_SECONDS = 30
"""Time to end by itself, as Kubernetes gives it: MySQL writes its buffers, and the plugin would kill at once."""


def labels(site: str, name: str) -> dict[str, str]:
    """Labels of everything that belongs to ``name`` of ``site``."""
    return {"io.fate.site": site, "io.fate.service": name}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Builder:
    """Makes the resources of one replica."""

    site: str
    service: workload.Workload
    name: str
    """The replica's host name (``nodemanager``, ``nodemanager-1``)."""
    network: docker.Network
    timeout_seconds: int
    parent: pulumi.Resource
    engine: docker_engine.Engine
    hooks: docker_engine.Hooks
    """What goes around the creation of each container."""
    owner: Mapping[str, str]
    """Labels that say which stack a container belongs to."""

    @property
    def prefix(self) -> str:
        """Prefix of every name of this replica on the host and in Pulumi."""
        return f"{self.site}-{self.name}"

    def volumes(self) -> list[docker.ContainerVolumeArgs]:
        """Named volumes, one for each path: Docker mounts no sub-folder of a volume that does not exist yet.

        Raises ``pulumi.RunError`` for a volume that should exist and does not, and for a sub-folder.
        """
        mounts = []
        for volume in self.service.volumes:
            for path in volume.paths:
                folder = path.rsplit("/", 1)[-1].replace("_", "-")
                if volume.existing is not None:
                    mounts.append(self._given(volume, volume.existing, folder, path))
                else:
                    retain = volume.retain and volume.claimed
                    mounts.append(self._mount(f"{self.prefix}-{folder}", path, retain=retain))
        return mounts

    def _given(self, volume: workload.Volume, existing: str, folder: str, path: str) -> docker.ContainerVolumeArgs:
        """A volume that somebody else made.

        A replica after the first, and each of several folders, has one of its own: ``DATA``, ``DATA-1``;
        ``DATA-jobs``, ``DATA-logs``.
        """
        if volume.sub_path:
            raise pulumi.RunError(
                f"{self.service.name}: Docker mounts whole volumes, so {volume.sub_path} of {existing} cannot be had; "
                "take subPath out, and give the service a volume of its own"
            )
        replica = self.name.removeprefix(self.service.name)
        name = f"{existing}{replica}" if len(volume.paths) == 1 else f"{existing}{replica}-{folder}"
        self.engine.require_volume(name, self.service.name)
        return docker.ContainerVolumeArgs(volume_name=name, container_path=path, read_only=False)

    def _mount(self, name: str, path: str, *, retain: bool, read_only: bool = False) -> docker.ContainerVolumeArgs:
        volume = docker.Volume(
            name,
            name=name,
            labels=[docker.VolumeLabelArgs(label=key, value=value) for key, value in self._labels.items()],
            opts=pulumi.ResourceOptions(parent=self.parent, retain_on_delete=retain),
        )
        return docker.ContainerVolumeArgs(volume_name=volume.name, container_path=path, read_only=read_only)

    def carrier(
        self, folder: workload.LiveFolder, image: docker.RemoteImage, mounts: list[docker.ContainerVolumeArgs]
    ) -> docker.Container:
        """Fill the volume of ``folder`` and add it to ``mounts``; a file that does not get there ends the run.

        Changed uploads replace a container, so the files travel in a container of their own: it is replaced, the
        one that reads the folder is not.
        """
        mount = self._mount(f"{self.prefix}-{folder.name}", folder.path, retain=False)
        mounts.append(
            docker.ContainerVolumeArgs(volume_name=mount.volume_name, container_path=folder.path, read_only=True)
        )
        files = tuple(
            workload.File(path=f"{CARRIED}/{name}", content=content) for name, content in folder.files.items()
        )
        carrier = workload.Container(
            name=folder.name,
            image=self.service.main.image,
            command=("sh", "-c", COPY, "carry", CARRIED, folder.path),
            files=files,
            # A new volume is root's, whoever the image runs as.
            user=0,
        )
        made = self.once(carrier, image, [mount], [])
        # Nothing waits for this, or every new route would be a new plan for the container that reads it.
        self.passed(made, carrier)
        return made

    def once(
        self,
        container: workload.Container,
        image: docker.RemoteImage,
        mounts: Sequence[docker.ContainerVolumeArgs],
        before: Sequence[pulumi.Resource],
    ) -> docker.Container:
        """Run ``container`` to its end; whether it ended well is for ``passed`` to say."""
        name = f"{self.prefix}-{container.name}"
        args = self._arguments(container, image, mounts, name)
        args.must_run = False
        args.attach = True
        args.logs = True
        args.restart = "no"
        args.networks_advanced = [docker.ContainerNetworksAdvancedArgs(name=self.network.name)]
        return docker.Container(name, args, opts=self._opts(before))

    def passed(self, made: docker.Container, step: workload.Container) -> pulumi.Output[None]:
        """Resolves once ``step`` ended well; a failure ends the run with the step's last words."""
        name = f"{self.prefix}-{step.name}"
        ended = pulumi.Output.all(made.exit_code, made.container_logs)
        return ended.apply(lambda seen: self.hooks.passed(name, seen[0], seen[1]))

    def container(
        self,
        container: workload.Container,
        image: docker.RemoteImage,
        mounts: Sequence[docker.ContainerVolumeArgs],
        published: Sequence[docker.ContainerPortArgs],
        before: Sequence[pulumi.Resource],
        passed: Sequence[pulumi.Output[None]],
    ) -> docker.Container:
        """One of the replica's containers; the main one answers to the service's name.

        It is not created before every step in ``passed`` has.
        """
        main = container is self.service.main
        name = self.prefix if main else f"{self.prefix}-{container.name}"
        args = self._arguments(container, image, mounts, name)
        args.image = pulumi.Output.all(image.image_id, *passed).apply(lambda seen: str(seen[0]))
        args.restart = "unless-stopped"
        args.destroy_grace_seconds = GRACE_SECONDS
        args.stop_timeout = GRACE_SECONDS
        args.networks_advanced = [
            docker.ContainerNetworksAdvancedArgs(
                name=self.network.name, aliases=sorted({self.service.name, self.name}) if main else None
            )
        ]
        if main:
            args.hostname = self.name
            args.ports = list(published) or None
        if container.probe:
            args.healthcheck = docker_spelling.healthcheck(container.probe)
            args.wait = True
            args.wait_timeout = self.timeout_seconds
        return docker.Container(name, args, opts=self._opts(before))

    def _arguments(
        self,
        container: workload.Container,
        image: docker.RemoteImage,
        mounts: Sequence[docker.ContainerVolumeArgs],
        name: str,
    ) -> docker.ContainerArgs:
        limits = container.resources
        # Docker can move a limit but not lift it. A label cannot change in place, so this one replaces the container.
        bounded = "limited" if limits and limits.memory_limit else "unlimited"
        return docker.ContainerArgs(
            name=name,
            image=image.image_id,
            # The description's command stands for entry point and arguments together, as it does on Kubernetes.
            entrypoints=list(container.command) if container.command else None,
            envs=[f"{key}={value}" for key, value in sorted(container.environment.items())] or None,
            uploads=[docker_spelling.upload(file, container.user) for file in container.files] or None,
            user=None if container.user is None else str(container.user),
            volumes=list(mounts) or None,
            capabilities=docker.ContainerCapabilitiesArgs(adds=[f"CAP_{each}" for each in container.capabilities])
            if container.capabilities
            else None,
            memory=limits.memory_limit if limits else None,
            # Without swap of its own: a party that swaps times out its peers instead of failing clearly.
            memory_swap=limits.memory_limit if limits else None,
            gpus="all" if limits and limits.gpus else None,
            cpus=docker_spelling.cores(limits.cpu_limit) if limits and limits.cpu_limit else None,
            labels=[
                docker.ContainerLabelArgs(label=key, value=value)
                for key, value in {**self._labels, **self.owner, "io.fate.memory": bounded}.items()
            ],
        )

    @property
    def _labels(self) -> Mapping[str, str]:
        return labels(self.site, self.service.name)

    def _opts(self, before: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        # Names are fixed, so the old container must be gone before the new one can be made.
        return pulumi.ResourceOptions(
            parent=self.parent,
            depends_on=list(before),
            delete_before_replace=True,
            additional_secret_outputs=["uploads"],
            hooks=self.hooks.container,
            # A container that did not get healthy is made anew, not taken for good because it exists.
            replace_on_changes=["#initerror"],
        )
