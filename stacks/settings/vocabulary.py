"""The words a configuration is made of: what a key may be set to, and which keys belong where."""

import enum
from collections.abc import Mapping
from typing import Final, Literal

NAMESPACE: Final = "fate"
"""Pulumi's namespace of every key: the name of the project."""


class Role(enum.StrEnum):
    """What a site is for."""

    PARTY = "party"
    EXCHANGE = "exchange"


class Platform(enum.StrEnum):
    """Where a site runs."""

    KUBERNETES = "kubernetes"
    DOCKER = "docker"


class Backend(enum.StrEnum):
    """Engines for computing, storage and transport that go together."""

    EGGROLL = "eggroll"
    SPARK_RABBITMQ = "spark_rabbitmq"
    SPARK_PULSAR = "spark_pulsar"
    SPARK_LOCAL_PULSAR = "spark_local_pulsar"


class Transport(enum.StrEnum):
    """What an exchange carries."""

    ROLLSITE = "rollsite"
    PULSAR = "pulsar"


class Expose(enum.StrEnum):
    """Kind of Kubernetes Service that carries the ports other sites dial."""

    LOAD_BALANCER = "LoadBalancer"
    NODE_PORT = "NodePort"
    CLUSTER_IP = "ClusterIP"


class PullPolicy(enum.StrEnum):
    """When an image is pulled."""

    IF_NOT_PRESENT = "IfNotPresent"
    ALWAYS = "Always"
    NEVER = "Never"


class Algorithm(enum.StrEnum):
    """Which of FATE's image flavours is run: each adds algorithms to the one before."""

    BASIC = "basic"
    NN = "nn"
    ALL = "all"


class Device(enum.StrEnum):
    """Which hardware FATE's images are built for."""

    CPU = "cpu"
    GPU = "gpu"
    IPCL = "ipcl"


class LogLevel(enum.StrEnum):
    """How much a service logs."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class AccessMode(enum.StrEnum):
    """How many nodes may mount a volume."""

    READ_WRITE_ONCE = "ReadWriteOnce"
    READ_WRITE_ONCE_POD = "ReadWriteOncePod"
    READ_WRITE_MANY = "ReadWriteMany"


FATE_VERSIONS: Final = ("1.11.2",)
"""FATE versions that a site can be deployed with."""

RESERVED_PARTY_IDS: Final[Mapping[int, str]] = {0: "FATE takes party 0 for a job of its own local role"}
"""Party ids that FATE gives a meaning of its own, with the reason."""

LARGEST_PARTY_ID: Final = 2**31 - 1
"""FATE's engines carry a party id as a signed 32-bit integer."""

_SPARK_CLUSTER: Final = (Backend.SPARK_RABBITMQ, Backend.SPARK_PULSAR)
_PULSAR: Final = (Backend.SPARK_PULSAR, Backend.SPARK_LOCAL_PULSAR)

BACKENDS_OF: Final[Mapping[str, tuple[Backend, ...]]] = {
    "eggroll": (Backend.EGGROLL,),
    "spark": _SPARK_CLUSTER,
    "hdfs": _SPARK_CLUSTER,
    "rabbitmq": (Backend.SPARK_RABBITMQ,),
    "pulsar": _PULSAR,
    "hive": _SPARK_CLUSTER,
    "nginx": (Backend.SPARK_RABBITMQ, *_PULSAR),
}
"""Sections that mean something under some backends only."""

Carrier = Literal["rollsite", "rabbitmq", "pulsar"]
"""What carries a site's traffic to others; sites meet only over one."""

CARRIED_BY: Final[Mapping[Backend | Transport, Carrier]] = {
    Backend.EGGROLL: "rollsite",
    Backend.SPARK_RABBITMQ: "rabbitmq",
    Backend.SPARK_PULSAR: "pulsar",
    Backend.SPARK_LOCAL_PULSAR: "pulsar",
    Transport.ROLLSITE: "rollsite",
    Transport.PULSAR: "pulsar",
}
"""Carrier of a party's backend, or of an exchange's transport."""

TRANSPORT_PORTS: Final[Mapping[str, int]] = {"rollsite": 9370, "rabbitmq": 5672, "pulsar": 6650}
"""Ports on which a party's transport listens for other sites, its own numbers."""

EXCHANGE_PULSAR_PORT: Final = 443
"""Port on which an exchange takes what is for brokers: the one of FATE's guide, and the one that firewalls let out."""

TRANSPORT_OF: Final[Mapping[str, Transport]] = {"eggroll": Transport.ROLLSITE, "nginx": Transport.PULSAR}
"""Sections of an exchange's one service, by the transport that needs it."""

REQUIRED: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.PARTY: ("partyId", "backend"),
    Role.EXCHANGE: ("transport",),
}
"""Keys without which a site of a role cannot be deployed."""

ROLE_OF: Final[Mapping[str, Role]] = {
    **dict.fromkeys(
        (
            "partyId", "backend", "computeCores", "retainData", "exchange", "peers", "spark", "hdfs", "hive",
            "rabbitmq", "pulsar", "mysql", "fateflow", "fateboard", "notebook", "eggroll.balancer",
            "eggroll.clustermanager", "eggroll.nodemanager", "eggroll.rollsite.polling.client", "nginx.existing",
        ),
        Role.PARTY,
    ),
    **dict.fromkeys(("name", "transport", "parties"), Role.EXCHANGE),
}  # fmt: skip
"""Keys that mean something for one role only."""

PLATFORM_OF: Final[Mapping[str, Platform]] = {
    "kubernetes": Platform.KUBERNETES,
    "images.pullPolicy": Platform.KUBERNETES,
    "images.pullSecrets": Platform.KUBERNETES,
    "docker": Platform.DOCKER,
}
"""Keys that mean something on one platform only."""
