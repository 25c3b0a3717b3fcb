"""Eggroll: computing, storage and transport of a party in one engine."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pulumi

from . import mysql, nginx, part
from . import trust as trusts
from .args import ServiceArgs, StorageArgs
from .balancer import BalancerArgs, balancer
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class EggrollArgs:
    """What the engine has to be told."""

    clustermanager: ServiceArgs
    """Like the next two a program of eggroll's one image."""
    nodemanager: ServiceArgs
    rollsite: ServiceArgs
    companion: ServiceArgs
    """fluent-bit, which prints the logs of the egg pairs that a nodemanager starts."""
    storage: StorageArgs
    """Tables of each nodemanager."""
    compute_cores: int
    """Cores that jobs of this party may use together."""
    nodemanagers: int = 1
    """How many nodemanagers share the work."""
    processors_per_node: int = 4
    """Egg pairs that a nodemanager runs for one job."""
    default_route: fate.Hop | None = None
    """Where packets for parties without a route of their own go: the exchange."""
    routes: Mapping[int, fate.Hop] = dataclasses.field(default_factory=dict)
    """Party id to the rollsite that is dialled directly."""
    balancer: BalancerArgs | None = None
    """For an exchange of several rollsites, in place of ``default_route``; ``None``: it has one."""
    polling: fate.Polling | None = None
    """For rollsites that nobody can dial; ``None``: all can be."""
    trust: trusts.Trust | None = None
    """With it other sites reach rollsite by mutual TLS only, which nginx takes off; ``None``: in plain text."""
    front: ServiceArgs | None = None
    """That nginx; needed with ``trust``, meaningless without it."""

    def __post_init__(self) -> None:
        if self.trust is not None and self.front is None:
            raise ValueError("rollsite with TLS has nginx in front of it; say which image that is (front)")


def companion(image: str) -> ServiceArgs:
    """fluent-bit with one input."""
    return ServiceArgs(image=image, resources=workload.Resources(cpu=0.05, memory=32, memory_limit=128))


def clustermanager(args: EggrollArgs, properties: workload.File, schema: workload.Container) -> workload.Workload:
    """The manager of sessions and tables; its tables are made before it starts."""
    return workload.Workload(
        name="clustermanager",
        containers=(
            workload.Container(
                name="clustermanager",
                image=args.clustermanager.image,
                command=fate.clustermanager_command(),
                environment=args.clustermanager.environment,
                files=(properties,),
                resources=args.clustermanager.resources,
                probe=workload.Probe(command=fate.clustermanager_probe()),
            ),
        ),
        steps=(schema,),
        ports=(workload.Port(name="clustermanager", number=fate.ports.CLUSTERMANAGER),),
        placement=args.clustermanager.placement,
    )


def nodemanager(args: EggrollArgs, files: Sequence[workload.File]) -> workload.Workload:
    """The workers: each starts egg pairs, keeps their tables, and has a companion that prints their logs."""
    return workload.Workload(
        name="nodemanager",
        containers=(
            workload.Container(
                name="nodemanager",
                image=args.nodemanager.image,
                command=fate.nodemanager_command(),
                environment=args.nodemanager.environment,
                files=tuple(files),
                resources=args.nodemanager.resources,
                probe=workload.Probe(command=fate.nodemanager_probe()),
                capabilities=fate.NODEMANAGER_CAPABILITIES,
            ),
            workload.Container(
                name="eggrollpair",
                image=args.companion.image,
                files=(workload.File(path=fate.LOG_TAIL_PATH, content=fate.log_tail_conf()),),
                resources=args.companion.resources,
            ),
        ),
        ports=(workload.Port(name="nodemanager", number=fate.ports.NODEMANAGER),),
        volumes=(
            args.storage.volume("data", fate.EGGROLL_DATA_PATH),
            workload.Volume(name="logs", paths=(fate.EGGROLL_LOGS_PATH,)),
        ),
        replicas=args.nodemanagers,
        placement=args.nodemanager.placement,
        stable=True,
        scales=True,
    )


def rollsite(args: EggrollArgs, properties: workload.File, party_id: int) -> workload.Workload:
    """The router between parties; its table changes while it runs."""
    polled = args.polling.clients if args.polling else ()
    default = fate.balancer.HOP if args.balancer else args.default_route
    table = fate.route_table(party_id=party_id, default=default, peers=args.routes, polled=polled)
    return workload.Workload(
        name="rollsite",
        containers=(
            workload.Container(
                name="rollsite",
                image=args.rollsite.image,
                command=fate.rollsite_command(),
                environment=args.rollsite.environment,
                files=(properties, *trusts.files(args.trust, fate.ROLLSITE_KEY_PAIR)),
                resources=args.rollsite.resources,
                probe=workload.Probe(command=fate.rollsite_probe()),
            ),
        ),
        ports=(rollsite_port(args.trust),),
        live=route_table(table, args.trust),
        placement=args.rollsite.placement,
    )


