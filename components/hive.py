"""Hive: somebody else's tables, in which a party that computes with Spark stores instead of in files of its own."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import part
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class HiveArgs:
    """Where the tables are."""

    host: str
    """Name or address of HiveServer2, as fateflow dials it."""
    port: int = 10000
    """Hive's own."""
    auth_mechanism: str = "PLAIN"
    """``PLAIN``, ``NOSASL``, ``LDAP`` or ``GSSAPI``."""
    user: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    """Secret; ``None``: it asks for none."""


class HiveStore(pulumi.ComponentResource):
    """The way to a Hive; nothing is run."""

    ready: Sequence[workload.Running]
    """Nothing."""
    client: part.Client
    """Address and login."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None."""
    credentials: Mapping[str, Mapping[str, Any]]
    """None of this site's."""

    def __init__(self, name: str, args: HiveArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fate:storage:HiveStore", name, {}, opts)
        password = None if args.password is None else pulumi.Output.secret(args.password)
        self.ready = ()
        self.client = part.Client(
            blocks=fate.fate_on_hive(
                host=args.host,
                port=args.port,
                auth_mechanism=args.auth_mechanism,
                user=args.user,
                password=password,
            )
        )
        self.peers, self.interfaces, self.credentials = {}, {}, {}
        self.register_outputs({})
