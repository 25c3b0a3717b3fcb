"""fateflow: the scheduler of a party."""

import dataclasses
from collections.abc import Sequence

import pulumi

from . import part
from .args import ServiceArgs, StorageArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class FateFlowArgs(ServiceArgs):
    """What the scheduler has to be told."""

    storage: StorageArgs
    log_level: str = "INFO"
    """Least severe message that is logged; FATE's own default."""


def scheduler(
    args: FateFlowArgs, service_conf: pulumi.Input[str], client_files: Sequence[workload.File]
) -> workload.Workload:
    """fateflow as a workload; ``client_files`` are what its engine and transport want it to have."""
    return workload.Workload(
        name="fateflow",
        containers=(
            workload.Container(
                name="fateflow",
                image=args.image,
                command=fate.fateflow_command(),
                environment={**fate.FATEFLOW_ENVIRONMENT, "FATE_LOG_LEVEL": args.log_level},
                files=(
                    # It carries the database password.
                    workload.File(path=fate.SERVICE_CONF_PATH, content=service_conf, secret=True),
                    *client_files,
                ),
                resources=args.resources,
                probe=workload.Probe(command=fate.fateflow_probe()),
            ),
        ),
        ports=(
            workload.Port(name="http", number=fate.ports.FATEFLOW_HTTP),
            workload.Port(name="grpc", number=fate.ports.FATEFLOW_GRPC),
        ),
        volumes=(args.storage.volume("data", *fate.FATEFLOW_VOLUMES.values()),),
        stable=True,
    )


class FateFlow(pulumi.ComponentResource):
    """The scheduler; ready when it answers its own API."""

    def __init__(
        self,
        name: str,
        args: FateFlowArgs,
        foundation: part.Foundation,
        parts: Sequence[part.Part],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fate:service:FateFlow", name, {}, opts)
        files = [file for each in parts for file in each.client_files]
        after = [foundation.mysql.running, *(running for each in parts for running in each.ready)]
        self.running = foundation.platform.run(
            scheduler(args, foundation.service_conf, files), parent=self, after=after
        )
        """The scheduler as others wait for it."""
        self.register_outputs({})
