"""Workloads on Docker. With ``kubernetes.py`` the only place that knows how a description becomes resources."""

import dataclasses
import urllib.parse
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_docker as docker

from . import capacity as capacities
from . import docker_container, docker_engine, ownership, workload


@dataclasses.dataclass(frozen=True, kw_only=True)
class DockerArgs:
    """What a site on Docker is told besides its workloads."""

    site: str
    """Name of the site (``fate-9999``): prefix of every name on the host, so that sites can share one."""
    host: str | None = None
    """Engine address (``ssh://user@host:22``); ``None``: the ambient one."""
    ssh_options: tuple[str, ...] = ()
    subnet: str | None = None
    """CIDR of the site's network; ``None``: Docker picks one that is free."""
    bind_address: str = "0.0.0.0"
    """Host address of the ports that peers dial."""
    operators_address: str = "127.0.0.1"
    """Host address of the user interfaces: loopback, because they show data."""
    ports: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """``workload/port`` (``nginx/nginx-grpc``) to host port, for ports that leave the network; absent: the service's
    own number."""
    advertise: str | None = None
    """Address that peers dial, where the engine's own address does not say it."""
    timeout_seconds: int = 600
    """How long one container may take to become healthy."""


class DockerPlatform:
    """Runs workloads as containers of one network."""

    def __init__(self, args: DockerArgs) -> None:
        self._args = args
        self.workloads: list[workload.Workload] = []
        """What has been run, in order."""
        self.provider: pulumi.ProviderResource = docker.Provider(
            f"{args.site}-docker", host=args.host, ssh_opts=list(args.ssh_options) or None
        )
        """The provider that every resource of the site inherits."""
        stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
        self._owner = {"io.fate.stack": stack}
        self._engine = docker_engine.Engine(args.host, args.ssh_options)
        self._hooks = docker_engine.Hooks(args.site, self._engine, self._owner)
        self._network: docker.Network | None = None
        self._images: dict[str, docker.RemoteImage] = {}
        self._parent: pulumi.Resource | None = None

    def open(self, parent: pulumi.Resource) -> None:
        """Create the site's network; containers find each other there by service name."""
        args = self._args
        self._parent = parent
        self._network = docker.Network(
            args.site,
            name=args.site,
            driver="bridge",
            ipam_configs=[docker.NetworkIpamConfigArgs(subnet=args.subnet)] if args.subnet else None,
            labels=[
                docker.NetworkLabelArgs(label=key, value=value)
                for key, value in {**docker_container.labels(args.site, "site"), **self._owner}.items()
            ],
            opts=pulumi.ResourceOptions(parent=parent, hooks=self._hooks.network),
        )

    def run(
        self, service: workload.Workload, *, parent: pulumi.Resource, after: Sequence[workload.Running] = ()
    ) -> workload.Running:
        """Create ``service``: its volumes, its steps, its containers; healthy before a dependent is started."""
        if self._network is None:
            raise RuntimeError("open() comes before run()")
        self.workloads.append(service)
        service = ownership.with_step(service)
        waits = [resource for running in after for resource in running.resources]
        containers: list[pulumi.Resource] = []
        for index in range(service.replicas):
            containers += self._replica(service, index, self._network, parent, waits)
        return workload.Running(
            name=service.name,
            port=service.ports[0].number,
            resources=tuple(containers),
            endpoints={
                port.name: pulumi.Output.from_input(self._endpoint(service, port))
                for port in service.ports
                if port.audience is not workload.Audience.SITE
            },
        )

    def capacity(self) -> capacities.Capacity | None:
        """What the host has, asked of its engine; ``None`` outside a preview, or without an answer."""
        if not pulumi.runtime.is_dry_run():
            return None
        return capacities.of_host(capacities.ask(self._engine.command("info", "--format", capacities.HOST)))

    def _replica(
        self,
        service: workload.Workload,
        index: int,
        network: docker.Network,
        parent: pulumi.Resource,
        waits: Sequence[pulumi.Resource],
    ) -> list[pulumi.Resource]:
        # The first replica carries no number, so that scaling from one to three leaves the first alone.
        builder = docker_container.Builder(
            site=self._args.site,
            service=service,
            name=service.name if index == 0 else f"{service.name}-{index}",
            network=network,
            timeout_seconds=self._args.timeout_seconds,
            parent=parent,
            engine=self._engine,
            hooks=self._hooks,
            owner=self._owner,
        )
        mounts = builder.volumes()
        before: list[pulumi.Resource] = list(waits)
        if service.live:
            before.append(builder.carrier(service.live, self._image(service.main.image), mounts))
        passed: list[pulumi.Output[None]] = []
        for step in service.steps:
            made = builder.once(step, self._image(step.image), mounts, before)
            before.append(made)
            passed.append(builder.passed(made, step))
        published = self._published(service) if index == 0 else []
        return [
            builder.container(container, self._image(container.image), mounts, published, before, passed)
            for container in service.containers
        ]

    def _image(self, reference: str) -> docker.RemoteImage:
        if reference not in self._images:
            # Kept on destroy: other sites on the host use it, and a registry may be far away.
            self._images[reference] = docker.RemoteImage(
                f"{self._args.site}-{image_name(reference)}",
                name=reference,
                keep_locally=True,
                opts=pulumi.ResourceOptions(parent=self._parent, hooks=self._hooks.other),
            )
        return self._images[reference]

    def _published(self, service: workload.Workload) -> list[docker.ContainerPortArgs]:
        addresses = {
            workload.Audience.PEERS: self._args.bind_address,
            workload.Audience.OPERATORS: self._args.operators_address,
        }
        return [
            docker.ContainerPortArgs(
                internal=port.number,
                external=self._host_port(service, port),
                ip=addresses[port.audience],
                protocol="tcp",
            )
            for port in service.ports
            if port.audience in addresses
        ]

    def _host_port(self, service: workload.Workload, port: workload.Port) -> int:
        return self._args.ports.get(f"{service.name}/{port.name}", port.number)

    def _endpoint(self, service: workload.Workload, port: workload.Port) -> workload.Endpoint:
        number = self._host_port(service, port)
        if port.audience is workload.Audience.OPERATORS:
            address = self._args.operators_address
            remote = engine_address(self._args.host)
            how = f"ssh -N -L {number}:{address}:{number} {remote}" if remote else None
            return workload.Endpoint(host=address, port=number, how=how)
        return workload.Endpoint(host=self._args.advertise or engine_address(self._args.host), port=number)


def engine_address(host: str | None) -> str | None:
    """The address of a remote engine, which is where its published ports are; ``None`` for a local one."""
    parsed = urllib.parse.urlsplit(host or "")
    return parsed.hostname if parsed.scheme in {"ssh", "tcp"} else None


def image_name(reference: str) -> str:
    """The last part of an image's path, which tells a site's images apart (``mysql``, ``fateflow-spark``)."""
    return reference.rsplit("/", 1)[-1].split("@", 1)[0].split(":", 1)[0]
