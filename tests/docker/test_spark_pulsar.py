"""A Spark party with HDFS and Pulsar on Docker by the real engine; a job computes on its workers."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests import first_up, spark_jobs
from tests.docker import backend_life

pytestmark = [pytest.mark.seconds(90), pytest.mark.heavy]
PORTS = {
    "nginx": 29312, "nginxGrpc": 29322, "pulsar": 26652, "pulsarHttp": 28082,
    "sparkMaster": 28092, "hdfsNamenode": 29872, "fateboard": 28182, "notebook": 28882,
}  # fmt: skip
SERVICES = (
    *("mysql", "namenode", "datanode", "spark-master", "spark-worker"),
    *("pulsar", "nginx", "fateflow", "fateboard"),
)


@pytest.fixture(scope="module")
def life(
    tmp_path_factory: pytest.TempPathFactory, sweep: Callable[[str], None], client: Any
) -> Iterator[backend_life.Life]:
    """A running party with one of everything that can be many."""
    yield from backend_life.start(
        tmp_path_factory,
        sweep,
        client,
        9112,
        PORTS,
        backend="spark_pulsar",
        notebook={"enabled": False},
        hdfs={"datanode": {"replicas": 1}},
        spark={"worker": {"replicas": 1}},
    )


def test_up_ends_when_every_service_is_healthy(life: backend_life.Life) -> None:
    """A run that ends early leaves the operator polling, and a script that follows fails."""
    life.healthy(SERVICES)


def test_services_start_in_the_order_of_what_they_need(life: backend_life.Life) -> None:
    """A scheduler that starts before its store ends, and is started again and again while people wait."""
    life.first.in_order({**first_up.SLIM, **first_up.SPARK})


def test_the_party_fits_a_small_machine(life: backend_life.Life) -> None:
    """A party that takes more than 8 GiB runs on nobody's laptop."""
    life.fits_a_small_machine()


def test_the_broker_is_called_after_its_party(life: backend_life.Life) -> None:
    """Brokers that share a name block each other's replicators, and three parties hang."""
    clusters = json.loads(life.run("pulsar", "curl", "-s", "http://127.0.0.1:8080/admin/v2/clusters"))
    assert "9112" in clusters


def test_a_job_computes_on_the_workers_and_stores_in_hdfs(life: backend_life.Life) -> None:
    """An engine that starts but computes nothing is found out only by the first job, hours later."""
    assert spark_jobs.ANSWER in life.run("fateflow", *spark_jobs.COMMAND)


def test_a_second_up_changes_nothing(life: backend_life.Life) -> None:
    """A plan that always shows something trains people not to read plans."""
    assert life.party.up().touched() == set()


def test_one_setting_and_one_peer_touch_only_what_uses_them(life: backend_life.Life) -> None:
    """A log level that restarts the broker, or a partner that restarts anything, interrupts everybody's jobs."""
    before = life.ids()
    life.party.change(
        fateflow=backend_life.limited("fateflow", {"logLevel": "DEBUG"}),
        peers={"9115": {"host": "fate.example.net", "port": 6650, "tls": False}},
    )
    life.party.up()
    assert life.replaced(before) == {
        *("fateflow", "fateflow-route-tables"),
        *("nginx-routes", "pulsar-pulsar-clusters"),
    }
    table = yaml.safe_load(life.run("fateflow", "cat", "/data/projects/fate/route-tables/pulsar_route_table.yaml"))
    assert (table[9115]["host"], table[9115]["port"]) == ("fate.example.net", 6650)


def test_damage_done_by_hand_is_found_and_repaired(life: backend_life.Life) -> None:
    """Somebody tidies up containers; the next up must bring back what was there."""
    life.is_repaired("datanode")


def test_no_password_stands_anywhere_in_plain(life: backend_life.Life) -> None:
    """State files, inspect output and logs are read by many who must not know a password."""
    life.shows_no_password()


def test_destroy_leaves_the_data(life: backend_life.Life) -> None:
    """A slip must not cost the models, files or messages under way."""
    life.is_destroyed(kept=("mysql-mysql", "namenode-name", "datanode-data", "pulsar-data"), dropped=("nginx-routes",))
