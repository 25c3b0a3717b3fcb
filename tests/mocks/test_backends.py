"""What the program registers for the Spark backends, and for what their settings say."""

import json
from typing import Any

import pytest

from stacks import backends
from tests import mocked

pytestmark = pytest.mark.mocks
CELLS = [(backend.value, platform) for backend in backends.BACKENDS for platform in ("kubernetes", "docker")]
EXISTING = {
    "mysql": {"host": "db.example", "password": "of-the-other-database"},
    "rabbitmq": {"host": "mq.example", "password": "of-the-other-broker"},
    "pulsar": {"host": "pulsar.example"},
    "nginx": {"host": "router.example"},
    "spark": {"master": "spark://spark.example:7077"},
    "hdfs": {"nameNode": "hdfs://hdfs.example:9000"},
}
"""One server of each kind that somebody else runs."""
SERVERS = {
    "mysql": ("mysql",),
    "rabbitmq": ("rabbitmq",),
    "pulsar": ("pulsar",),
    "nginx": ("nginx",),
    "spark": ("spark-master", "spark-worker"),
    "hdfs": ("namenode", "datanode"),
}


def containers(run: mocked.Run) -> dict[str, dict[str, Any]]:
    """A Docker site's containers by name without the site."""
    return {each.name.removeprefix("fate-9999-"): dict(each.inputs) for each in run.of("Container")}


def conf(run: mocked.Run) -> str:
    """service_conf.yaml as fateflow's container gets it."""
    return json.dumps(containers(run)["fateflow"]["uploads"], default=str)


@pytest.mark.parametrize(("backend", "platform"), CELLS)
def test_no_password_of_any_backend_stands_where_it_is_read(backend: str, platform: str) -> None:
    """A broker's password in a ConfigMap, a variable or a label would be read by anybody with view rights."""
    run = mocked.run(backend=backend, platform=platform)
    for resource in run.resources:
        inputs = dict(resource.inputs)
        inputs.pop("stringData", None)
        inputs.pop("uploads", None)
        assert mocked.SECRET not in json.dumps(inputs, default=str), resource.name


@pytest.mark.parametrize("section", sorted(EXISTING))
def test_what_somebody_else_runs_is_not_run_here_and_fateflow_is_sent_there(section: str) -> None:
    """A second, empty server beside the organisation's own would take the data that belongs in the other."""
    backend = "spark_pulsar" if section == "pulsar" else "spark_rabbitmq"
    given = json.dumps({"existing": EXISTING[section]})
    run = mocked.run(backend=backend, platform="docker", **{section: given})
    assert not {*SERVERS[section]} & {*containers(run)}
    host = next(value for key, value in EXISTING[section].items() if key != "password")
    assert host in conf(run)


def test_a_hive_takes_the_place_of_files() -> None:
    """Datanodes that nobody uses take a terabyte of disk."""
    run = mocked.run(backend="spark_rabbitmq", platform="docker", hive=json.dumps({"host": "hive.example"}))
    assert not {"namenode", "datanode"} & {*containers(run)}
    assert "hive.example" in conf(run)


def test_what_is_said_of_a_service_reaches_its_container() -> None:
    """A setting that is accepted and ignored is worse than one that is refused."""
    said = {
        "image": "registry.example/pulsar:mine",
        "environment": {"PULSAR_EXTRA_OPTS": "-Dmine=1"},
        "resources": {"memory": "2Gi", "memoryLimit": "2Gi"},
        "topicTtl": 77,
        "config": {"brokerDeleteInactiveTopicsEnabled": "false"},
    }
    run = mocked.run(backend="spark_pulsar", platform="docker", pulsar=json.dumps(said))
    broker = containers(run)["pulsar"]
    assert "PULSAR_EXTRA_OPTS=-Dmine=1" in broker["envs"]
    assert broker["memory"] == 2048
    assert "brokerDeleteInactiveTopicsEnabled" in json.dumps(broker["uploads"])
    assert "registry.example/pulsar:mine" in run.outputs["images"]
    assert "77" in conf(run)


def test_gpus_are_for_fateflow_alone() -> None:
    """A GPU that a database holds trains nothing."""
    run = mocked.run(backend="eggroll", images=json.dumps({"device": "gpu"}))
    asking = {
        each.name
        for kind in ("StatefulSet", "Deployment")
        for each in run.of(kind)
        if "nvidia.com/gpu" in json.dumps(each.inputs, default=str)
    }
    assert asking == {"fate-9999-fateflow"}
