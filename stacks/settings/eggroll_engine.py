"""Settings of backend `eggroll`: its engine, and how its packets reach other sites."""

from typing import Annotated

import pydantic

from . import base, references, shared, texts


class Polling(base.Model):
    """Rollsites that nobody can dial ask one that can be, again and again. Each side is told who polls."""

    client: base.Flag = False
    """Whether this rollsite asks; it asks the one of `exchange`. Default false: it can be dialled."""
    clients: tuple[references.PartyId, ...] = ()
    """Parties that ask this rollsite, so that packets for them wait here. Default: none."""
    concurrency: Annotated[base.Integer, pydantic.Field(ge=1, le=1024)] = 50
    """Requests of one client that may wait at once. Default 50, eggroll's own."""


class Rollsite(shared.Service):
    """Carries federation traffic to and from other sites."""

    resources: shared.Resources = shared.resources(cpu=0.25, memory=1024)
    """Default: 0.25 cores and 1Gi; it streams, and holds one batch of each transfer in memory."""
    service: shared.PeerService = shared.PeerService()
    """Options of the Kubernetes Service that other sites dial."""
    polling: Polling = Polling()
    """For sites without a port that others can dial."""


class Upstream(base.Model):
    """One of several rollsites that stand for each other."""

    host: texts.ServerHost
    """Host name or IP address to dial."""
    port: base.PortNumber = 9370
    """Port to dial. Default 9370, rollsite's own."""
    tls: base.Flag = True
    """Whether it is encrypted and both sides prove who they are. Default true: plain text has to be asked for."""


class Front(shared.Service):
    """The nginx that takes TLS off in front of rollsite."""

    resources: shared.Resources = shared.resources(cpu=0.1, memory=128)
    """Default: 0.1 cores and 128Mi; it passes streams on."""
    placement: shared.Placement = shared.Placement()
    """Which nodes may run it. Default: those of rollsite."""


class Balancer(shared.Service):
    """An nginx that spreads what goes to the exchange over several rollsites of it, so that one may fail."""

    upstreams: tuple[Upstream, ...] = ()
    """Rollsites of the exchange, `host`, `port` and `tls` of each. Default: none, and no balancer."""
    resources: shared.Resources = shared.resources(cpu=0.1, memory=128)
    """Default: 0.1 cores and 128Mi; it passes streams on."""


class ClusterManager(shared.Service):
    """Keeps eggroll's sessions and the metadata of its tables, in MySQL."""

    resources: shared.Resources = shared.resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi; it handles metadata only."""


class NodeManager(shared.Service):
    """Stores and computes: each has its own volume and starts its own processors."""

    replicas: Annotated[base.Integer, pydantic.Field(ge=1, le=256)] = 1
    """How many there are. Default 1: one machine's worth; more spread data and work over more machines."""
    processors_per_node: Annotated[base.Integer, pydantic.Field(ge=1, le=1024)] | None = None
    """Processes each starts for a job. Default: `computeCores` shared among the replicas, rounded up."""
    resources: shared.Resources = shared.resources(cpu=0.5, memory=2048)
    """Default: 0.5 cores and 2Gi, what a small job needs; idle cores are used beyond that."""
    storage: shared.Storage = shared.storage("20Gi")
    """Tables of uploaded data and of running jobs. Default 20Gi."""


class Eggroll(base.Model):
    """The engine of backend `eggroll`."""

    rollsite: Rollsite = Rollsite()
    """Carries federation traffic."""
    nginx: Front = Front()
    """Takes TLS off in front of rollsite; other sites dial it."""
    balancer: Balancer = Balancer()
    """Spreads traffic over several rollsites of the exchange."""
    clustermanager: ClusterManager = ClusterManager()
    """Manages the nodes."""
    nodemanager: NodeManager = NodeManager()
    """Stores and computes."""
