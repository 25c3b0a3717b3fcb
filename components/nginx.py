"""nginx: the router of fateflow's control messages, in front of a Spark party's fateflow or inside an exchange."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import part
from . import trust as trusts
from .args import ServiceArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExistingNginx:
    """A router that somebody else runs; its routes are theirs to keep."""

    host: str
    """Name or address that the site's containers dial."""
    http_port: int = fate.ports.NGINX_HTTP
    grpc_port: int = fate.ports.NGINX_GRPC


@dataclasses.dataclass(frozen=True, kw_only=True)
class NginxArgs(ServiceArgs):
    """What the router has to be told."""

    routes: Mapping[int, fate.nginx.Route] = dataclasses.field(default_factory=dict)
    """Party id to the router that is dialled directly."""
    default_route: fate.nginx.Route | None = None
    """Where messages for all other parties go: the exchange. ``None``: they are refused by name."""
    existing: ExistingNginx | None = None
    """``None``: a router is run. Else nothing is, and only fateflow's configuration is made."""
    trust: trusts.Trust | None = None
    """With it other sites reach the router by mutual TLS only; ``None``: in plain text."""
    broker: fate.Hop | None = None
    """The party's own broker, for which the router takes TLS off what other brokers send; ``None``: it has none."""


def container(args: ServiceArgs, conf: str, trust: trusts.Trust | None = None) -> workload.Container:
    """The server with ``conf``, as ``fate.nginx`` makes it; its routes come in ``live()``."""
    return workload.Container(
        name="nginx",
        image=args.image,
        command=fate.nginx.command(tls=trust is not None),
        environment=args.environment,
        files=(
            workload.File(path=fate.nginx.CONF_PATH, content=conf),
            *trusts.files(trust, fate.nginx.KEY_PAIR),
        ),
        resources=args.resources,
        probe=workload.Probe(command=fate.nginx.probe()),
    )


def live(routes: Mapping[str, pulumi.Input[str]], trust: trusts.Trust | None = None) -> workload.LiveFolder:
    """The folder of ``routes``, as ``fate.nginx`` makes them, and of anchors; they change without a restart."""
    return workload.LiveFolder(name="routes", path=fate.nginx.ROUTES_FOLDER, files={**routes, **trusts.bundle(trust)})


def ports(*, tls: bool = False) -> tuple[workload.Port, ...]:
    """What every router listens on; the first is what others wait for."""
    http, grpc = fate.ports.NGINX_HTTP, fate.ports.NGINX_GRPC
    health = workload.Port(name="health", number=fate.ports.NGINX_HEALTH)
    if not tls:
        return (_for_peers("nginx", http), _for_peers("nginx-grpc", grpc), health)
    return (
        workload.Port(name="http", number=http),
        workload.Port(name="grpc", number=grpc),
        _for_peers("nginx", fate.ports.NGINX_HTTP_TLS),
        _for_peers("nginx-grpc", fate.ports.NGINX_GRPC_TLS),
        health,
    )


def router(args: NginxArgs, site: str, party_id: int) -> workload.Workload:
    """The router of one party as a workload."""
    tls, broker = args.trust is not None, args.broker if args.trust else None
    routes = fate.nginx.routes(owner=party_id, peers=args.routes, default=args.default_route, tls=tls)
    conf = fate.nginx.conf(owner=site)
    if tls:
        conf = fate.nginx.secure_conf(owner=site, party_id=party_id, broker=broker is not None)
    inside = fate.nginx.inside(broker, port=fate.ports.PULSAR_TLS) if broker else {}
    return workload.Workload(
        name="nginx",
        containers=(container(args, conf, args.trust),),
        ports=(*ports(tls=tls), *((_for_peers("pulsar", fate.ports.PULSAR_TLS),) if broker else ())),
        live=live({**routes, **inside}, args.trust),
        placement=args.placement,
    )


def front(args: ServiceArgs, site: str, trust: trusts.Trust) -> workload.Workload:
    """The server that takes mutual TLS off what other sites send to the site's rollsite."""
    rollsite = fate.Hop(host=fate.ROLLSITE_HOST, port=fate.ports.ROLLSITE)
    return workload.Workload(
        name="nginx",
        containers=(container(args, fate.nginx.front_conf(owner=site), trust),),
        ports=(
            _for_peers("rollsite", fate.ports.ROLLSITE_SECURE),
            workload.Port(name="health", number=fate.ports.NGINX_HEALTH),
        ),
        live=live({**fate.nginx.inside(rollsite, port=fate.ports.ROLLSITE_SECURE)}, trust),
        placement=args.placement,
    )


def _for_peers(name: str, number: int) -> workload.Port:
    return workload.Port(name=name, number=number, audience=workload.Audience.PEERS)


class NginxRouter(pulumi.ComponentResource):
    """Carries fateflow's messages between the party and its peers; started before fateflow, which talks through it."""

    ready: Sequence[workload.Running]
    """The router, for fateflow to wait for; none where somebody else runs it."""
    client: part.Client
    """Where fateflow finds the router."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``nginx`` (HTTP) and ``nginx-grpc``: what other parties or their exchange dial; with TLS also ``pulsar``, where
    there is a broker."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None."""
    credentials: Mapping[str, Mapping[str, Any]]
    """None: FATE-Flow's messages carry no login."""

    def __init__(
        self,
        name: str,
        args: NginxArgs,
        foundation: part.Foundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fate:transport:NginxRouter", name, {}, opts)
        there = args.existing
        if there is None:
            running = foundation.platform.run(router(args, foundation.site, foundation.party_id), parent=self)
            self.ready, self.peers = (running,), trusts.shown(running.endpoints, args.trust)
            self.client = part.Client(blocks=fate.nginx.block())
        else:
            self.ready = ()
            self.peers = {
                "nginx": pulumi.Output.from_input(workload.Endpoint(host=there.host, port=there.http_port)),
                "nginx-grpc": pulumi.Output.from_input(workload.Endpoint(host=there.host, port=there.grpc_port)),
            }
            self.client = part.Client(
                blocks=fate.nginx.block(host=there.host, http_port=there.http_port, grpc_port=there.grpc_port)
            )
        self.interfaces, self.credentials = {}, {}
        self.register_outputs({"peers": workload.plain(self.peers)})
