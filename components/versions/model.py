"""What a party tells a version line: the same words for every line of FATE."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Database:
    """How the services of a party log in to their database."""

    host: str
    """Name or address that the party's containers dial."""
    port: int
    name: str
    """The one database that eggroll and fateflow share."""
    user: str
    password: str = dataclasses.field(repr=False)
    """Secret; kept out of ``repr``, so that no message can show it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Engines:
    """What fateflow computes, talks and stores with, in FATE's own words."""

    computing: str
    """``eggroll`` or ``spark``."""
    federation: str
    """``eggroll``, ``rabbitmq`` or ``pulsar``."""
    storage: str
    """``eggroll``, ``hdfs`` or ``localfs``."""
    proxy: str
    """What carries fateflow's control messages between parties: ``rollsite`` or ``nginx``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hop:
    """The next address on the way to a party."""

    host: str
    port: int
    is_secure: bool = False
    """Whether the hop is dialled with TLS; a listener that speaks TLS must stand behind ``port``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Serving:
    """Where a party publishes finished models: FATE-Serving's addresses, or a registry that knows them."""

    hosts: tuple[str, ...] = ()
    """``host:port`` of each serving server."""
    zookeeper_hosts: tuple[str, ...] = ()
    """``host:port`` of each ZooKeeper of the registry; default: no registry is asked."""
    zookeeper_user: str | None = None
    """User of the registry; ``None``: it asks for none."""
    zookeeper_password: str | None = dataclasses.field(default=None, repr=False)
    """Secret; kept out of ``repr``."""
