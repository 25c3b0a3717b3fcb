"""What the parts of a party have in common: what they stand on, and what they offer to fateflow and to peers."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import pulumi

from . import mysql
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class Foundation:
    """What a party has before its engine and transport come."""

    site: str
    """Name of the site (``fate-9999``); prefix of every Pulumi name."""
    party_id: int
    platform: workload.Platform
    mysql: mysql.MySQL
    """The database that eggroll and fateflow share."""
    engines: fate.Engines
    """What the party computes, talks and stores with."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Client:
    """What fateflow must have to use a part."""

    blocks: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Blocks of service_conf.yaml by key, as the version module makes them (``{"fate_on_spark": {"spark": ...}}``);
    blocks of several parts are merged, level by level. Values may be outputs, and secret ones."""
    files: Sequence[workload.File] = ()
    routes: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    """Route tables by file name; they lie in ``fate.ROUTE_TABLES_FOLDER`` and change while fateflow runs."""
    steps: Sequence[workload.Container] = ()
    """What must end well before fateflow starts."""
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further variables of fateflow's container."""
    data_paths: Sequence[str] = ()
    """Further folders that fateflow must find again after a restart."""
    ports: Sequence[workload.Port] = ()
    """Further ports of fateflow: what it starts for jobs listens there."""


class Part(Protocol):
    """An engine, store or transport of a party."""

    ready: Sequence[workload.Running]
    """What fateflow waits for."""
    client: Client
    """What fateflow must have to use this part."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """What other sites dial, by the name of the service."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """What people open in a browser, by the name of the service."""
    credentials: Mapping[str, Mapping[str, Any]]
    """User names and passwords, by the name of the service; passwords are secret outputs."""


PartFactory = Callable[[Foundation, pulumi.ResourceOptions], Part]
"""Makes a part on a foundation; a backend is a row of these."""


def service_conf(foundation: Foundation, clients: Sequence[Client], serving: fate.Serving | None) -> pulumi.Output[str]:
    """FATE's own configuration for a site whose parts offer ``clients``. It holds a password: secret."""
    database = foundation.mysql

    def written(seen: Mapping[str, Any]) -> str:
        return fate.service_conf(
            party_id=foundation.party_id,
            engines=foundation.engines,
            database=database.database(seen["password"]),
            blocks=seen["blocks"],
            serving=serving,
        )

    return pulumi.Output.all(password=database.password, blocks=[each.blocks for each in clients]).apply(written)
