"""What the parts of a party have in common: what they stand on, and what they offer to fateflow and to peers."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import pulumi

from . import mysql
from .platform import workload


@dataclasses.dataclass(frozen=True, kw_only=True)
class Foundation:
    """What a party has before its engine and transport come."""

    site: str
    """Name of the site (``fate-9999``); prefix of every Pulumi name."""
    party_id: int
    platform: workload.Platform
    mysql: mysql.MySQL
    """The database that eggroll and fateflow share."""
    service_conf: pulumi.Output[str]
    """FATE's own configuration, as fateflow reads it. It holds a password: secret."""
    worker_conf: pulumi.Output[str]
    """The same for workers, who run FATE's code but admit no jobs: the number of nodes is left out of account, so
    that scaling does not restart them. Secret."""


class Part(Protocol):
    """An engine, store or transport of a party."""

    ready: Sequence[workload.Running]
    """What fateflow waits for."""
    client_files: Sequence[workload.File]
    """What fateflow must have to use this part."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """What other sites dial, by the name of the service."""


PartFactory = Callable[[Foundation, pulumi.ResourceOptions], Part]
"""Makes a part on a foundation; a backend is a row of these."""
