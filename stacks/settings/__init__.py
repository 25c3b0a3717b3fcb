"""The public configuration interface: what a user can say about a site, checked and immutable.

``parse`` turns a configuration into ``StackSettings`` or into every mistake in it at once.
"""

from .eggroll_engine import Balancer, ClusterManager, Eggroll, NodeManager, Polling, Rollsite, Upstream
from .exposure import SHOWN, HostPorts, NodePorts, Shown
from .jobs import JobDefaults, Serving, ZooKeeper
from .parse import KEYS, SECTIONS, Invalid, parse
from .platforms import Advertise, Docker, Images, Kubernetes
from .problems import Problem
from .references import Endpoint, LinkFile, SiteReference, StackReference
from .running import own_services
from .services import Fateboard, Fateflow, Mysql, MysqlExisting, Notebook
from .shared import (
    Ingress,
    OperatorService,
    PeerService,
    Placement,
    Resources,
    Service,
    Storage,
    Toleration,
    resources,
    storage,
)
from .spark_engine import (
    Datanode,
    Hdfs,
    HdfsExisting,
    Hive,
    Namenode,
    Spark,
    SparkDriver,
    SparkExisting,
    SparkMaster,
    SparkWorker,
)
from .stack import StackSettings
from .transports import Nginx, NginxExisting, Pulsar, PulsarExisting, RabbitMQ, RabbitMQExisting
from .vocabulary import (
    DEPLOYABLE,
    FATE_VERSIONS,
    NAMESPACE,
    AccessMode,
    Algorithm,
    Backend,
    Device,
    Expose,
    LogLevel,
    Platform,
    PullPolicy,
    Role,
)

__all__ = [
    "DEPLOYABLE",
    "FATE_VERSIONS",
    "KEYS",
    "NAMESPACE",
    "SECTIONS",
    "SHOWN",
    "AccessMode",
    "Advertise",
    "Algorithm",
    "Backend",
    "Balancer",
    "ClusterManager",
    "Datanode",
    "Device",
    "Docker",
    "Eggroll",
    "Endpoint",
    "Expose",
    "Fateboard",
    "Fateflow",
    "Hdfs",
    "HdfsExisting",
    "Hive",
    "HostPorts",
    "Images",
    "Ingress",
    "Invalid",
    "JobDefaults",
    "Kubernetes",
    "LinkFile",
    "LogLevel",
    "Mysql",
    "MysqlExisting",
    "Namenode",
    "Nginx",
    "NginxExisting",
    "NodeManager",
    "NodePorts",
    "Notebook",
    "OperatorService",
    "PeerService",
    "Placement",
    "Platform",
    "Polling",
    "Problem",
    "PullPolicy",
    "Pulsar",
    "PulsarExisting",
    "RabbitMQ",
    "RabbitMQExisting",
    "Resources",
    "Role",
    "Rollsite",
    "Service",
    "Serving",
    "Shown",
    "SiteReference",
    "Spark",
    "SparkDriver",
    "SparkExisting",
    "SparkMaster",
    "SparkWorker",
    "StackReference",
    "StackSettings",
    "Storage",
    "Toleration",
    "Upstream",
    "ZooKeeper",
    "own_services",
    "parse",
    "resources",
    "storage",
]
