"""What a workload needs of the machines that may run it."""

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placement:
    """Which nodes may run a workload, in Kubernetes' words; a single host has no choice to make."""

    node_selector: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Labels that a node must have."""
    tolerations: tuple[Mapping[str, Any], ...] = ()
    """Taints that are put up with, as in a pod (``{"key": ..., "operator": ..., "effect": ...}``)."""
    affinity: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Affinity as in a pod (``{"nodeAffinity": ...}``)."""


ANYWHERE = Placement()
"""Any node."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resources:
    """What a container is promised and what it may not exceed."""

    cpu: float
    """Cores requested."""
    memory: int
    """MiB requested."""
    cpu_limit: float | None = None
    """Cores at most; ``None``: as many as are idle."""
    memory_limit: int | None = None
    """MiB at most; ``None``: unbounded."""
    gpus: int = 0
    """NVIDIA GPUs, whole ones. Docker gives a container all that the host has, or none."""
