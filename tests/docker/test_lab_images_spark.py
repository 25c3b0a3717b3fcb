"""The lab images of Spark: real daemons start with the program's commands, and a real job computes on the workers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.versions import fate_1_11 as fate
from lab import images
from tests.docker import stand_ins

pytestmark = pytest.mark.seconds(20)
MASTER, WORKER, FATEFLOW = (
    f"federatedai/{name}:{stand_ins.RELEASE}" for name in ("spark-master", "spark-worker", "fateflow-spark")
)
OFFERED = fate.spark.workers(compute_cores=2, number=1, memory=2048)
JOB = """
from pyspark import SparkContext
context = SparkContext(appName="lab")
pairs = context.parallelize(range(100), 2).map(lambda n: (n % 7, n))
print("TOTAL", pairs.reduceByKey(lambda a, b: a + b).values().sum())
print("HOSTS", *pairs.map(lambda _: __import__("socket").gethostname()).distinct().collect())
print("DRIVER", context.getConf().get("spark.driver.host"))
"""
SUBMIT = 'exec "$SPARK_HOME/bin/spark-submit" --num-executors=1 --executor-cores=2 "$1"'
"""As fateflow does it; the number of executors is among its arguments, though standalone masters do not read it."""


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, Any]]:
    """A master, a worker, and a container of fateflow's image in which jobs are submitted."""
    images.ensure([MASTER, WORKER, FATEFLOW])
    box = stand_ins.Box()
    try:
        master = stand_ins.Service(MASTER, fate.spark.master_command(512), {})
        worker = stand_ins.Service(WORKER, fate.spark.worker_command(OFFERED), {})
        files = {
            fate.spark.defaults_path(): fate.spark.defaults(
                master=fate.spark.MASTER_URL, task_cores=2, executor_memory=OFFERED.executor_memory(2)
            ),
            fate.spark.environment_path(): fate.spark.environment(),
            "/tmp/job.py": JOB,
        }
        idle = stand_ins.Service(FATEFLOW, ("sleep", "infinity"), files)
        made: dict[str, Any] = {"box": box, "spark-master": box.start(master, "spark-master", hostname="spark-master")}
        stand_ins.ready(made["spark-master"], fate.spark.master_probe())
        made["spark-worker"] = box.start(worker, "spark-worker", hostname="spark-worker")
        made["fateflow"] = box.start(idle, "fateflow", hostname="fateflow")
        stand_ins.ready(made["spark-worker"], fate.spark.worker_probe())
        yield made
    finally:
        box.close()


def test_a_job_computes_on_the_worker(site: dict[str, Any]) -> None:
    """Daemons that start but compute nothing would be found out by the first job of the first user."""
    said = stand_ins.run(site["fateflow"], "bash", "-c", SUBMIT, "submit", "/tmp/job.py")
    assert "TOTAL 4950" in said
    assert "HOSTS spark-worker" in said
    site["fateflow"].reload()
    (network,) = site["fateflow"].attrs["NetworkSettings"]["Networks"].values()
    assert f"DRIVER {network['IPAddress']}" in said


def test_the_masters_page_leads_to_the_workers(site: dict[str, Any]) -> None:
    """Nobody outside reaches a worker's own page, and a name that only its pod knows leads nowhere."""
    url = f"http://127.0.0.1:{fate.ports.SPARK_MASTER_HTTP}"
    (worker,) = json.loads(stand_ins.run(site["spark-master"], "curl", "-fsS", f"{url}/json/"))["workers"]
    assert worker["host"] in worker["webuiaddress"] or "/proxy/" in worker["webuiaddress"]
    page = stand_ins.run(site["spark-master"], "curl", "-fsS", f"{url}/proxy/{worker['id']}/")
    assert f"Spark Worker at {worker['host']}" in page


def test_a_worker_is_ready_only_when_the_master_knows_it(site: dict[str, Any]) -> None:
    """A probe that passes without a master lets fateflow start, and its first job waits for workers."""
    command = [
        word.replace(fate.spark.MASTER_URL, "spark://nowhere:7077") for word in fate.spark.worker_command(OFFERED)
    ]
    alone = site["box"].start(stand_ins.Service(WORKER, command, {}))
    port = fate.ports.SPARK_WORKER_HTTP
    stand_ins.ready(alone, ("curl", "-fsS", "-o", "/dev/null", f"http://127.0.0.1:{port}/json/"))
    assert alone.exec_run(list(fate.spark.worker_probe())).exit_code == 1


def test_sigterm_ends_each_at_once(site: dict[str, Any]) -> None:
    """A daemon that ignores the stop signal costs ten seconds at every `up` that replaces it."""
    for name in ("spark-worker", "spark-master"):
        site[name].kill("SIGTERM")
        assert site[name].wait(timeout=5)["StatusCode"] == 143
