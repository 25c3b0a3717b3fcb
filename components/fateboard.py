"""fateboard: what a party's people see of their jobs."""

import dataclasses

import pulumi

from . import passwords
from .args import ServiceArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class FateBoardArgs(ServiceArgs):
    """What the board has to be told."""

    username: str = "admin"
    password: str | None = None
    """``None``: generated."""


def board(args: FateBoardArgs, properties: pulumi.Output[str]) -> workload.Workload:
    """The board as a workload."""
    return workload.Workload(
        name="fateboard",
        containers=(
            workload.Container(
                name="fateboard",
                image=args.image,
                command=fate.fateboard_command(),
                files=(workload.File(path=fate.BOARD_PROPERTIES_PATH, content=properties, secret=True),),
                environment=args.environment,
                resources=args.resources,
                probe=workload.Probe(command=fate.fateboard_probe()),
            ),
        ),
        ports=(workload.Port(name="http", number=fate.ports.FATEBOARD, audience=workload.Audience.OPERATORS),),
        placement=args.placement,
    )


class FateBoard(pulumi.ComponentResource):
    """The board of one party, behind a password."""

    password: pulumi.Output[str]
    """Secret."""

    def __init__(
        self,
        name: str,
        args: FateBoardArgs,
        fateflow: workload.Running,
        platform: workload.Platform,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fate:service:FateBoard", name, {}, opts)
        self.password = passwords.password(f"{name}-password", args.password, self)
        url = f"http://{fateflow.name}:{fateflow.port}"
        properties = self.password.apply(
            lambda password: fate.board_properties(username=args.username, password=password, fateflow_url=url)
        )
        self.running = platform.run(board(args, properties), parent=self, after=[fateflow])
        """The board as others wait for it."""
        self.register_outputs({"password": self.password})
