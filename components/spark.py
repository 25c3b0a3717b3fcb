"""Spark as the computing engine of a party: its own master and workers, somebody else's, or inside fateflow."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import part
from .args import ServiceArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class SparkExisting:
    """A Spark that somebody else runs. FATE and its Python packages must be on its workers."""

    master: str
    """``spark://host:port``, as fateflow's container dials it."""
    driver: fate.spark.Driver | None = None
    """Where its executors dial fateflow; ``None``: at the address of fateflow's container, which they must reach."""
    home: str = fate.spark.CLIENT_HOME
    """Spark in fateflow's image; its version must be the master's."""
    python: str | None = None
    """Path of Python on the workers; ``None``: ``python3``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SparkArgs:
    """What the engine has to be told."""

    master: ServiceArgs
    worker: ServiceArgs
    """What a worker lends to jobs follows from its memory: the limit, or the request where there is none."""
    compute_cores: int
    """Cores that jobs of this party may use together: fateflow admits jobs by them, and the workers share them."""
    workers: int = 2
    """How many workers share the work; KubeFATE's own default."""
    worker_cores: int | None = None
    """Cores that each worker lends; ``None``: its share of ``compute_cores``."""
    task_cores: int = 4
    """Cores that a task gets unless its job asks for others; FATE's own default, never more than there are."""
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further properties of fateflow's Spark, which win over the component's own."""
    existing: SparkExisting | None = None
    """``None``: a Spark of the party's own."""

    @property
    def offered(self) -> fate.spark.Workers:
        """What the party's own workers lend; ``ValueError`` as in ``fate.spark.workers()``."""
        memory = self.worker.resources.memory_limit or self.worker.resources.memory
        shared = fate.spark.workers(compute_cores=self.compute_cores, number=self.workers, memory=memory)
        return dataclasses.replace(shared, cores=self.worker_cores) if self.worker_cores else shared


@dataclasses.dataclass(frozen=True, kw_only=True)
class LocalSparkArgs:
    """What fateflow has to be told to compute by itself."""

    compute_cores: int
    """Cores that jobs of this party may use together."""
    task_cores: int = 4
    """Threads of a task; FATE's own default, never more than there are cores."""
    memory: int | None = None
    """MiB of a task's JVM, within fateflow's own memory; ``None``: Spark's 1 GiB."""
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further properties of fateflow's Spark, which win over the component's own."""


def master(args: ServiceArgs) -> workload.Workload:
    """The master, which hands out workers to tasks and shows a page about both."""
    memory = args.resources.memory_limit or args.resources.memory
    return workload.Workload(
        name=fate.spark.MASTER_HOST,
        containers=(
            workload.Container(
                name=fate.spark.MASTER_HOST,
                image=args.image,
                command=fate.spark.master_command(memory),
                environment=args.environment,
                resources=args.resources,
                probe=workload.Probe(command=fate.spark.master_probe()),
            ),
        ),
        ports=(
            workload.Port(name="spark", number=fate.ports.SPARK_MASTER),
            workload.Port(name="http", number=fate.ports.SPARK_MASTER_HTTP, audience=workload.Audience.OPERATORS),
        ),
        placement=args.placement,
    )


def worker(args: SparkArgs) -> workload.Workload:
    """The workers. They hold nothing that outlives a job, so any of them may go."""
    told = args.worker
    return workload.Workload(
        name=fate.spark.WORKER_HOST,
        containers=(
            workload.Container(
                name=fate.spark.WORKER_HOST,
                image=told.image,
                command=fate.spark.worker_command(args.offered),
                environment=told.environment,
                resources=told.resources,
                probe=workload.Probe(command=fate.spark.worker_probe()),
            ),
        ),
        ports=(workload.Port(name="http", number=fate.ports.SPARK_WORKER_HTTP),),
        replicas=args.workers,
        placement=told.placement,
    )


def client(args: SparkArgs) -> part.Client:
    """What fateflow needs to submit jobs to the party's own Spark."""
    offered = args.offered
    task_cores = min(args.task_cores, offered.cores * offered.number)
    defaults = fate.spark.defaults(
        master=fate.spark.MASTER_URL,
        task_cores=task_cores,
        executor_memory=offered.executor_memory(task_cores),
        further=args.properties,
    )
    return part.Client(
        blocks=fate.spark.block(home=fate.spark.CLIENT_HOME, cores=offered.cores, nodes=offered.number),
        files=_files(fate.spark.CLIENT_HOME, defaults),
    )


