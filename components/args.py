"""What components are told, where it is the same for several of them."""

import dataclasses
from collections.abc import Mapping

from .platform import workload


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """What every service is told."""

    image: str
    """Full reference, registry and tag included."""
    resources: workload.Resources
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further variables of the container, never secret; they win over the component's own."""
    placement: workload.Placement = workload.ANYWHERE
    """Which nodes may run it; default: any."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What a service that has data is told about its volume."""

    size: str | None
    """Kubernetes quantity (``10Gi``); ``None``: nothing is kept, the data goes with its container."""
    storage_class: str | None = None
    """``None``: the cluster's default class."""
    access_mode: str = "ReadWriteOnce"
    existing: str | None = None
    """Claim (Kubernetes) or volume (Docker) of this name, made by somebody else, to keep the data in."""
    sub_path: str | None = None
    """Folder of the volume that holds the data; ``None``: the volume's root, or what the platform takes."""
    retain: bool = True
    """Keep the data when the stack is destroyed."""

    def volume(self, name: str, *paths: str) -> workload.Volume:
        """A claimed volume for ``paths``."""
        return workload.Volume(
            name=name,
            paths=paths,
            size=self.size,
            storage_class=self.storage_class,
            access_mode=self.access_mode,
            existing=self.existing,
            sub_path=self.sub_path,
            retain=self.retain,
        )
