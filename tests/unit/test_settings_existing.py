"""Servers that somebody else runs: how they are named, and what may not be said beside them."""

from typing import Any

import pytest

from stacks import settings

PASSWORD = "its-own"
EXISTING: dict[str, tuple[str, dict[str, Any]]] = {
    "mysql": ("eggroll", {"host": "db.example.org", "password": PASSWORD}),
    "spark": ("spark_pulsar", {"master": "spark://spark.example.org:7077"}),
    "hdfs": ("spark_pulsar", {"nameNode": "hdfs://10.0.0.5:9000"}),
    "rabbitmq": ("spark_rabbitmq", {"host": "rabbit.example.org", "password": PASSWORD}),
    "pulsar": ("spark_local_pulsar", {"host": "pulsar.example.org"}),
    "nginx": ("spark_pulsar", {"host": "nginx.example.org"}),
}
"""Section to a backend that has it, and the least that names a server."""


def problems(backend: str, **more: Any) -> list[str]:
    """The lines that a party with ``backend`` and ``more`` is answered with; none when it is good."""
    try:
        settings.parse(
            {"partyId": "9999", "backend": backend, "tls": False, **more}, "dev", secret={"mysql", "rabbitmq", "hive"}
        )
    except settings.Invalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []


@pytest.mark.parametrize("section", EXISTING)
def test_server_of_somebody_else_is_no_service_of_the_site(section: str) -> None:
    """The site would run a second one beside it."""
    backend, existing = EXISTING[section]
    given = settings.parse(
        {"partyId": "9999", "backend": backend, "tls": False, section: {"existing": existing}}, "dev", secret={section}
    )
    assert not [path for path in settings.own_services(given) if path.split(".")[0] == section]
    assert getattr(given, section).existing is not None


@pytest.mark.parametrize("section", EXISTING)
def test_settings_beside_a_server_of_somebody_else_are_refused(section: str) -> None:
    """They would be ignored, with the user believing in them."""
    backend, existing = EXISTING[section]
    inner = {"spark": "worker", "hdfs": "datanode"}.get(section)
    told: dict[str, Any] = {"resources": {"cpu": 1}}
    lines = problems(backend, **{section: {"existing": existing, **({inner: told} if inner else told)}})
    assert [line.split(": ")[0] for line in lines] == [f"fate:{section}.{inner or 'resources'}"]
    assert "means nothing with existing" in lines[0]


def test_settings_that_count_for_both() -> None:
    """MySQL's image is also the client that makes the tables; the tenant is the whole federation's."""
    mysql = {"existing": EXISTING["mysql"][1], "image": "mysql:8.0.28"}
    assert problems("eggroll", mysql=mysql) == []
    pulsar = {"existing": EXISTING["pulsar"][1], "tenant": "federation", "topicTtl": 9}
    assert problems("spark_pulsar", pulsar=pulsar) == []
    spark = {"existing": EXISTING["spark"][1], "config": {"spark.executor.memory": "8g"}}
    assert problems("spark_pulsar", spark=spark) == []


@pytest.mark.parametrize(
    ("section", "more", "said"),
    [
        ("mysql", {"host": "localhost"}, "fate:mysql.existing.host"),
        ("mysql", {"host": "db:3306"}, "leave out scheme and port"),
        ("mysql", {"password": None}, "fate:mysql.existing.password"),
        ("mysql", {"port": 0}, "at least 1"),
        ("mysql", {"user": "root"}, "administrator"),
        ("spark", {"master": "spark.example.org:7077"}, "no address such as spark://"),
        ("spark", {"master": "spark://127.0.0.1:7077"}, "only the container"),
        ("spark", {"home": "opt/spark"}, "no folder of an image"),
        ("spark", {"driver": {"host": "fate.example.org", "port": 40000, "blockManagerPort": 40005}}, "further apart"),
        ("spark", {"driver": {"host": "localhost"}}, "address that other sites dial"),
        ("hdfs", {"nameNode": "hdfs://user:secret@host:9000"}, "leave out login"),
        ("hdfs", {"nameNode": "http://host:9870"}, "no address such as hdfs://"),
        ("hdfs", {"pathPrefix": "fate"}, "no folder of a file system"),
        ("rabbitmq", {"password": ""}, "fate:rabbitmq.existing.password"),
        ("rabbitmq", {"managementPort": 70000}, "at most 65535"),
        ("pulsar", {"cluster": "a b"}, "no name"),
        ("nginx", {"grpcPort": "x"}, "whole number"),
    ],
)
def test_malformed_address_of_a_server(section: str, more: dict[str, Any], said: str) -> None:
    """fateflow would find out at the first job."""
    backend, existing = EXISTING[section]
    (line,) = problems(backend, **{section: {"existing": {**existing, **more}}})
    assert said in line
    assert PASSWORD not in line


def test_addresses_have_the_defaults_of_their_servers() -> None:
    """Whoever runs the usual server has only its host to tell."""
    raw = {"partyId": "1", "backend": "spark_rabbitmq", "rabbitmq": {"existing": EXISTING["rabbitmq"][1]}}
    broker = settings.parse(raw, "dev", secret={"rabbitmq"}).rabbitmq.existing
    assert broker is not None
    assert (broker.port, broker.management_port, broker.user) == (5672, 15672, "fate")
    assert broker.password.get_secret_value() == PASSWORD
    assert PASSWORD not in repr(broker)


def test_hive_takes_the_place_of_hdfs() -> None:
    """Tables are stored in one of the two; datanodes that hold nothing would run for nobody."""
    hive = {"host": "hive.example.org", "user": "fate", "password": PASSWORD}
    raw = {"partyId": "1", "backend": "spark_pulsar", "hive": hive}
    given = settings.parse(raw, "dev", secret={"hive"})
    assert not [path for path in settings.own_services(given) if path.startswith("hdfs.")]
    (line,) = problems("spark_pulsar", hive=hive, hdfs={"datanode": {"replicas": 3}})
    assert line.startswith("fate:hdfs: means nothing with hive")
    (line,) = problems("spark_pulsar", hive={"host": "hive.example.org", "password": PASSWORD})
    assert "without user" in line
    (line,) = problems("spark_pulsar", hive={**hive, "authMechanism": "KERBEROS"})
    assert "expects one of PLAIN" in line
