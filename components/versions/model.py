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
class KeyPair:
    """Where a server reads what it shows to others."""

    certificate: str
    """Absolute path of a PEM file."""
    key: str
    """Absolute path of a PEM file in PKCS#8; its owner alone may read it."""


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Polling:
    """How a rollsite that nobody can dial is reached: it asks a rollsite that can be, again and again."""

    client: bool = False
    """Whether this rollsite asks, always the one of its default route."""
    clients: tuple[int, ...] = ()
    """Parties that ask this rollsite; packets for them wait here."""
    concurrency: int = 50
    """Requests of one client that may wait at once; eggroll's own default."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobDefaults:
    """What fateflow takes for a job that does not say otherwise. Defaults are FATE's own."""

    auto_retries: int = 0
    """How often a failed task is tried again."""
    auto_retry_delay: int = 1
    """Seconds before that."""
    task_parallelism: int = 1
    """Tasks of one job that run at once."""
    task_cores: int = 4
    """Cores of one task, of all its parties' compute cores together."""
    job_timeout: int = 259200
    """Seconds after which a job is stopped; three days."""
    remote_request_timeout: int = 30000
    """Milliseconds that another party's fateflow may take to answer."""
    federated_command_trys: int = 3
    """How often a command is sent to another party before it counts as lost."""
    resource_waiting_timeout: int = 21600
    """Seconds that a job waits for cores; six hours."""
