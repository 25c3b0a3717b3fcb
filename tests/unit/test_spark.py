"""Spark as a part of a party, before any platform."""

import dataclasses
from typing import Any

import pytest

from components import args, part, spark
from components.platform import workload
from components.versions import fate_1_11 as fate

pytestmark = pytest.mark.unit


def service(name: str, memory: int, **told: Any) -> args.ServiceArgs:
    """A service with a memory limit."""
    resources = workload.Resources(cpu=1, memory=memory, memory_limit=memory)
    return dataclasses.replace(args.ServiceArgs(image=f"x/{name}:1", resources=resources), **told)


ARGS = spark.SparkArgs(master=service("master", 512), worker=service("worker", 4096), compute_cores=8, workers=2)


def conf(client: part.Client, name: str) -> str:
    """Content of the file of fateflow's Spark that is called ``name``."""
    (found,) = [file.content for file in client.files if file.path.endswith(f"/conf/{name}")]
    assert isinstance(found, str)
    return found


def test_what_fateflow_admits_is_what_the_workers_lend() -> None:
    """The same number written twice by hand is what drifted in KubeFATE."""
    workers = spark.worker(ARGS)
    block = spark.client(ARGS).blocks["fate_on_spark"]["spark"]
    assert workers.replicas == block["nodes"] == 2
    assert f"--cores {block['cores_per_node']} " in (workers.main.command or ())[-1]


def test_scaling_restarts_no_worker_that_stays_the_same() -> None:
    """More workers with more cores to share: those that run go on with their jobs."""
    more = dataclasses.replace(ARGS, workers=4, compute_cores=16)
    before, after = spark.worker(ARGS), spark.worker(more)
    assert dataclasses.replace(after, replicas=before.replicas) == before
    assert spark.master(more.master) == spark.master(ARGS.master)
    assert spark.client(more).blocks != spark.client(ARGS).blocks


def test_a_task_never_asks_for_more_cores_than_there_are() -> None:
    """A task that waits for a fifth core of four waits forever."""
    small = dataclasses.replace(ARGS, compute_cores=2, workers=1)
    assert "spark.cores.max=2\n" in conf(spark.client(small), "spark-defaults.conf")
    local = spark.local_client(spark.LocalSparkArgs(compute_cores=2))
    assert "spark.master=local[2]\n" in conf(local, "spark-defaults.conf")


def test_memory_without_a_limit_is_the_request() -> None:
    """A worker without a limit must not offer the node's whole memory."""
    unlimited = service("worker", 4096, resources=workload.Resources(cpu=1, memory=4096))
    assert dataclasses.replace(ARGS, worker=unlimited).offered == ARGS.offered


def test_only_the_masters_page_is_for_people() -> None:
    """Whoever reaches a worker's or the master's other port can run programs on it."""
    master = spark.master(ARGS.master)
    assert [port.name for port in master.audience(workload.Audience.OPERATORS)] == ["http"]
    assert [port.number for port in master.audience(workload.Audience.SITE)] == [fate.ports.SPARK_MASTER]
    assert not spark.worker(ARGS).audience(workload.Audience.OPERATORS)


def test_what_a_service_is_told_reaches_its_workload() -> None:
    """A node selector or variable that is dropped on the way is one that users find out about in production."""
    placement = workload.Placement(node_selector={"pool": "spark"})
    told = service("worker", 4096, environment={"TZ": "UTC"}, placement=placement)
    made = spark.worker(dataclasses.replace(ARGS, worker=told))
    assert made.placement == placement
    assert made.main.environment == {"TZ": "UTC"}
    assert spark.master(dataclasses.replace(ARGS.master, placement=placement)).placement == placement


def test_an_existing_spark_is_pointed_at() -> None:
    """fateflow must reach the company's Spark, and its executors fateflow."""
    driver = fate.spark.Driver(host="fate.example.org", port=30100, block_manager_port=30200, tasks=2)
    existing = spark.SparkExisting(master="spark://s.example.org:7077", driver=driver, home="/opt/spark")
    client = spark.existing_client(ARGS, existing)
    assert client.blocks["fate_on_spark"]["spark"] == {"home": "/opt/spark", "cores_per_node": 4, "nodes": 2}
    assert "spark.master=spark://s.example.org:7077\n" in conf(client, "spark-defaults.conf")
    assert {file.path for file in client.files} == {
        "/opt/spark/conf/spark-defaults.conf",
        "/opt/spark/conf/spark-env.sh",
    }
    assert [(port.number, port.audience) for port in client.ports] == [
        (number, workload.Audience.PEERS) for number in (30100, 30101, 30200, 30201)
    ]
    assert spark.existing_client(ARGS, dataclasses.replace(existing, driver=None)).ports == ()


def test_the_tables_of_a_local_spark_are_kept() -> None:
    """Uploaded data that is gone after a restart of fateflow has to be uploaded again."""
    local = spark.local_client(spark.LocalSparkArgs(compute_cores=4))
    assert local.data_paths == ("/data/projects/fate/localfs",)
    assert local.blocks["fate_on_spark"]["spark"]["nodes"] == 1
