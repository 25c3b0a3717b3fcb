"""Spark as Pulumi components: what is run, in which order, and what fateflow and people are given."""

import dataclasses
from collections.abc import Callable

import pytest

from components import args, part, spark
from components.platform import workload
from components.versions import fate_1_11 as fate
from tests.recording import made

pytestmark = pytest.mark.mocks
ADDRESS = workload.Endpoint(host="127.0.0.1", port=8080)


def service(memory: int) -> args.ServiceArgs:
    """A service with so much memory."""
    return args.ServiceArgs(image="x", resources=workload.Resources(cpu=1, memory=memory))


ARGS = spark.SparkArgs(master=service(512), worker=service(4096), compute_cores=8)


def engine(told: spark.SparkArgs) -> Callable[[part.Foundation], part.Part]:
    """Makes the engine."""
    return lambda foundation: spark.SparkEngine("fate-9999-spark", told, foundation)


def test_workers_start_after_their_master_and_fateflow_waits_for_both() -> None:
    """A fateflow that starts first takes jobs that nobody computes."""
    made_part, platform, types = made(engine(ARGS))
    assert platform.ran == [("spark-master", ()), ("spark-worker", ("spark-master",))]
    assert [running.name for running in made_part.ready] == ["spark-master", "spark-worker"]
    assert set(made_part.interfaces) == {"spark-master"}
    assert types == ["fate:engine:SparkEngine"]


def test_an_existing_spark_makes_nothing() -> None:
    """Whoever brings a Spark must not pay for a second one."""
    existing = spark.SparkExisting(master="spark://s.example.org:7077")
    made_part, platform, _ = made(engine(dataclasses.replace(ARGS, existing=existing)))
    assert platform.ran == []
    assert (made_part.ready, dict(made_part.interfaces)) == ((), {})


def test_a_local_spark_is_all_in_fateflow() -> None:
    """The slim backend is for machines on which no further service fits."""

    def make(_: part.Foundation) -> part.Part:
        return spark.LocalSpark("fate-9999-spark", spark.LocalSparkArgs(compute_cores=4))

    made_part, platform, types = made(make)
    assert platform.ran == []
    assert list(made_part.client.data_paths) == [fate.spark.LOCAL_DATA_PATH]
    assert types == ["fate:engine:LocalSpark"]
