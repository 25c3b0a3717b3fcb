"""A slim party (Spark inside fateflow, files on disk, a Pulsar broker) as real pods by the real engine."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests import first_up
from tests.cluster import backend_life

pytestmark = pytest.mark.seconds(55)
IMAGES = (
    "mysql:8.0.28",
    "nginx:1.22.1",
    "federatedai/fateflow-spark:1.11.2-release",
    "federatedai/fateboard:1.11.2-release",
    "apachepulsar/pulsar:2.10.2",
)
WORKLOADS = ("mysql", "pulsar", "nginx", "fateflow", "fateboard")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, cluster: pathlib.Path, kubectl: Any) -> Iterator[backend_life.Life]:
    """A running party without a notebook, which no backend changes."""
    yield from backend_life.start(
        tmp_path_factory,
        cluster,
        kubectl,
        9213,
        IMAGES,
        backend="spark_local_pulsar",
        notebook={"enabled": False},
    )


def test_up_ends_when_every_pod_is_ready(life: backend_life.Life) -> None:
    """A run that ends early leaves the operator polling, and a script that follows fails."""
    life.ready(WORKLOADS)


def test_services_start_in_the_order_of_what_they_need(life: backend_life.Life) -> None:
    """A scheduler that starts before its store ends, and is started again and again while people wait."""
    life.first.in_order(first_up.SLIM)


def test_the_broker_is_called_after_its_party(life: backend_life.Life) -> None:
    """Brokers that share a name block each other's replicators, and three parties hang."""
    clusters = json.loads(life.run("pulsar-0", "curl", "-s", "http://127.0.0.1:8080/admin/v2/clusters"))
    assert "9213" in clusters


def test_a_second_up_changes_nothing(life: backend_life.Life) -> None:
    """A plan that always shows something trains people not to read plans."""
    assert life.party.up().touched() == set()


def test_one_setting_and_one_peer_touch_only_what_uses_them(life: backend_life.Life) -> None:
    """A log level that restarts the broker, or a partner that restarts anything, interrupts everybody's jobs."""
    before, site = life.uids(), life.party.site
    life.party.change(
        fateflow={"logLevel": "DEBUG"}, peers={"9216": {"host": "fate.example.net", "port": 6650, "tls": False}}
    )
    changed = ("fateflow", "fateflow-route-tables", "nginx-routes", "pulsar-pulsar-clusters")
    assert life.party.up().touched() == {f"{site}-{name}" for name in changed}
    assert life.replaced(before) == {"fateflow"}


def test_damage_done_by_hand_is_found_and_repaired(life: backend_life.Life) -> None:
    """Somebody deletes with kubectl; the next up must bring back what was described."""
    life.is_repaired("nginx")


def test_no_password_stands_anywhere_in_plain(life: backend_life.Life) -> None:
    """State, ConfigMaps, pod specs and logs are read by many who must not know a password."""
    life.shows_no_password()


def test_destroy_leaves_the_data(life: backend_life.Life) -> None:
    """A slip must not cost the models, files or messages under way."""
    life.is_destroyed(kept=("data-mysql-0", "data-pulsar-0", "data-fateflow-0"))
