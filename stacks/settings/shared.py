"""What the settings of all services have in common: image, resources, environment, placement, storage, ways in."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from . import base, quantity, texts, vocabulary


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


VolumeName = Annotated[
    str,
    texts.matching(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{0,252}",
        "is no name of a claim or volume: letters, digits, '_', '.' and '-', no sign first",
    ),
]
"""Name of a claim of Kubernetes or of a volume of Docker."""


def _folder(value: str) -> str:
    if not re.fullmatch(r"[\w.@-]+(/[\w.@-]+)*", value) or {".", ".."} & set(value.split("/")):
        raise base.wrong("is no folder inside a volume, such as fate/mysql: no '/' at the ends, no '.' or '..'")
    return value


class Storage(base.Model):
    """The volume in which a service keeps its data."""

    enabled: base.Flag = True
    """Whether the data is kept. Default true: without, a restart loses it. False is for sites of a day."""
    size: quantity.Disk
    """Disk space to claim, with its unit (`10Gi`). Docker does not limit volumes, so it has no effect there."""
    storage_class: str | None = None
    """StorageClass, on Kubernetes only. Default: `kubernetes.storageClass`, else the cluster's own default."""
    access_mode: vocabulary.AccessMode = vocabulary.AccessMode.READ_WRITE_ONCE
    """How many nodes may mount the volume, on Kubernetes only. Default `ReadWriteOnce`: every service writes its data
    from one pod."""
    existing_claim: VolumeName | None = None
    """Claim of the namespace (Kubernetes) or volume (Docker) that is there already and is never removed. Replicas
    share a claim, each in a folder of its own; on Docker every further replica, and each of several folders, has a
    volume (`data`, `data-1`; `data-jobs`). Default: none, the service gets a volume of its own."""
    sub_path: Annotated[str, pydantic.AfterValidator(_folder)] | None = None
    """Folder of the volume that the data lies in, on Kubernetes only: Docker mounts it whole. Default: its root."""
    retain: base.Flag | None = None
    """Whether the data outlives `pulumi destroy`. Default: `retainData` of the stack."""


class Toleration(base.Model):
    """A taint of nodes that a service puts up with."""

    key: str | None = None
    """Key of the taint. Default: every taint, with operator `Exists`."""
    operator: Literal["Exists", "Equal"] = "Equal"
    """`Exists` takes any value, `Equal` only `value`. Default `Equal`, Kubernetes' own."""
    value: str | None = None
    """Value of the taint, for operator `Equal`."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Effect of the taint. Default: any."""
    toleration_seconds: Annotated[base.Integer, pydantic.Field(ge=0)] | None = None
    """Seconds that a taint `NoExecute` is put up with. Default: for ever."""

    @pydantic.model_validator(mode="after")
    def _means_something(self) -> "Toleration":
        if self.operator == "Exists" and self.value is not None:
            raise base.wrong("operator Exists takes any value; remove value, or set operator: Equal")
        if self.operator == "Equal" and self.key is None:
            raise base.wrong("operator Equal needs key; set it, or set operator: Exists for every taint")
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            raise base.wrong("tolerationSeconds means nothing without effect: NoExecute; set that, or remove it")
        return self

    def manifest(self) -> dict[str, Any]:
        """The toleration as a pod has it."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Placement(base.Model):
    """Which nodes of the cluster may run a service. Only for platform `kubernetes`: a Docker host has no choice."""

    node_selector: Mapping[str, texts.Scalar] = pydantic.Field(default_factory=dict)
    """Labels that a node must have. Default: none."""
    tolerations: tuple[Toleration, ...] = ()
    """Taints that are put up with: `key`, `operator`, `value`, `effect`, `tolerationSeconds`. Default: none."""
    affinity: Mapping[Literal["nodeAffinity", "podAffinity", "podAntiAffinity"], Mapping[str, Any]] = pydantic.Field(
        default_factory=dict
    )
    """Affinity as in a pod: `nodeAffinity`, `podAffinity`, `podAntiAffinity`. Default: none."""


class PeerService(base.Model):
    """How Kubernetes hands out the address that other sites dial. Only for platform `kubernetes`."""

    type: vocabulary.Expose | None = None
    """Kind of Service. Default: `kubernetes.expose`."""
    annotations: Mapping[str, texts.Scalar] = pydantic.Field(default_factory=dict)
    """Annotations of the Service, as cloud load balancers and MetalLB ask for them. Default: none."""
    load_balancer_ip: texts.NonEmpty | None = pydantic.Field(default=None, alias="loadBalancerIP")
    """Address to ask the load balancer for. Default: any."""
    source_ranges: tuple[texts.Cidr, ...] = ()
    """CIDRs that a load balancer admits. Default: everybody, because others' addresses are not known here."""


class OperatorService(PeerService):
    """How Kubernetes hands out the address of a page, beside an Ingress. Only for platform `kubernetes`."""

    type: vocabulary.Expose = vocabulary.Expose.CLUSTER_IP
    """Kind of Service. Default `ClusterIP`: a page is not shown to the world unless you ask for it."""


class Ingress(base.Model):
    """How an Ingress shows a page to browsers. Only for platform `kubernetes`."""

    enabled: base.Flag | None = None
    """Whether there is one. Default: where it has a host name, its own or one below `kubernetes.ingressDomain`."""
    hosts: tuple[texts.HostName, ...] = ()
    """Host names. Default: `<service>.<namespace>.<kubernetes.ingressDomain>`."""
    path: Annotated[str, texts.matching(r"/[A-Za-z0-9_./~-]*", "is no path of a URL, such as / or /board")] = "/"
    """Where the page begins. Default `/`: elsewhere the controller has to rewrite, by an annotation of its own."""
    tls_secret: texts.ObjectName | None = None
    """Secret of the namespace with the certificate of the hosts. Default: none, plain HTTP."""
    annotations: Mapping[str, texts.Scalar] = pydantic.Field(default_factory=dict)
    """Annotations for the controller. Default: none."""
    class_name: texts.NonEmpty | None = pydantic.Field(default=None, alias="class")
    """IngressClass. Default: `kubernetes.ingressClass`."""


def resources(cpu: float, memory: int) -> Resources:
    """Default resources: ``cpu`` cores and ``memory`` MiB requested, nothing limited."""
    return Resources.model_construct(cpu=cpu, memory=memory)


def storage(size: str) -> Storage:
    """Default storage of ``size``, a Kubernetes quantity."""
    return Storage.model_construct(size=size)


class Service(base.Model):
    """What every service is told."""

    image: texts.ImageReference | None = None
    """Image to run, taken as it is, without `images.registry`. Default: the one that follows from `images`."""
    resources: Resources = resources(cpu=0.1, memory=256)
    """What a replica is promised, and may take."""
    environment: Mapping[texts.Variable, texts.Scalar] = pydantic.Field(default_factory=dict)
    """Further variables of the container; they win over the program's own. No secrets: everybody who may inspect a
    container reads them. Default: none."""
    placement: Placement = Placement()
    """Which nodes may run it."""
