"""What components are told, where it is the same for several of them."""

import dataclasses

from .platform import workload


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """What every service is told."""

    image: str
    """Full reference, registry and tag included."""
    resources: workload.Resources


@dataclasses.dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What a service that has data is told about its volume."""

    size: str
    """Kubernetes quantity (``10Gi``)."""
    storage_class: str | None = None
    """``None``: the cluster's default class."""
    access_mode: str = "ReadWriteOnce"
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
            retain=self.retain,
        )
