"""Rules about what services compute, store and send with: each broken once and kept once."""

from collections.abc import Collection
from typing import Any

import pytest

from stacks import settings

SECRET = "hunter2-hunter2"
SECRETS = frozenset({"mysql", "rabbitmq", "fateflow", "hive", "fateboard", "notebook"})


def parse(backend: str, secret: Collection[str] = SECRETS, **more: Any) -> settings.StackSettings:
    """Settings of a party with ``backend`` and ``more``."""
    return settings.parse({"partyId": "9999", "backend": backend, **more}, "dev", secret)


def problems(backend: str, secret: Collection[str] = SECRETS, **more: Any) -> list[str]:
    """The lines that a party with ``backend`` and ``more`` is answered with; none when it is good."""
    try:
        parse(backend, secret, **more)
    except settings.Invalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []


def only(backend: str, **more: Any) -> str:
    """The one line that it is answered with."""
    (line,) = problems(backend, **more)
    return line


def test_cores_of_spark_follow_from_one_number() -> None:
    """fateflow would accept jobs that the workers have no cores for."""
    assert parse("spark_pulsar", computeCores=16).worker_cores == 8
    assert parse("spark_pulsar", computeCores=16, spark={"worker": {"replicas": 3}}).worker_cores == 6
    assert parse("spark_pulsar", spark={"worker": {"cores": "10"}}).worker_cores == 10
    line = only("spark_pulsar", spark={"worker": {"cores": 4}})
    assert "2 workers with 4 each make 8 cores, fewer than computeCores: 16" in line
    assert problems("spark_pulsar", computeCores=8, spark={"worker": {"cores": 4}}) == []


@pytest.mark.parametrize(
    ("backend", "section", "path"),
    [
        ("eggroll", {"eggroll": {"nodemanager": {"replicas": 5}}}, "eggroll.nodemanager.replicas"),
        ("spark_pulsar", {"spark": {"worker": {"replicas": 5}}}, "spark.worker.replicas"),
        ("spark_pulsar", {"spark": {"existing": {"master": "spark://a:7077", "workers": 5}}}, "spark.existing.workers"),
    ],
)
def test_everyone_needs_a_core(backend: str, section: dict[str, Any], path: str) -> None:
    """A share of no core ends the program with words of its inside."""
    assert only(backend, computeCores=4, **section).startswith(f"fate:{path}: 5 share computeCores: 4")
    assert problems(backend, computeCores=5, **section) == []


def test_worker_without_room_for_an_executor() -> None:
    """Its container would start, and no task ever."""
    line = only("spark_pulsar", spark={"worker": {"resources": {"memory": "1Gi"}}})
    assert line.startswith("fate:spark.worker.resources.memory: 1024Mi leave no room for an executor")
    limits = {"memory": "512Mi", "memoryLimit": "2Gi"}
    assert problems("spark_pulsar", spark={"worker": {"resources": limits}}) == []


def test_tasks_that_ask_for_more_than_there_is() -> None:
    """Every job that does not say otherwise would be refused."""
    tasks = {"jobDefaults": {"taskCores": 8, "taskParallelism": 4}}
    assert "more than computeCores: 16" in only("eggroll", fateflow=tasks)
    assert problems("eggroll", fateflow=tasks, computeCores=32) == []


def test_gpus_need_images_that_use_them() -> None:
    """A GPU would be taken from others and stay idle."""
    assert "images.device: cpu" in only("eggroll", fateflow={"gpus": 2})
    assert parse("eggroll", fateflow={"gpus": 2}, images={"device": "gpu"}).gpus == 2
    assert parse("eggroll", images={"device": "gpu"}).gpus == 1
    assert parse("eggroll").gpus == 0


def test_task_retries_and_serving() -> None:
    """Both are what KubeFATE's users set; a registry's password stays a secret."""
    zookeeper = {"hosts": ["zk.example.org:2181"], "user": "fate", "password": SECRET}
    given = parse("eggroll", fateflow={"jobDefaults": {"autoRetries": "3"}, "serving": {"zookeeper": zookeeper}})
    assert (given.fateflow.job_defaults.auto_retries, given.fateflow.job_defaults.auto_retry_delay) == (3, 1)
    assert SECRET not in repr(given)
    (line,) = problems("eggroll", secret=(), fateflow={"serving": {"zookeeper": zookeeper}})
    assert "--secret --path fate:fateflow.serving.zookeeper.password" in line


