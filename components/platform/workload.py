"""What a service of a FATE site is, said without naming a platform.

Components build these descriptions with plain functions; ``kubernetes.py`` and ``docker.py`` turn them into
resources. Nothing here knows either of them, and neither of them knows a component.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pulumi

from . import capacity
from .needs import ANYWHERE as ANYWHERE
from .needs import Placement as Placement
from .needs import Resources as Resources


class Audience(enum.Enum):
    """Who dials a port; it alone decides how far the port is exposed."""

    SITE = "site"
    """Only the services of the same site."""
    PEERS = "peers"
    """Other organisations' sites."""
    OPERATORS = "operators"
    """People with a browser or a client; never published beyond loopback unless the user asks for it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Port:
    """A TCP port that a workload listens on."""

    name: str
    """At most 15 characters of ``a-z0-9-``, unique in the workload (the Kubernetes rule for port names)."""
    number: int
    audience: Audience = Audience.SITE


@dataclasses.dataclass(frozen=True, kw_only=True)
class File:
    """A file that is put in with the container; another content means another container."""

    path: str
    """Absolute path inside the container."""
    content: pulumi.Input[str]
    secret: bool = False
    """Readable by the container's own user only, kept in a Secret, encrypted in state."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LiveFolder:
    """A folder whose files change while the workload runs, without restarting it (route tables)."""

    name: str
    """Unique in the site."""
    path: str
    """Absolute path of the folder; nothing else may live in it."""
    files: Mapping[str, pulumi.Input[str]]
    """File name to content; never secret."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Volume:
    """Folders that outlive their container."""

    name: str
    """Unique in the workload."""
    paths: tuple[str, ...]
    """Absolute paths inside every container of the workload; their last parts differ."""
    size: str | None = None
    """Kubernetes quantity to claim (``10Gi``); ``None``: scratch space that the workload's containers share."""
    storage_class: str | None = None
    """``None``: the cluster's default class. Docker has no classes."""
    access_mode: str = "ReadWriteOnce"
    """One pod writes; what every storage class can do."""
    existing: str | None = None
    """Claim (Kubernetes) or volume (Docker) that somebody else made and nobody here removes; ``None``: our own.
    ``size``, ``storage_class``, ``access_mode`` and ``retain`` mean nothing then."""
    sub_path: str | None = None
    """Folder of the volume below which ``paths`` lie; ``None``: directly below its root. Docker mounts whole volumes
    and refuses it."""
    retain: bool = True
    """Keep the data when the stack is destroyed; the next ``up`` finds it again. Scratch space is never kept."""

    @property
    def scratch(self) -> bool:
        """Whether the space goes with its pod or stack."""
        return self.size is None and self.existing is None

    @property
    def claimed(self) -> bool:
        """Whether space is asked for that is this site's own."""
        return self.size is not None and self.existing is None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Probe:
    """How a container is asked whether it serves: a command run inside it, the same on every platform."""

    command: tuple[str, ...]
    """Exits 0 when the service answers as its clients need it."""
    start_seconds: int = 300
    """Time to the first good answer: room for a first start that initialises data."""
    timeout_seconds: int = 10
    """A busy host answers late; being late is not being dead."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Container:
    """One process of a workload."""

    name: str
    image: str
    """Full reference, registry and tag included."""
    command: tuple[str, ...] | None = None
    """Replaces the image's entry point and arguments; ``None`` keeps them."""
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Plain values. A secret is a ``File``, never a variable: variables are shown by every inspect command."""
    files: tuple[File, ...] = ()
    resources: Resources | None = None
    probe: Probe | None = None
    capabilities: tuple[str, ...] = ()
    """Linux capabilities to add, without the ``CAP_`` prefix."""
    user: int | None = None
    """Numeric user it runs as; ``None``: the image's own. One that is given and not root can read the container's
    files, secret ones included; where it is the main container's, the volumes belong to it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workload:
    """A service of the site: containers that live and die together, under the name that the others dial."""

    name: str
    containers: tuple[Container, ...]
    """The first is the service itself and carries the probe; the rest are its companions."""
    steps: tuple[Container, ...] = ()
    """Run to completion, in order, before the containers start. A step may run again, so it is idempotent."""
    ports: tuple[Port, ...] = ()
    volumes: tuple[Volume, ...] = ()
    live: LiveFolder | None = None
    replicas: int = 1
    placement: Placement = ANYWHERE
    stable: bool = False
    """Each replica keeps a name and its volumes: for whatever has data."""
    scales: bool = False
    """Whether replicas of a stable workload may be added later. They then find each other by name, and an existing
    claim that they share has a folder for each, the first one's included, so that adding some moves no data."""

    def __post_init__(self) -> None:
        if not self.stable and any(volume.claimed for volume in self.volumes):
            raise ValueError(f"workload {self.name} has data, so it must be stable")

    @property
    def main(self) -> Container:
        """The container that is the service."""
        return self.containers[0]

    @property
    def request(self) -> capacity.Request:
        """What one replica asks of where it runs. Its steps run before it and weigh less."""
        asked = [container.resources for container in self.containers if container.resources]
        return capacity.Request(
            name=self.name,
            cores=sum(each.cpu for each in asked),
            memory=sum(each.memory for each in asked),
            core_limit=max((each.cpu_limit or 0 for each in asked), default=0),
            replicas=self.replicas,
        )

    def port(self, name: str) -> Port:
        """The port called ``name``; ``KeyError`` when there is none."""
        for port in self.ports:
            if port.name == name:
                return port
        raise KeyError(f"workload {self.name} has no port {name}")

    def audience(self, audience: Audience) -> tuple[Port, ...]:
        """The ports that ``audience`` dials, in order."""
        return tuple(port for port in self.ports if port.audience is audience)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where somebody outside the site's own network dials a port."""

    host: str | None
    """``None`` while nobody has said or assigned an address."""
    port: int | None
    """``None`` while the platform has not assigned one."""
    how: str | None = None
    """Command that makes the address answer, or finds it, where dialling it is not enough."""
    tls: bool = False
    """Whether it must be spoken to with TLS: by a browser, or mutually by peers."""
    path: str = "/"
    """Where a browser starts."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Running:
    """A workload that a platform runs (or, with no resources, one that somebody else runs)."""

    name: str
    """The host name that the site's services dial."""
    port: int
    """The port that others wait for before they start."""
    resources: tuple[pulumi.Resource, ...] = ()
    """Everything that must be there and ready before a dependent starts."""
    endpoints: Mapping[str, pulumi.Output[Endpoint]] = dataclasses.field(default_factory=dict)
    """Port name to outside address, for every port of audience ``PEERS`` or ``OPERATORS``."""


def plain(endpoints: Mapping[str, pulumi.Output[Endpoint]]) -> dict[str, pulumi.Output[Any]]:
    """``endpoints`` as data, for a component's outputs."""
    return {service: where.apply(dataclasses.asdict) for service, where in endpoints.items()}


class Platform(Protocol):
    """Turns workloads into resources. One instance serves one site."""

    @property
    def provider(self) -> pulumi.ProviderResource:
        """The provider that every resource of the site inherits."""
        ...

    @property
    def workloads(self) -> Sequence[Workload]:
        """What has been run, in order."""
        ...

    def capacity(self) -> capacity.Capacity | None:
        """What there is to run on; ``None`` outside a preview, or when it cannot be asked."""
        ...

    def open(self, parent: pulumi.Resource) -> None:
        """Create, below ``parent``, what all workloads share; once, before the first ``run``."""
        ...

    def run(self, workload: Workload, *, parent: pulumi.Resource, after: Sequence[Running] = ()) -> Running:
        """Create ``workload`` below ``parent``, started once everything in ``after`` is ready."""
        ...
