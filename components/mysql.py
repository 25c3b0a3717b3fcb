"""MySQL: the database that eggroll's clustermanager and fateflow share."""

import dataclasses
from typing import Any

import pulumi

from . import passwords
from .args import ServiceArgs, StorageArgs
from .platform import workload
from .versions import fate_1_11 as fate

STEP = workload.Resources(cpu=0.1, memory=64, memory_limit=256)
"""A client that sends some statements."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExistingMySQL:
    """A server that somebody else runs; the database and its user are there."""

    host: str
    """Name or address that the site's containers dial."""
    port: int = fate.ports.MYSQL


@dataclasses.dataclass(frozen=True, kw_only=True)
class MySQLArgs(ServiceArgs):
    """What MySQL has to be told. The image is also that of the client which makes tables."""

    storage: StorageArgs
    database: str = "eggroll_meta"
    """The one database; the name that FATE's own deployments use."""
    user: str = "fate"
    password: str | None = None
    """Password of ``user``; ``None``: generated."""
    root_password: str | None = None
    """Password of root, who may log in from inside the container only; ``None``: generated."""
    existing: ExistingMySQL | None = None
    """``None``: a server is run. Else ``password`` is that server's, and the tables are made there."""


def server(args: MySQLArgs, password: pulumi.Output[str], root_password: pulumi.Output[str]) -> workload.Workload:
    """The database server as a workload."""
    return workload.Workload(
        name="mysql",
        containers=(
            workload.Container(
                name="mysql",
                image=args.image,
                command=fate.mysql_command(database=args.database, user=args.user),
                environment={**fate.mysql_environment(database=args.database, user=args.user), **args.environment},
                files=(
                    workload.File(path=fate.MYSQL_PASSWORD_PATH, content=password, secret=True),
                    workload.File(path=fate.MYSQL_ROOT_PASSWORD_PATH, content=root_password, secret=True),
                ),
                resources=args.resources,
                capabilities=fate.MYSQL_CAPABILITIES,
                probe=workload.Probe(command=fate.mysql_probe(database=args.database, user=args.user)),
            ),
        ),
        ports=(workload.Port(name="mysql", number=fate.ports.MYSQL),),
        volumes=(args.storage.volume("data", fate.MYSQL_DATA_PATH),),
        placement=args.placement,
        stable=True,
    )


def schema_step(args: MySQLArgs, host: workload.Running, sql: str, password: pulumi.Output[str]) -> workload.Container:
    """A step that brings ``sql`` into the database, for a workload that must not start without its tables."""
    return workload.Container(
        name="schema",
        image=args.image,
        command=fate.schema_command(host=host.name, port=host.port, user=args.user),
        files=(
            workload.File(path=fate.SCHEMA_PATH, content=sql),
            workload.File(path=fate.MYSQL_PASSWORD_PATH, content=password, secret=True),
        ),
        resources=STEP,
    )


class MySQL(pulumi.ComponentResource):
    """The party's database server; its passwords are its own and never a default."""

    password: pulumi.Output[str]
    """Password of the user that FATE's services log in as; secret."""
    credentials: dict[str, Any]
    """User names and passwords, for the site's outputs; root's only for a server of the site's own. Secret."""

    def __init__(
        self,
        name: str,
        args: MySQLArgs,
        platform: workload.Platform,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``ValueError`` for an existing server without its password."""
        super().__init__("fate:service:MySQL", name, {}, opts)
        self.args = args
        """What the server was told: its clients need the image and the names."""
        if args.existing and args.password is None:
            raise ValueError("an existing MySQL needs the password of its user; give it as password")
        self.password = passwords.password(f"{name}-password", args.password, self)
        self.credentials = {"username": args.user, "password": self.password}
        if args.existing:
            self.running = workload.Running(name=args.existing.host, port=args.existing.port)
            """The server as others wait for it."""
        else:
            root = passwords.password(f"{name}-root-password", args.root_password, self)
            self.running = platform.run(server(args, self.password, root), parent=self)
            self.credentials |= {"rootPassword": root}
        self.register_outputs({"credentials": self.credentials})

    def database(self, password: str) -> fate.Database:
        """How FATE's services reach the database, once ``password`` is known."""
        return fate.Database(
            host=self.running.name,
            port=self.running.port,
            name=self.args.database,
            user=self.args.user,
            password=password,
        )
