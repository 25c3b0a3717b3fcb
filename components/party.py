"""A party: one organisation's site, which trains models with its own data."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import part
from .fateboard import FateBoard, FateBoardArgs
from .fateflow import FateFlow, FateFlowArgs
from .mysql import MySQL, MySQLArgs
from .notebook import Notebook, NotebookArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class PartyArgs:
    """What a party is made of."""

    site: str
    """Name of the site (``fate-9999``)."""
    party_id: int
    engines: fate.Engines
    """What fateflow computes, talks and stores with."""
    parts: Sequence[part.PartFactory]
    """The backend's engine, store and transport, in start order."""
    mysql: MySQLArgs
    fateflow: FateFlowArgs
    fateboard: FateBoardArgs
    notebook: NotebookArgs | None
    """``None``: no notebook."""


class Party(pulumi.ComponentResource):
    """All services of one party, ready when this is."""

    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """What other sites dial, by service."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """What people open in a browser, by service."""
    credentials: pulumi.Output[Mapping[str, Any]]
    """User names and passwords, by service; secret."""

    def __init__(
        self,
        name: str,
        args: PartyArgs,
        platform: workload.Platform,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fate:site:Party", name, {}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        platform.open(self)
        mysql = MySQL(f"{name}-mysql", args.mysql, platform, inside)
        foundation = part.Foundation(
            site=args.site, party_id=args.party_id, platform=platform, mysql=mysql, engines=args.engines
        )
        parts = [make(foundation, inside) for make in args.parts]
        fateflow = FateFlow(f"{name}-fateflow", args.fateflow, foundation, parts, inside)
        board = FateBoard(f"{name}-fateboard", args.fateboard, fateflow.running, platform, inside)
        credentials: dict[str, Any] = {
            "mysql": mysql.credentials,
            "fateboard": {"username": args.fateboard.username, "password": board.password},
            **{service: login for each in parts for service, login in each.credentials.items()},
        }
        interfaces = {
            "fateboard": board.running.endpoints["http"],
            **{service: where for each in parts for service, where in each.interfaces.items()},
        }
        if args.notebook is not None:
            notebook = Notebook(f"{name}-notebook", args.notebook, fateflow.running, platform, inside)
            credentials["notebook"] = {"password": notebook.password}
            interfaces["notebook"] = notebook.running.endpoints["http"]
        self.peers = {service: where for each in parts for service, where in each.peers.items()}
        self.interfaces = interfaces
        self.credentials = pulumi.Output.secret(credentials)
        self.register_outputs(
            {
                "peers": workload.plain(self.peers),
                "interfaces": workload.plain(self.interfaces),
                "credentials": self.credentials,
            }
        )
