"""RabbitMQ: the transport of a Spark party whose peers' brokers are dialled directly."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_random as random

from . import part, passwords
from .args import ServiceArgs, StorageArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExistingRabbitMQ:
    """A broker that somebody else runs; its user is an administrator, and it has the federation plugin."""

    host: str
    """Name or address that the site's containers dial."""
    port: int = fate.ports.RABBITMQ
    management_port: int = fate.ports.RABBITMQ_MANAGEMENT


@dataclasses.dataclass(frozen=True, kw_only=True)
class RabbitMQArgs(ServiceArgs):
    """What the broker has to be told."""

    storage: StorageArgs
    user: str = "fate"
    """FATE's user, who may do everything: FATE makes users and virtual hosts for its jobs."""
    password: str | None = None
    """Password of ``user``; ``None``: generated."""
    extra_conf: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further keys of ``rabbitmq.conf``, never secret; they win over the component's own."""
    peers: Mapping[int, fate.Hop] = dataclasses.field(default_factory=dict)
    """Party id to the broker that is dialled directly."""
    existing: ExistingRabbitMQ | None = None
    """``None``: a broker is run. Else ``password`` is that broker's."""


def broker(args: RabbitMQArgs, password: pulumi.Output[str], definitions: pulumi.Output[str]) -> workload.Workload:
    """The broker as a workload."""
    return workload.Workload(
        name="rabbitmq",
        containers=(
            workload.Container(
                name="rabbitmq",
                image=args.image,
                command=fate.rabbitmq.command(),
                environment=args.environment,
                files=(
                    workload.File(
                        path=fate.rabbitmq.CONF_PATH,
                        content=fate.rabbitmq.conf(memory_limit=args.resources.memory_limit, extra=args.extra_conf),
                    ),
                    workload.File(path=fate.rabbitmq.PLUGINS_PATH, content=fate.rabbitmq.enabled_plugins()),
                    workload.File(path=fate.rabbitmq.DEFINITIONS_PATH, content=definitions, secret=True),
                    workload.File(path=fate.rabbitmq.PASSWORD_PATH, content=password, secret=True),
                ),
                resources=args.resources,
                probe=workload.Probe(command=fate.rabbitmq.probe(user=args.user)),
            ),
        ),
        ports=(
            workload.Port(name="rabbitmq", number=fate.ports.RABBITMQ, audience=workload.Audience.PEERS),
            workload.Port(
                name="management", number=fate.ports.RABBITMQ_MANAGEMENT, audience=workload.Audience.OPERATORS
            ),
        ),
        volumes=(args.storage.volume("data", fate.rabbitmq.DATA_PATH),),
        placement=args.placement,
        stable=True,
    )


def client(args: RabbitMQArgs, password: pulumi.Output[str], party_id: int) -> part.Client:
    """Where fateflow finds the party's broker and those of its peers."""
    there = args.existing or ExistingRabbitMQ(host=fate.rabbitmq.HOST)
    own = fate.Hop(host=there.host, port=there.port)
    table = fate.rabbitmq.route_table(party_id=party_id, own=own, peers=args.peers)
    return part.Client(
        blocks=fate.rabbitmq.block(
            user=args.user,
            password=password,
            host=there.host,
            port=there.port,
            management_port=there.management_port,
        ),
        routes={fate.rabbitmq.ROUTE_TABLE_FILE: table},
    )


class RabbitMQTransport(pulumi.ComponentResource):
    """Carries a party's data to its peers' brokers; fateflow is told where they are."""

    ready: Sequence[workload.Running]
    """The broker, for fateflow to wait for; none where somebody else runs it."""
    client: part.Client
    """The broker's address and login, and the table of all brokers."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``rabbitmq``: what other parties' brokers dial."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``rabbitmq``: the management pages of a broker of the party's own."""
    credentials: Mapping[str, Mapping[str, Any]]
    """``rabbitmq``: the login of FATE's user, which is also that of the management pages."""

    def __init__(
        self,
        name: str,
        args: RabbitMQArgs,
        foundation: part.Foundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``ValueError`` for an existing broker without its password."""
        super().__init__("fate:transport:RabbitMQTransport", name, {}, opts)
        there = args.existing
        if there and args.password is None:
            raise ValueError("an existing RabbitMQ needs the password of its user; give it as password")
        password = passwords.password(f"{name}-password", args.password, self)
        if there is None:
            running = foundation.platform.run(
                broker(args, password, self._definitions(name, args, password)), parent=self
            )
            self.ready = (running,)
            self.peers = {"rabbitmq": running.endpoints["rabbitmq"]}
            self.interfaces = {"rabbitmq": running.endpoints["management"]}
        else:
            self.ready = ()
            self.peers = {"rabbitmq": pulumi.Output.from_input(workload.Endpoint(host=there.host, port=there.port))}
            self.interfaces = {}
        self.client = client(args, password, foundation.party_id)
        self.credentials = {"rabbitmq": {"username": args.user, "password": password}}
        self.register_outputs({"peers": workload.plain(self.peers), "interfaces": workload.plain(self.interfaces)})

    def _definitions(self, name: str, args: RabbitMQArgs, password: pulumi.Output[str]) -> pulumi.Output[str]:
        salt = random.RandomPassword(
            f"{name}-salt", length=16, special=False, opts=pulumi.ResourceOptions(parent=self)
        ).result
        return pulumi.Output.all(password, salt).apply(
            lambda seen: fate.rabbitmq.definitions(user=args.user, password=seen[0], salt=seen[1])
        )
