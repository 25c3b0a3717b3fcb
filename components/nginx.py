"""nginx: the router of fateflow's control messages, in front of a Spark party's fateflow or inside an exchange."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import part
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


def container(args: ServiceArgs, conf: str) -> workload.Container:
    """The server with ``conf``, as ``fate.nginx.conf()`` makes it; its routes come in ``live()``."""
    return workload.Container(
        name="nginx",
        image=args.image,
        command=fate.nginx.command(),
        environment=args.environment,
        files=(workload.File(path=fate.nginx.CONF_PATH, content=conf),),
        resources=args.resources,
        probe=workload.Probe(command=fate.nginx.probe()),
    )


def live(routes: Mapping[str, pulumi.Input[str]]) -> workload.LiveFolder:
    """The folder of ``routes``, as ``fate.nginx.routes()`` makes them, which change without a restart."""
    return workload.LiveFolder(name="routes", path=fate.nginx.ROUTES_FOLDER, files=routes)


def ports() -> tuple[workload.Port, ...]:
    """What every router listens on; the first is what others wait for."""
    return (
        workload.Port(name="nginx", number=fate.ports.NGINX_HTTP, audience=workload.Audience.PEERS),
        workload.Port(name="nginx-grpc", number=fate.ports.NGINX_GRPC, audience=workload.Audience.PEERS),
        workload.Port(name="health", number=fate.ports.NGINX_HEALTH),
    )


def router(args: NginxArgs, site: str, party_id: int) -> workload.Workload:
    """The router of one party as a workload."""
    routes = fate.nginx.routes(owner=party_id, peers=args.routes, default=args.default_route)
    return workload.Workload(
        name="nginx",
        containers=(container(args, fate.nginx.conf(owner=site)),),
        ports=ports(),
        live=live({**routes}),
        placement=args.placement,
    )


class NginxRouter(pulumi.ComponentResource):
    """Carries fateflow's messages between the party and its peers; started before fateflow, which talks through it."""

    ready: Sequence[workload.Running]
    """The router, for fateflow to wait for; none where somebody else runs it."""
    client: part.Client
    """Where fateflow finds the router."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``nginx`` (HTTP) and ``nginx-grpc``: what other parties or their exchange dial."""
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
            self.ready, self.peers = (running,), running.endpoints
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
