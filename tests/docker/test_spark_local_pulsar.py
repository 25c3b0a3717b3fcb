"""A slim party on Docker by the real engine: Spark inside fateflow, files on disk, a real Pulsar broker."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from components.versions import fate_1_11 as fate
from tests import first_up
from tests.docker import backend_life

pytestmark = pytest.mark.seconds(95)
PORTS = {
    "nginx": 29313,
    "nginxGrpc": 29323,
    "pulsar": 26653,
    "pulsarHttp": 28083,
    "fateboard": 28183,
    "notebook": 28883,
}
SERVICES = ("mysql", "pulsar", "nginx", "fateflow", "fateboard")


@pytest.fixture(scope="module")
def life(
    tmp_path_factory: pytest.TempPathFactory, sweep: Callable[[str], None], client: Any
) -> Iterator[backend_life.Life]:
    """A running party without a notebook, which no backend changes."""
    yield from backend_life.start(
        tmp_path_factory, sweep, client, 9113, PORTS, backend="spark_local_pulsar", notebook={"enabled": False}
    )


def test_up_ends_when_every_service_is_healthy(life: backend_life.Life) -> None:
    """A run that ends early leaves the operator polling, and a script that follows fails."""
    life.healthy(SERVICES)


def test_services_start_in_the_order_of_what_they_need(life: backend_life.Life) -> None:
    """A scheduler that starts before its store ends, and is started again and again while people wait."""
    life.first.in_order(first_up.SLIM)


def test_the_party_fits_a_small_machine(life: backend_life.Life) -> None:
    """A party that takes more than 8 GiB runs on nobody's laptop."""
    life.fits_a_small_machine()


def test_the_broker_is_called_after_its_party(life: backend_life.Life) -> None:
    """Brokers that share a name block each other's replicators, and three parties hang."""
    clusters = json.loads(life.run("pulsar", "curl", "-s", "http://127.0.0.1:8080/admin/v2/clusters"))
    assert "9113" in clusters


def test_a_second_up_changes_nothing(life: backend_life.Life) -> None:
    """A plan that always shows something trains people not to read plans."""
    assert life.party.up().touched() == set()


def test_one_setting_and_one_peer_touch_only_what_uses_them(life: backend_life.Life) -> None:
    """A log level that restarts the broker, or a partner that restarts anything, interrupts everybody's jobs."""
    before = life.ids()
    life.party.change(
        fateflow=backend_life.limited("fateflow", {"logLevel": "DEBUG"}),
        peers={"9114": {"host": "fate.example.net", "port": 6650, "tls": False}},
    )
    life.party.up()
    assert life.replaced(before) == {
        *("fateflow", "fateflow-route-tables"),
        *("nginx-routes", "pulsar-pulsar-clusters"),
    }
    table = yaml.safe_load(life.run("fateflow", "cat", "/data/projects/fate/route-tables/pulsar_route_table.yaml"))
    assert (table[9114]["host"], table[9114]["port"]) == ("fate.example.net", 6650)
    assert "fate.example.net" in life.run("nginx", "sh", "-c", "cat /etc/nginx/fate-routes/*")


def test_damage_done_by_hand_is_found_and_repaired(life: backend_life.Life) -> None:
    """Somebody tidies up containers; the next up must bring back what was there."""
    life.is_repaired("nginx")


def test_no_password_stands_anywhere_in_plain(life: backend_life.Life) -> None:
    """State files, inspect output and logs are read by many who must not know a password."""
    life.shows_no_password()


def test_destroy_leaves_the_data_and_the_next_up_finds_it(life: backend_life.Life) -> None:
    """A slip must not cost the models or messages under way."""
    topic = "http://127.0.0.1:8080/admin/v2/persistent/public/default/kept"
    reader = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", f"{topic}/subscription/reader")
    assert life.run("pulsar", *reader) == "204"
    life.run("fateflow", "sh", "-c", f"echo a model | tee {fate.spark.LOCAL_DATA_PATH}/kept")
    life.is_destroyed(kept=("mysql-mysql", "pulsar-data", "fateflow-localfs"), dropped=("nginx-routes",))
    life.party.up()
    assert json.loads(life.run("pulsar", "curl", "-s", f"{topic}/subscriptions")) == ["reader"]
    assert life.run("fateflow", "cat", f"{fate.spark.LOCAL_DATA_PATH}/kept") == "a model\n"