def existing_client(args: SparkArgs, existing: SparkExisting) -> part.Client:
    """What fateflow needs to submit jobs to somebody else's Spark; ``compute_cores`` are the party's share of it."""
    cores = fate.spark.cores_per_worker(args.compute_cores, args.workers)
    defaults = fate.spark.defaults(
        master=existing.master,
        task_cores=min(args.task_cores, cores * args.workers),
        driver=existing.driver,
        python=existing.python,
        further=args.properties,
    )
    return part.Client(
        blocks=fate.spark.block(home=existing.home, cores=cores, nodes=args.workers),
        files=_files(existing.home, defaults),
        ports=tuple(
            workload.Port(name=name, number=number, audience=workload.Audience.PEERS)
            for name, number in (existing.driver.numbers() if existing.driver else {}).items()
        ),
    )


def _files(home: str, defaults: str) -> tuple[workload.File, ...]:
    return (
        workload.File(path=fate.spark.defaults_path(home), content=defaults),
        workload.File(path=fate.spark.environment_path(home), content=fate.spark.environment()),
    )


def local_client(args: LocalSparkArgs) -> part.Client:
    """What fateflow needs to compute by itself, and where it keeps its tables."""
    defaults = fate.spark.local_defaults(
        task_cores=min(args.task_cores, args.compute_cores), memory=args.memory, further=args.properties
    )
    return part.Client(
        blocks=fate.spark.block(home=fate.spark.CLIENT_HOME, cores=args.compute_cores, nodes=1),
        files=(workload.File(path=fate.spark.defaults_path(), content=defaults),),
        data_paths=(fate.spark.LOCAL_DATA_PATH,),
    )


class SparkEngine(pulumi.ComponentResource):
    """Master and workers of one party, or the way to somebody else's."""

    ready: Sequence[workload.Running]
    """Both, for fateflow to wait for; a worker is ready when the master knows it. Nothing where Spark exists."""
    client: part.Client
    """The master's address and the cores by which fateflow admits jobs."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None: executors talk through the broker."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``spark-master``: its page, with those of workers and jobs behind it."""
    credentials: Mapping[str, Mapping[str, Any]]
    """None: Spark asks nobody inside the site who they are."""

    def __init__(
        self,
        name: str,
        args: SparkArgs,
        foundation: part.Foundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fate:engine:SparkEngine", name, {}, opts)
        self.ready, self.interfaces = (), {}
        if args.existing is not None:
            self.client = existing_client(args, args.existing)
        else:
            run = foundation.platform.run
            manager = run(master(args.master), parent=self)
            workers = run(worker(args), parent=self, after=[manager])
            self.ready = (manager, workers)
            self.client = client(args)
            self.interfaces = {fate.spark.MASTER_HOST: manager.endpoints["http"]}
        self.peers, self.credentials = {}, {}
        self.register_outputs({"interfaces": workload.plain(self.interfaces)})


class LocalSpark(pulumi.ComponentResource):
    """Spark inside fateflow, tables in its own folder: no service of its own, for small data on one machine."""

    ready: Sequence[workload.Running]
    """Nothing."""
    client: part.Client
    """The number of threads, and the folder of tables."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None: the page of a task lives as long as the task."""
    credentials: Mapping[str, Mapping[str, Any]]
    """None."""

    def __init__(self, name: str, args: LocalSparkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fate:engine:LocalSpark", name, {}, opts)
        self.ready, self.client = (), local_client(args)
        self.peers, self.interfaces, self.credentials = {}, {}, {}
        self.register_outputs({})
