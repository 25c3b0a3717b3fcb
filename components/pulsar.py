"""Pulsar as the transport of a party: a broker of its own, or one that somebody else runs."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import part
from . import trust as trusts
from .args import ServiceArgs, StorageArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class PulsarExisting:
    """A broker that somebody else runs; fateflow makes tenant, namespaces and peers there."""

    host: str
    """Name or address that fateflow dials."""
    port: int = fate.ports.PULSAR
    management_port: int = fate.ports.PULSAR_HTTP
    """Of the admin API, over plain HTTP: FATE speaks nothing else."""
    cluster: str | None = None
    """The broker's ``clusterName``; ``None``: the party's id, which peers reckon with."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PulsarArgs(ServiceArgs):
    """What the transport has to be told."""

    storage: StorageArgs
    """Messages that wait, and what the broker knows of its peers."""
    topic_ttl: int = 3
    """Minutes that a broker keeps what all receivers have taken; KubeFATE's figure."""
    backlog_quota: int = 10
    """GiB of one topic that may wait for its receiver, after which the sender waits; KubeFATE's figure."""
    inactive_topics: int = 60
    """Seconds between two looks for topics that nobody uses any more; KubeFATE's figure."""
    max_message_size: int = 134_217_728
    """Bytes of the largest message that the broker takes; KubeFATE's 128 MiB."""
    batch_size: int = 1_048_576
    """Bytes of rows that FATE puts into one message; KubeFATE's 1 MiB."""
    tenant: str = fate.pulsar.TENANT
    """All parties of a job must have the same; FATE's own."""
    extra_conf: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further keys of ``standalone.conf``; they win."""
    peers: Mapping[int, fate.pulsar.Broker] = dataclasses.field(default_factory=dict)
    """Party id to the broker that is dialled directly."""
    exchange: fate.pulsar.Exchange | None = None
    """The way to all other parties; ``None``: there are none."""
    existing: PulsarExisting | None = None
    """``None``: a broker is run."""
    trust: trusts.Trust | None = None
    """With it the broker dials others by mutual TLS, and they dial the party's nginx, which takes TLS off; ``None``:
    plain text both ways."""


def broker(args: PulsarArgs, party_id: int) -> workload.Workload:
    """The broker; its peers change while it runs."""
    memory = args.resources.memory_limit or args.resources.memory
    conf = fate.pulsar.conf(
        party_id=party_id,
        backlog_quota=args.backlog_quota,
        inactive_topics=args.inactive_topics,
        max_message_size=args.max_message_size,
        tls=args.trust is not None,
        extra=args.extra_conf,
    )
    clusters = fate.pulsar.clusters(party_id=party_id, peers=args.peers, exchange=args.exchange)
    return workload.Workload(
        name=fate.pulsar.HOST,
        containers=(
            workload.Container(
                name="pulsar",
                image=args.image,
                command=fate.pulsar.command(party_id=party_id),
                environment={**fate.pulsar.environment(memory=memory), **args.environment},
                files=(
                    workload.File(path=fate.pulsar.CONF_PATH, content=conf),
                    *trusts.files(args.trust, fate.pulsar.KEY_PAIR),
                ),
                resources=args.resources,
                probe=workload.Probe(command=fate.pulsar.probe(party_id=party_id)),
                user=fate.pulsar.USER,
            ),
        ),
        ports=_ports(args.trust),
        volumes=(args.storage.volume("data", fate.pulsar.DATA_PATH),),
        live=workload.LiveFolder(
            name="pulsar-clusters",
            path=fate.pulsar.CLUSTERS_FOLDER,
            files={fate.pulsar.CLUSTERS_FILE: clusters, **trusts.bundle(args.trust)},
        ),
        placement=args.placement,
        stable=True,
    )


def _ports(trust: trusts.Trust | None) -> tuple[workload.Port, ...]:
    """Plain text all; with TLS other brokers dial the party's nginx in front."""
    dialled_by = workload.Audience.SITE if trust else workload.Audience.PEERS
    return (
        workload.Port(name="pulsar", number=fate.ports.PULSAR, audience=dialled_by),
        workload.Port(name="pulsar-http", number=fate.ports.PULSAR_HTTP, audience=workload.Audience.OPERATORS),
    )


def client(args: PulsarArgs, party_id: int) -> part.Client:
    """What fateflow reads: where its broker is, and where the others' are."""
    existing = args.existing or PulsarExisting(host=fate.pulsar.HOST)
    own = fate.pulsar.Broker(host=existing.host, port=existing.port)
    table = fate.pulsar.route_table(party_id=party_id, own=own, peers=args.peers, exchange=args.exchange)
    return part.Client(
        blocks=fate.pulsar.block(
            party_id=party_id,
            host=existing.host,
            port=existing.port,
            management_port=existing.management_port,
            cluster=existing.cluster,
            tenant=args.tenant,
            topic_ttl=args.topic_ttl,
            max_message_size=args.batch_size,
        ),
        routes={fate.pulsar.ROUTE_TABLE: table},
    )


class PulsarTransport(pulumi.ComponentResource):
    """Carries the data of jobs between the brokers of parties."""

    ready: Sequence[workload.Running]
    """The broker, unless somebody else runs it."""
    client: part.Client
    """The broker's address and the route table."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``pulsar``: what other parties' brokers dial; none for somebody else's broker, and with TLS, which is nginx's."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``pulsar``: the admin API, which lets everybody in who reaches it."""
    credentials: Mapping[str, Mapping[str, Any]]
    """None: FATE 1.11 gives Pulsar no name and no password."""

    def __init__(
        self,
        name: str,
        args: PulsarArgs,
        foundation: part.Foundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``ValueError`` for too little memory, a party that is its own peer, or a foreign ``clusterName``."""
        super().__init__("fate:transport:PulsarTransport", name, {}, opts)
        self.client = client(args, foundation.party_id)
        self.peers, self.interfaces, self.credentials = {}, {}, {}
        self.ready = ()
        if args.existing is None:
            running = foundation.platform.run(broker(args, foundation.party_id), parent=self)
            self.ready = (running,)
            self.peers = {} if args.trust else {"pulsar": running.endpoints["pulsar"]}
            self.interfaces = {"pulsar": running.endpoints["pulsar-http"]}
        self.register_outputs({"peers": workload.plain(self.peers), "interfaces": workload.plain(self.interfaces)})
