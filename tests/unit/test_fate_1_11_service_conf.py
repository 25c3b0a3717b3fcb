"""service_conf.yaml of FATE 1.11, read back as FATE reads it."""

import dataclasses
from typing import Any

import pytest
import yaml

from components.versions import fate_1_11

pytestmark = pytest.mark.unit

EGGROLL = fate_1_11.Engines(computing="eggroll", federation="eggroll", storage="eggroll", proxy="rollsite")
DATABASE = fate_1_11.Database(host="mysql", port=3306, name="eggroll_meta", user="fate", password='a: "b" %#\\é')

TOP = {
    "use_registry",
    "use_deserialize_safe_module",
    "dependent_distribution",
    "encrypt_password",
    "encrypt_module",
    "private_key",
    "private_key_file",
    "party_id",
    "hook_module",
    "hook_server_name",
    "authentication",
    "permission",
    "fateflow",
    "database",
    "zookeeper",
    "default_engines",
    "fate_on_eggroll",
    "fateboard",
    "enable_model_store",
    "model_store_address",
    "servings",
}
"""Top-level keys of the file that FATE 1.11.2 ships, without those of engines that an eggroll party lacks."""
BLOCKS = {
    "hook_module": {"client_authentication", "site_authentication", "permission"},
    "authentication": {"client", "site"},
    "permission": {"switch", "component", "dataset"},
    "fateflow": {"host", "http_port", "grpc_port", "nginx", "random_instance_id", "proxy", "protocol"},
    "database": {"name", "user", "passwd", "host", "port", "max_connections", "stale_timeout"},
    "default_engines": {"computing", "federation", "storage"},
    "fate_on_eggroll": {"clustermanager", "rollsite"},
    "fateboard": {"host", "port"},
}


EGGROLL_BLOCK = fate_1_11.fate_on_eggroll(cores=4, nodes=1)


def conf(*, compute_cores: int = 8, nodes: int = 2, database: fate_1_11.Database = DATABASE) -> dict[str, Any]:
    """The file, parsed."""
    block = fate_1_11.fate_on_eggroll(cores=fate_1_11.cores_per_node(compute_cores, nodes), nodes=nodes)
    text = fate_1_11.service_conf(party_id=9999, engines=EGGROLL, database=database, blocks=[block])
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def test_every_key_that_fate_reads_is_there() -> None:
    """FATE-Flow stops at start when a key is missing, which is how upgrades with old files used to fail."""
    read = conf()
    assert set(read) == TOP
    for block, keys in BLOCKS.items():
        assert keys <= set(read[block]), block


def test_database_arrives_unchanged_whatever_the_password_contains() -> None:
    """A password with YAML's special characters must not be cut or change its type."""
    for password in (DATABASE.password, "12345", "null", "0x1F", " spaced "):
        read = conf(database=dataclasses.replace(DATABASE, password=password))["database"]
        assert (read["passwd"], read["user"], read["name"], read["host"]) == (password, "fate", "eggroll_meta", "mysql")
    assert conf()["database"]["port"] == 3306


def test_the_address_is_replaceable_and_stands_nowhere_else() -> None:
    """The start command replaces the word everywhere: anything else that contained it would be spoilt."""
    text = fate_1_11.service_conf(party_id=1, engines=EGGROLL, database=DATABASE, blocks=[EGGROLL_BLOCK])
    assert text.count(fate_1_11.OWN_ADDRESS) == 1
    read = yaml.safe_load(text.replace(fate_1_11.OWN_ADDRESS, "10.0.0.7"))
    assert read["fateflow"]["host"] == "10.0.0.7"


def test_ports_and_party_are_numbers() -> None:
    """FATE-Flow binds http_port and compares party_id as they stand: a string fails late."""
    read = conf()
    assert (read["party_id"], read["fateflow"]["http_port"], read["fateflow"]["grpc_port"]) == (9999, 9380, 9360)
    assert read["fate_on_eggroll"]["rollsite"] == {"host": "rollsite", "port": 9370}
    assert read["fateflow"]["proxy"] == "rollsite"


@pytest.mark.parametrize(("cores", "nodes", "each"), [(8, 1, 8), (8, 2, 4), (8, 3, 2), (4, 4, 1)])
def test_jobs_are_admitted_by_the_cores_that_eggroll_starts(cores: int, nodes: int, each: int) -> None:
    """fateflow and eggroll with different counts: jobs are admitted that then wait forever."""
    manager = conf(compute_cores=cores, nodes=nodes)["fate_on_eggroll"]["clustermanager"]
    assert manager == {"cores_per_node": each, "nodes": nodes}
    per_node = fate_1_11.cores_per_node(cores, nodes)
    text = fate_1_11.eggroll_properties(party_id=1, database=None, processors_per_node=per_node, coordinator="x")
    assert f"eggroll.session.processors.per.node={each}\n" in text
    assert each * nodes <= cores


@pytest.mark.parametrize(("cores", "nodes"), [(2, 3), (0, 1), (4, 0)])
def test_a_node_without_cores_is_refused(cores: int, nodes: int) -> None:
    """A nodemanager with no core would make every job wait."""
    with pytest.raises(ValueError, match=rf"computeCores is {cores} for {nodes} nodemanagers.*raise"):
        conf(compute_cores=cores, nodes=nodes)


def test_engines_that_do_not_fit_are_refused() -> None:
    """A hand-made mixture of engines gave jobs that wait without an error."""
    with pytest.raises(ValueError, match="eggroll, pulsar, eggroll, rollsite"):
        fate_1_11.service_conf(
            party_id=1,
            engines=dataclasses.replace(EGGROLL, federation="pulsar"),
            database=DATABASE,
            blocks=[EGGROLL_BLOCK],
        )


def test_the_password_is_in_no_message() -> None:
    """Whoever prints the arguments of a failed call must not print the password."""
    assert DATABASE.password not in repr(DATABASE)