@pytest.mark.parametrize(
    ("backend", "section", "config", "said"),
    [
        ("spark_rabbitmq", "rabbitmq", {"default_user": "a"}, "default_user: is the key user of the section"),
        ("spark_rabbitmq", "rabbitmq", {"default_pass": "a"}, "default_pass: is the key password of the section"),
        ("spark_rabbitmq", "rabbitmq", {"a": "b\nc"}, "a: has a line break"),
        ("spark_rabbitmq", "rabbitmq", {"a b": "c"}, "a b: is no key"),
        ("spark_pulsar", "pulsar", {"clusterName": "a"}, "clusterName: is written by the program"),
        ("spark_pulsar", "pulsar", {"maxMessageSize": 1}, "maxMessageSize: is the key maxMessageSize"),
        ("spark_pulsar", "pulsar", {"tlsKeyStorePassword": "x"}, "tlsKeyStorePassword: is called like a secret"),
        ("spark_pulsar", "spark", {"spark.master": "local"}, "spark.master: follows from the site"),
    ],
)
def test_keys_that_are_not_the_user_s(backend: str, section: str, config: dict[str, Any], said: str) -> None:
    """The program counts on what it writes; a secret in a plain file is none."""
    line = only(backend, **{section: {"config": config}})
    assert said in line.replace("'a b' ", "").replace(f"{section}.config.", "")


def test_further_configuration_of_servers() -> None:
    """A site with large jobs needs what nobody thought of here; numbers are what people write."""
    given = parse(
        "spark_pulsar",
        pulsar={"config": {"brokerDeleteInactiveTopicsFrequencySeconds": 60}, "topicTtl": 30, "backlogQuota": "50Gi"},
        spark={"config": {"spark.eventLog.enabled": True}},
    )
    assert given.pulsar.config == {"brokerDeleteInactiveTopicsFrequencySeconds": "60"}
    assert given.spark.config == {"spark.eventLog.enabled": "true"}
    assert (given.pulsar.topic_ttl, given.pulsar.backlog_quota) == (30, 50)
    assert (given.pulsar.max_message_size, given.pulsar.tenant) == (134217728, "fl-tenant")
    assert "with its unit" in only("spark_pulsar", pulsar={"maxMessageSize": 134217728})
    assert "whole number of Gi" in only("spark_pulsar", pulsar={"backlogQuota": "1500Mi"})


def test_copies_of_blocks_need_datanodes() -> None:
    """Every file would count as damaged from its first day."""
    assert parse("spark_pulsar", hdfs={"datanode": {"replicas": 1}}).hdfs.replication is None
    line = only("spark_pulsar", hdfs={"datanode": {"replicas": 2}, "replication": 3})
    assert line.startswith("fate:hdfs.replication: 3 copies need as many datanodes, and there are 2")
    assert problems("spark_pulsar", hdfs={"datanode": {"replicas": 2}, "replication": "2"}) == []


def test_broker_needs_memory_and_room_for_batches() -> None:
    """It would be killed at its start, or refuse what FATE sends."""
    line = only("spark_local_pulsar", pulsar={"resources": {"memory": "512Mi"}})
    assert line.startswith("fate:pulsar.resources.memory: 512Mi are too little")
    line = only("spark_pulsar", pulsar={"resources": {"memory": "512Mi", "memoryLimit": "600Mi"}})
    assert line.startswith("fate:pulsar.resources.memoryLimit: 600Mi are too little")
    assert problems("spark_pulsar", pulsar={"resources": {"memory": "1Gi"}}) == []
    assert "above maxMessageSize" in only("spark_pulsar", pulsar={"batchSize": "256Mi"})
    assert problems("spark_pulsar", pulsar={"batchSize": "256Mi", "maxMessageSize": "512Mi"}) == []
