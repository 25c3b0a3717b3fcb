"""The public configuration interface: what a user can say about a site, checked and immutable.

``parse`` turns a configuration into ``StackSettings`` or into every mistake in it at once.
"""

from .components import (
    ClusterManager,
    Eggroll,
    Fateboard,
    Fateflow,
    Mysql,
    NodeManager,
    Notebook,
    PeerService,
    Resources,
    Rollsite,
    Storage,
    resources,
    storage,
)
from .parse import KEYS, SECTIONS, Invalid, parse
from .platforms import Advertise, Docker, HostPorts, Images, Kubernetes, NodePorts
from .problems import Problem
from .references import Endpoint, LinkFile, SiteReference, StackReference
from .stack import StackSettings
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
    "AccessMode",
    "Advertise",
    "Algorithm",
    "Backend",
    "ClusterManager",
    "Device",
    "Docker",
    "Eggroll",
    "Endpoint",
    "Expose",
    "Fateboard",
    "Fateflow",
    "HostPorts",
    "Images",
    "Invalid",
    "Kubernetes",
    "LinkFile",
    "LogLevel",
    "Mysql",
    "NodeManager",
    "NodePorts",
    "Notebook",
    "PeerService",
    "Platform",
    "Problem",
    "PullPolicy",
    "Resources",
    "Role",
    "Rollsite",
    "SiteReference",
    "StackReference",
    "StackSettings",
    "Storage",
    "parse",
    "resources",
    "storage",
]
