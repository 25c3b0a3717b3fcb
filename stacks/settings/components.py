"""Settings of the services a party is made of."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated

import pydantic

from . import base, quantity, vocabulary


def _password(value: pydantic.SecretStr) -> pydantic.SecretStr:
    text = value.get_secret_value()
    if len(text) < 8:
        raise base.wrong("is shorter than 8 characters; choose a longer one, or remove it to have one generated")
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise base.wrong("has a space, control or non-ASCII character, which not every service takes; choose another")
    if set(text) & set("'\"\\$#{}"):
        raise base.wrong(
            "has a quote, a backslash, $, #, { or }, which configuration files read as more than a letter; "
            "choose another"
        )
    return value


def _user_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value):
        raise base.wrong("is no user name: at most 64 letters, digits, '_', '.' and '-'")
    return value


def _cidr(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise base.wrong("is no network in CIDR form with its host bits zero, such as 203.0.113.0/24") from None
    return value


Password = Annotated[pydantic.SecretStr, pydantic.AfterValidator(_password), base.Kind("secret text")]
"""At least 8 printable ASCII characters without quotes, backslash, $, #, { and }; a secret."""


class Resources(base.Model):
    """What one replica of a service is promised and what it may not exceed."""

    cpu: quantity.Cores
    """Cores requested: a Kubernetes quantity (`500m`, `2`). Docker knows limits only, so it has no effect there."""
    memory: quantity.Memory
    """Memory requested, written with its unit (`512Mi`, `2Gi`); MiB in Python. Docker knows limits only."""
    cpu_limit: quantity.Cores | None = None
    """Cores at most. Default: as many as are idle, because a throttled service answers its probes late."""
    memory_limit: quantity.Memory | None = None
    """Memory at most, with its unit. Default: unbounded, because a killed service fails jobs hours into them."""

    def as_config(self) -> dict[str, object]:
        """The configuration that gives these resources, with memory in its unit again."""
        memory = {"memory": self.memory, "memoryLimit": self.memory_limit}
        return super().as_config() | {key: f"{mib}Mi" for key, mib in memory.items() if mib is not None}

    @pydantic.model_validator(mode="after")
    def _requests_within_limits(self) -> "Resources":
        over = [
            f"{name} {wanted:g} {unit} is above {name}Limit {limit:g} {unit}"
            for name, wanted, limit, unit in (
                ("cpu", self.cpu, self.cpu_limit, "cores"),
                ("memory", self.memory, self.memory_limit, "MiB"),
            )
            if limit is not None and wanted > limit
        ]
        if over:
            raise base.wrong(f"{' and '.join(over)}; lower the request or raise the limit")
        return self


class Storage(base.Model):
    """The volume in which a service keeps its data."""

    size: quantity.Disk
    """Disk space to claim, with its unit (`10Gi`). Docker does not limit volumes, so it has no effect there."""
    storage_class: str | None = None
    """Kubernetes StorageClass. Default: `kubernetes.storageClass`, else the cluster's own default."""
    access_mode: vocabulary.AccessMode = vocabulary.AccessMode.READ_WRITE_ONCE
    """How many nodes may mount the volume. Default `ReadWriteOnce`: every service writes its data from one pod."""
    retain: base.Flag | None = None
    """Whether the data outlives `pulumi destroy`. Default: `retainData` of the stack."""


def resources(cpu: float, memory: int) -> Resources:
    """Default resources: ``cpu`` cores and ``memory`` MiB requested, nothing limited."""
    return Resources.model_construct(cpu=cpu, memory=memory)


def storage(size: str) -> Storage:
    """Default storage of ``size``, a Kubernetes quantity."""
    return Storage.model_construct(size=size)


class PeerService(base.Model):
    """How Kubernetes hands out the address that other sites dial."""

    type: vocabulary.Expose | None = None
    """Kind of Service. Default: `kubernetes.expose`."""
    annotations: Mapping[str, str] = pydantic.Field(default_factory=dict)
    """Annotations of the Service, as cloud load balancers and MetalLB ask for them. Default: none."""
    load_balancer_ip: str | None = pydantic.Field(default=None, alias="loadBalancerIP")
    """Address to ask the load balancer for. Default: any."""
    source_ranges: tuple[Annotated[str, pydantic.AfterValidator(_cidr)], ...] = ()
    """CIDRs that a load balancer admits. Default: everybody, because others' addresses are not known here."""


class Rollsite(base.Model):
    """Carries federation traffic to and from other sites."""

    resources: Resources = resources(cpu=0.25, memory=1024)
    """Default: 0.25 cores and 1Gi; it streams, and holds one batch of each transfer in memory."""
    service: PeerService = PeerService()
    """Options of the Kubernetes Service that other sites dial."""


class ClusterManager(base.Model):
    """Keeps eggroll's sessions and the metadata of its tables, in MySQL."""

    resources: Resources = resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi; it handles metadata only."""


class NodeManager(base.Model):
    """Stores and computes: each has its own volume and starts its own processors."""

    replicas: Annotated[base.Integer, pydantic.Field(ge=1, le=256)] = 1
    """How many there are. Default 1: one machine's worth; more spread data and work over more machines."""
    processors_per_node: Annotated[base.Integer, pydantic.Field(ge=1, le=1024)] | None = None
    """Processes each starts for a job. Default: `computeCores` shared among the replicas, rounded up."""
    resources: Resources = resources(cpu=0.5, memory=2048)
    """Default: 0.5 cores and 2Gi, what a small job needs; idle cores are used beyond that."""
    storage: Storage = storage("20Gi")
    """Tables of uploaded data and of running jobs. Default 20Gi."""


class Eggroll(base.Model):
    """The engine of backend `eggroll`."""

    rollsite: Rollsite = Rollsite()
    """Carries federation traffic."""
    clustermanager: ClusterManager = ClusterManager()
    """Manages the nodes."""
    nodemanager: NodeManager = NodeManager()
    """Stores and computes."""


class Mysql(base.Model):
    """The database of eggroll's metadata and of fateflow's jobs."""

    password: Password | None = None
    """Password of the user `fate`. Default: generated."""
    resources: Resources = resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi; it holds metadata, never training data."""
    storage: Storage = storage("10Gi")
    """Default 10Gi: metadata of years of jobs."""


class Fateflow(base.Model):
    """The scheduler of jobs, and the API that clients call."""

    log_level: vocabulary.LogLevel = vocabulary.LogLevel.INFO
    """Least severe message that is logged. Default `INFO`, FATE's own."""
    resources: Resources = resources(cpu=0.25, memory=2048)
    """Default: 0.25 cores and 2Gi; it runs the coordinating process of every task itself."""
    storage: Storage = storage("10Gi")
    """Jobs, logs and trained models: without it a restart would lose them. Default 10Gi."""


class Fateboard(base.Model):
    """The page that shows jobs and their results."""

    username: Annotated[str, pydantic.AfterValidator(_user_name)] = "admin"
    """Name to log in with. Default `admin`, FATE's own."""
    password: Password | None = None
    """Password to log in with. Default: generated."""
    resources: Resources = resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi, enough for its JVM."""


class Notebook(base.Model):
    """A Jupyter notebook with FATE's client, to submit jobs from."""

    enabled: base.Flag = True
    """Whether there is one. Default true: it is the shortest way to a first job."""
    password: Password | None = None
    """Password to log in with. Default: generated."""
    resources: Resources = resources(cpu=0.1, memory=1024)
    """Default: 0.1 cores and 1Gi, enough for a client that submits jobs."""
    storage: Storage = storage("5Gi")
    """The user's notebooks. Default 5Gi."""