def rollsite_port(trust: trusts.Trust | None) -> workload.Port:
    """What rollsite listens on, always in plain text: for other sites, unless nginx takes TLS off in front of it."""
    audience = workload.Audience.SITE if trust else workload.Audience.PEERS
    return workload.Port(name="rollsite", number=fate.ports.ROLLSITE, audience=audience)


def route_table(table: str, trust: trusts.Trust | None) -> workload.LiveFolder:
    """What changes while rollsite runs."""
    files = {fate.ROUTE_TABLE_FILE: table, **trusts.bundle(trust)}
    return workload.LiveFolder(name="route-table", path=fate.ROUTE_TABLE_FOLDER, files=files)


class EggrollEngine(pulumi.ComponentResource):
    """Clustermanager, nodemanagers and rollsite of one party, started in that order."""

    ready: Sequence[workload.Running]
    """All three, and with TLS what stands in front, for fateflow to wait for."""
    client: part.Client
    """eggroll.properties, with which fateflow starts sessions, and the cores by which it admits jobs."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``rollsite``: what other parties or their exchange dial."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None."""
    credentials: Mapping[str, Mapping[str, Any]]
    """None: eggroll asks nobody inside the site who they are."""

    def __init__(
        self,
        name: str,
        args: EggrollArgs,
        foundation: part.Foundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fate:engine:EggrollEngine", name, {}, opts)
        database, run = foundation.mysql, foundation.platform.run

        files = _properties(args, foundation)
        schema = mysql.schema_step(
            database.args,
            database.running,
            fate.eggroll_schema(database=database.args.database),
            database.password,
        )
        manager = run(clustermanager(args, files.managing, schema), parent=self, after=[database.running])
        read = part.service_conf(foundation, [_worker(args)], None)
        conf = workload.File(path=fate.SERVICE_CONF_RESULT_PATH, content=read, secret=True)
        nodes = run(nodemanager(args, (files.plain, conf)), parent=self, after=[manager])
        between = (run(balancer(args.balancer), parent=self),) if args.balancer else ()
        site = run(rollsite(args, files.routing, foundation.party_id), parent=self, after=[nodes, *between])
        before = self._in_front(args, foundation, site)
        self.ready = (manager, nodes, *between, site, *before)
        cores = fate.cores_per_node(args.compute_cores, args.nodemanagers)
        blocks = fate.fate_on_eggroll(cores=cores, nodes=args.nodemanagers)
        self.client = part.Client(blocks=blocks, files=(files.plain,))
        self.peers = trusts.shown((*before, site)[0].endpoints, args.trust)
        self.interfaces, self.credentials = {}, {}
        self.register_outputs({"peers": workload.plain(self.peers)})

    def _in_front(
        self, args: EggrollArgs, foundation: part.Foundation, rollsite: workload.Running
    ) -> tuple[workload.Running, ...]:
        """What takes TLS off before ``rollsite``; nothing in plain text."""
        if args.trust is None or args.front is None:
            return ()
        described = nginx.front(args.front, foundation.site, args.trust)
        return (foundation.platform.run(described, parent=self, after=[rollsite]),)


class _Properties(NamedTuple):
    """eggroll.properties for each kind of reader."""

    plain: workload.File
    routing: workload.File
    managing: workload.File


def _properties(args: EggrollArgs, foundation: part.Foundation) -> _Properties:
    def file(database: fate.Database | None = None, **told: Any) -> str:
        return fate.eggroll_properties(
            party_id=foundation.party_id, coordinator=foundation.site, database=database, **told
        )

    # Of the three only the manager logs in to the database with this file, so only its copy holds the password.
    managing = foundation.mysql.password.apply(
        lambda password: file(foundation.mysql.database(password), processors_per_node=args.processors_per_node)
    )
    return _Properties(
        plain=workload.File(path=fate.EGGROLL_PROPERTIES_PATH, content=file()),
        routing=workload.File(
            path=fate.EGGROLL_PROPERTIES_PATH, content=file(polling=args.polling, tls=args.trust is not None)
        ),
        managing=workload.File(path=fate.EGGROLL_PROPERTIES_PATH, secret=True, content=managing),
    )


def _worker(args: EggrollArgs) -> part.Client:
    """What egg pairs, which import FATE, read as its configuration.

    They admit no jobs: the number of nodes is left out of account, so that scaling does not restart them.
    """
    return part.Client(blocks=fate.fate_on_eggroll(cores=args.compute_cores, nodes=1))
