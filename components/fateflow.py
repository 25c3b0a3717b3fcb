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
    serving: fate.Serving | None = None
    """Where finished models are published; ``None``: nowhere."""
    job_defaults: fate.JobDefaults = dataclasses.field(default_factory=fate.JobDefaults)
    """What is taken for jobs that do not say otherwise."""


def scheduler(args: FateFlowArgs, service_conf: pulumi.Input[str], clients: Sequence[part.Client]) -> workload.Workload:
    """fateflow as a workload; ``clients`` are what its engine, store and transport want it to have."""
    asked = {name: value for client in clients for name, value in client.environment.items()}
    routes = {name: table for client in clients for name, table in client.routes.items()}
    kept = [path for client in clients for path in client.data_paths]
    return workload.Workload(
        name="fateflow",
        containers=(
            workload.Container(
                name="fateflow",
                image=args.image,
                command=fate.fateflow_command(),
                environment={
                    **fate.FATEFLOW_ENVIRONMENT,
                    **asked,
                    "FATE_LOG_LEVEL": args.log_level,
                    **args.environment,
                },
                files=(
                    # It carries the database password.
                    workload.File(path=fate.SERVICE_CONF_PATH, content=service_conf, secret=True),
                    workload.File(path=fate.JOB_DEFAULTS_PATH, content=fate.job_defaults(args.job_defaults)),
                    *(file for client in clients for file in client.files),
                ),
                resources=args.resources,
                probe=workload.Probe(command=fate.fateflow_probe()),
            ),
        ),
        steps=tuple(step for client in clients for step in client.steps),
        ports=(
            workload.Port(name="http", number=fate.ports.FATEFLOW_HTTP),
            workload.Port(name="grpc", number=fate.ports.FATEFLOW_GRPC),
            *(port for client in clients for port in client.ports),
        ),
        volumes=(args.storage.volume("data", *fate.FATEFLOW_VOLUMES.values(), *kept),),
        live=workload.LiveFolder(name="route-tables", path=fate.ROUTE_TABLES_FOLDER, files=routes) if routes else None,
        placement=args.placement,
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
        clients = [each.client for each in parts]
        after = [foundation.mysql.running, *(running for each in parts for running in each.ready)]
        conf = part.service_conf(foundation, clients, args.serving)
        self.running = foundation.platform.run(scheduler(args, conf, clients), parent=self, after=after)
        """The scheduler as others wait for it."""
        self.register_outputs({})
