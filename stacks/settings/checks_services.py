"""Rules about services: what they have of their own, what others run for them, what they compute with."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from . import problems, running, shared, spark_engine, stack, transports, vocabulary
from .given import Given, sections

KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "mysql": ("image",),
    "spark": ("config",),
    "pulsar": ("tenant", "topicTtl", "batchSize"),
}
"""Keys of a section that count also for a server that somebody else runs: MySQL's image is also its client."""

_WITH_EXISTING: Final = frozenset(
    path.removesuffix(".existing") for path, _ in problems.fields(stack.StackSettings) if path.endswith(".existing")
)

LEAST_WORKER_MEMORY: Final = 1280
"""MiB: 512 for the worker itself, 512 for the smallest useful executor, and 40 % of that beside its JVM, rounded."""

LEAST_BROKER_MEMORY: Final = 1024
"""MiB with which a standalone Pulsar starts and serves."""

_OWNED: Final = {
    "rabbitmq": transports.RABBITMQ_OWN,
    "pulsar": transports.PULSAR_OWN,
    "spark": spark_engine.SPARK_OWN,
}


def existing_is_alone(given: Given) -> Iterator[problems.Problem]:
    """Settings of a server that the site does not run would be ignored."""
    for section, told in given.raw.items():
        if not given.has(f"{section}.existing") or not isinstance(told, Mapping) or section not in _WITH_EXISTING:
            continue
        known = {
            path.split(".")[1] for path, _ in problems.fields(stack.StackSettings) if path.startswith(f"{section}.")
        }
        for key in sorted(known & {*told} - {"existing", *KEPT.get(section, ())}):
            if given.has(f"{section}.{key}"):
                text = "means nothing with existing, which somebody else runs; remove one of them"
                yield problems.Problem(f"{section}.{key}", text)
    if given.has("hive") and given.has("hdfs"):
        yield problems.Problem("hdfs", "means nothing with hive, which stores tables instead; remove one of them")


def storage_agrees(given: Given) -> Iterator[problems.Problem]:
    """Keys of a volume that is not made, or not made here, would be ignored."""
    for path in sections(shared.Storage):
        told = running.at(given.settings, path)
        if not given.sound(path.split(".")[0]) or not isinstance(told, shared.Storage):
            continue
        if not told.enabled:
            void, reason = {*told.as_config()} - {"enabled"}, "enabled: false, which keeps nothing"
        elif told.existing_claim:
            void = {"size", "storageClass", "accessMode", "retain"}
            reason = "existingClaim, which is there already and stays"
        else:
            continue
        for key in sorted(void):
            if given.has(f"{path}.{key}"):
                yield problems.Problem(f"{path}.{key}", f"means nothing with {reason}; remove one of them")


def claims_are_apart(given: Given) -> Iterator[problems.Problem]:
    """Two services that write into one folder destroy each other's data; a cluster knows its own kind of names."""
    taken: dict[tuple[str, str | None], str] = {}
    for path in sections(shared.Storage):
        told = running.at(given.settings, path)
        if not isinstance(told, shared.Storage) or not told.existing_claim or not given.runs(path.rpartition(".")[0]):
            continue
        other = taken.setdefault((told.existing_claim, told.sub_path), path)
        if other != path:
            text = f"is the volume of {problems.key(other)} too; give each another, or another subPath on Kubernetes"
            yield problems.Problem(f"{path}.existingClaim", text)
        on_cluster = given.sound("platform") and given.settings.platform is vocabulary.Platform.KUBERNETES
        if on_cluster and not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", told.existing_claim):
            text = "is no name of a claim: a-z, 0-9, '-' and '.', with a letter or digit at both ends"
            yield problems.Problem(f"{path}.existingClaim", text)


def only_on_kubernetes(given: Given) -> Iterator[problems.Problem]:
    """A Docker host has no nodes to choose from, no Services and no Ingresses, and mounts whole volumes."""
    if not given.sound("platform") or given.settings.platform is not vocabulary.Platform.DOCKER:
        return
    kinds = (shared.Placement, shared.PeerService, shared.Ingress)
    paths = [path for kind in kinds for path in sections(kind)]
    paths += [f"{path}.{key}" for path in sections(shared.Storage) for key in ("storageClass", "accessMode", "subPath")]
    for path in paths:
        if given.has(path):
            text = "belongs to platform kubernetes; remove it or set platform: kubernetes"
            yield problems.Problem(path, text)


def configuration_is_not_ours(given: Given) -> Iterator[problems.Problem]:
    """A key that the program writes itself, or has a setting for, would break what counts on it."""
    for section, owned in _OWNED.items():
        told = given.get(f"{section}.config")
        for key in sorted({*told} & {*owned}) if isinstance(told, Mapping) else ():
            yield problems.Problem(f"{section}.config.{key}", owned[key])


