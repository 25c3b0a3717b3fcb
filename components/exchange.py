"""An exchange: the site in the middle, through which parties that cannot dial each other meet."""

import dataclasses
from collections.abc import Mapping

import pulumi

from . import eggroll, nginx
from . import trust as trusts
from .args import ServiceArgs
from .platform import workload
from .versions import fate_1_11 as fate

PARTY_ID = 0
"""What an exchange's rollsite calls itself: no party may have this id, so no packet is ever for the exchange."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RollsiteExchangeArgs(ServiceArgs):
    """An exchange of eggroll parties; the image is eggroll's."""

    routes: Mapping[int, fate.Hop] = dataclasses.field(default_factory=dict)
    """Party id to its rollsite. Parties that are not here are refused by name."""
    polled: tuple[int, ...] = ()
    """Parties that nobody can dial: they fetch their packets here."""
    polling_concurrency: int = 50
    """Requests of one such party that may wait at once; eggroll's own default."""
    trust: trusts.Trust | None = None
    """With it parties reach rollsite by mutual TLS only, which nginx takes off; ``None``: in plain text."""
    front: ServiceArgs | None = None
    """That nginx; needed with ``trust``, meaningless without it."""

    def __post_init__(self) -> None:
        if self.trust is not None and self.front is None:
            raise ValueError("rollsite with TLS has nginx in front of it; say which image that is (front)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class PulsarExchangeArgs(ServiceArgs):
    """An exchange of parties with Pulsar; the image is nginx's."""

    domain: str
    """Brokers are asked for as ``<party id>.<domain>``; the name need not be in any name server."""
    routers: Mapping[int, fate.nginx.Route] = dataclasses.field(default_factory=dict)
    """Party id to the router of its control messages."""
    brokers: Mapping[int, fate.Hop] = dataclasses.field(default_factory=dict)
    """Party id to its broker's TLS port; the exchange passes TLS on and opens none of it."""
    trust: trusts.Trust | None = None
    """With it control messages come and go by mutual TLS only; ``None``: in plain text."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExchangeArgs:
    """What an exchange is made of."""

    site: str
    """Name of the site (``fate-exchange``)."""
    transport: RollsiteExchangeArgs | PulsarExchangeArgs
    """How its parties talk. RabbitMQ has none: FATE knows no default route there."""


def rollsite(args: RollsiteExchangeArgs, site: str) -> workload.Workload:
    """The router of packets; its table changes while it runs, and has no default: that is the exchange itself."""
    polling = fate.Polling(clients=args.polled, concurrency=args.polling_concurrency) if args.polled else None
    properties = fate.eggroll_properties(
        party_id=PARTY_ID, database=None, coordinator=site, polling=polling, tls=args.trust is not None
    )
    table = fate.route_table(party_id=PARTY_ID, default=None, peers=args.routes, polled=args.polled)
    return workload.Workload(
        name="rollsite",
        containers=(
            workload.Container(
                name="rollsite",
                image=args.image,
                command=fate.rollsite_command(),
                environment=args.environment,
                files=(
                    workload.File(path=fate.EGGROLL_PROPERTIES_PATH, content=properties),
                    *trusts.files(args.trust, fate.ROLLSITE_KEY_PAIR),
                ),
                resources=args.resources,
                probe=workload.Probe(command=fate.rollsite_probe()),
            ),
        ),
        ports=(eggroll.rollsite_port(args.trust),),
        live=eggroll.route_table(table, args.trust),
        placement=args.placement,
    )


def router(args: PulsarExchangeArgs, site: str) -> workload.Workload:
    """The router of control messages, by the party in their header, and of brokers' TLS, by the name asked for."""
    named = {f"{party}.{args.domain}": broker for party, broker in args.brokers.items()}
    tls = args.trust is not None
    routes = fate.nginx.routes(owner=None, peers=args.routers, brokers=named, tls=tls)
    conf = fate.nginx.conf(owner=site, brokers=fate.ports.EXCHANGE_PULSAR)
    if tls:
        conf = fate.nginx.secure_conf(owner=site, party_id=None, brokers=fate.ports.EXCHANGE_PULSAR)
    broker = workload.Port(name="pulsar", number=fate.ports.EXCHANGE_PULSAR, audience=workload.Audience.PEERS)
    return workload.Workload(
        name="nginx",
        containers=(nginx.container(args, conf, args.trust),),
        ports=(*nginx.ports(tls=tls), broker),
        live=nginx.live({**routes}, args.trust),
        placement=args.placement,
    )


class Exchange(pulumi.ComponentResource):
    """The services of one exchange, ready when this is."""

    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """What parties dial: ``rollsite``; or ``nginx``, ``nginx-grpc`` and ``pulsar``."""

    def __init__(
        self,
        name: str,
        args: ExchangeArgs,
        platform: workload.Platform,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``ValueError`` for routes to what is no host, and for a party that polls and is dialled."""
        super().__init__("fate:site:Exchange", name, {}, opts)
        platform.open(self)
        told = args.transport
        described = rollsite(told, args.site) if isinstance(told, RollsiteExchangeArgs) else router(told, args.site)
        running = platform.run(described, parent=self)
        if isinstance(told, RollsiteExchangeArgs) and told.trust and told.front:
            running = platform.run(nginx.front(told.front, args.site, told.trust), parent=self, after=[running])
        self.peers = trusts.shown(running.endpoints, told.trust)
        self.register_outputs({"peers": workload.plain(self.peers)})