def everyone_has_a_core(given: Given) -> Iterator[problems.Problem]:
    """``computeCores`` are shared among the replicas, and a share of none computes nothing."""
    spark = given.settings.spark.existing
    shares = (
        (
            "eggroll.nodemanager.replicas",
            given.settings.eggroll.nodemanager.replicas,
            given.runs("eggroll.nodemanager"),
        ),
        ("spark.worker.replicas", given.settings.spark.worker.replicas, given.runs("spark.worker")),
        ("spark.existing.workers", spark.workers if spark else 0, given.sound("spark")),
    )
    cores = given.settings.compute_cores
    for path, number, counts in shares:
        if counts and number > cores and given.sound("computeCores"):
            text = f"{number} share computeCores: {cores}, so that some get no core; lower it, or raise computeCores"
            yield problems.Problem(path, text)


def enough_processors(given: Given) -> Iterator[problems.Problem]:
    """Fateflow accepts jobs up to ``computeCores``; eggroll has to have that many processors."""
    if not given.sound("computeCores") or not given.runs("eggroll.nodemanager"):
        return
    nodes, cores = given.settings.eggroll.nodemanager, given.settings.compute_cores
    total = nodes.replicas * (nodes.processors_per_node or cores)
    if total < cores:
        yield problems.Problem(
            "eggroll.nodemanager.processorsPerNode",
            f"{nodes.replicas} nodemanagers with {nodes.processors_per_node} each make {total} processors, fewer than "
            f"computeCores: {cores}; remove it, or lower computeCores",
        )


def workers_suffice(given: Given) -> Iterator[problems.Problem]:
    """Spark's workers have the cores that fateflow counts on, and memory for an executor."""
    if not given.sound("computeCores") or not given.runs("spark.worker"):
        return
    worker, cores = given.settings.spark.worker, given.settings.compute_cores
    total = worker.replicas * given.settings.worker_cores
    if total < cores:
        yield problems.Problem(
            "spark.worker.cores",
            f"{worker.replicas} workers with {worker.cores} each make {total} cores, fewer than computeCores: {cores}; "
            "remove it, or lower computeCores",
        )
    key = "memory" if worker.resources.memory_limit is None else "memoryLimit"
    memory = worker.resources.memory_limit or worker.resources.memory
    if memory < LEAST_WORKER_MEMORY:
        text = f"{memory}Mi leave no room for an executor; give {LEAST_WORKER_MEMORY}Mi or more"
        yield problems.Problem(f"spark.worker.resources.{key}", text)


def copies_have_datanodes(given: Given) -> Iterator[problems.Problem]:
    """Two copies of a block on one datanode are lost together, so HDFS does not make the second."""
    told = given.settings.hdfs
    if given.runs("hdfs.datanode") and (told.replication or 1) > told.datanode.replicas:
        text = f"{told.replication} copies need as many datanodes, and there are {told.datanode.replicas}; "
        yield problems.Problem("hdfs.replication", f"{text}lower it, or raise hdfs.datanode.replicas")


def broker_has_memory(given: Given) -> Iterator[problems.Problem]:
    """A standalone Pulsar has ZooKeeper, BookKeeper and the broker in one JVM."""
    told = given.settings.pulsar.resources
    key = "memory" if told.memory_limit is None else "memoryLimit"
    if given.runs("pulsar") and (told.memory_limit or told.memory) < LEAST_BROKER_MEMORY:
        text = f"{told.memory_limit or told.memory}Mi are too little; give {LEAST_BROKER_MEMORY}Mi or more"
        yield problems.Problem(f"pulsar.resources.{key}", text)


def messages_hold_batches(given: Given) -> Iterator[problems.Problem]:
    """The broker refuses a message that is larger than it may be, and the job ends there."""
    told = given.settings.pulsar
    if given.runs("pulsar") and told.batch_size > told.max_message_size:
        text = "is above maxMessageSize, so that the broker refuses every full batch; lower it, or raise that"
        yield problems.Problem("pulsar.batchSize", text)


def tasks_fit(given: Given) -> Iterator[problems.Problem]:
    """A job whose tasks ask for more cores than there are is refused by fateflow, or waits for ever."""
    if not given.sound("computeCores", "fateflow"):
        return
    told, cores = given.settings.fateflow.job_defaults, given.settings.compute_cores
    if told.task_cores * told.task_parallelism > cores:
        yield problems.Problem(
            "fateflow.jobDefaults.taskCores",
            f"{told.task_parallelism} tasks at once with {told.task_cores} cores each take more than "
            f"computeCores: {cores}; lower taskCores or taskParallelism, or raise computeCores",
        )


def gpus_are_used(given: Given) -> Iterator[problems.Problem]:
    """Images for other hardware leave a GPU idle."""
    device = given.settings.images.device
    if given.has("fateflow.gpus") and given.sound("fateflow", "images") and device is not vocabulary.Device.GPU:
        text = f"means nothing with images.device: {device}; remove it, or set images.device: gpu"
        yield problems.Problem("fateflow.gpus", text)


ALL = (
    existing_is_alone,
    storage_agrees,
    claims_are_apart,
    only_on_kubernetes,
    configuration_is_not_ours,
    everyone_has_a_core,
    enough_processors,
    workers_suffice,
    copies_have_datanodes,
    broker_has_memory,
    messages_hold_batches,
    tasks_fit,
    gpus_are_used,
)
"""Every rule of this module."""
