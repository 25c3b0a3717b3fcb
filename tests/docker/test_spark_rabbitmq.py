"""A Spark party with HDFS and RabbitMQ on Docker by the real engine; every server but FATE's own is the real one."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from components.versions import fate_1_11 as fate
from tests import first_up
from tests.docker import backend_life

pytestmark = [pytest.mark.seconds(125), pytest.mark.heavy]
PORTS = {
    "nginx": 29311, "nginxGrpc": 29321, "rabbitmq": 25671, "rabbitmqManagement": 25681,
    "sparkMaster": 28081, "hdfsNamenode": 29871, "fateboard": 28181, "notebook": 28881,
}  # fmt: skip
DATANODES = ("datanode", "datanode-1", "datanode-2")
SERVICES = (
    *("mysql", "namenode", *DATANODES, "spark-master", "spark-worker", "spark-worker-1"),
    *("rabbitmq", "nginx", "fateflow", "fateboard", "notebook"),
)


@pytest.fixture(scope="module")
def life(
    tmp_path_factory: pytest.TempPathFactory, sweep: Callable[[str], None], client: Any
) -> Iterator[backend_life.Life]:
    """A running party with the default numbers of everything."""
    yield from backend_life.start(tmp_path_factory, sweep, client, 9111, PORTS, backend="spark_rabbitmq")


def test_up_ends_when_every_service_is_healthy(life: backend_life.Life) -> None:
    """A run that ends early leaves the operator polling, and a script that follows fails."""
    life.healthy(SERVICES)


def test_services_start_in_the_order_of_what_they_need(life: backend_life.Life) -> None:
    """A scheduler that starts before its store ends, and is started again and again while people wait."""
    life.first.in_order({**first_up.SPARK, "notebook": ("fateflow",)})


def test_the_party_fits_a_small_machine(life: backend_life.Life) -> None:
    """A party that takes more than 8 GiB runs on nobody's laptop."""
    life.fits_a_small_machine()


def test_the_file_system_has_all_its_datanodes(life: backend_life.Life) -> None:
    """With fewer datanodes than copies every upload fails."""
    assert "Live datanodes (3)" in life.run("namenode", "hdfs", "dfsadmin", "-report")


def test_the_broker_opens_with_the_generated_password_only(life: backend_life.Life) -> None:
    """A broker with a known password is open to everybody who reads its manual."""
    login = life.party.outputs()["credentials"]["rabbitmq"]
    assert ask(login, "whoami")["name"] == login["username"]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        ask({"username": "guest", "password": "guest"}, "whoami")


def ask(login: dict[str, str], path: str, method: str = "GET", **content: object) -> Any:
    """What the broker's management answers whoever ``login`` names; ``None`` when it says nothing."""
    address = f"http://127.0.0.1:{PORTS['rabbitmqManagement']}/api/"
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, address, login["username"], login["password"])
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
    body = json.dumps(content).encode() if content else None
    with opener.open(urllib.request.Request(address + path, body, method=method), timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def test_a_second_up_changes_nothing(life: backend_life.Life) -> None:
    """A plan that always shows something trains people not to read plans."""
    assert life.party.up().touched() == set()


def test_one_setting_and_one_peer_touch_only_what_uses_them(life: backend_life.Life) -> None:
    """A log level that restarts the broker, or a partner that restarts anything, interrupts everybody's jobs."""
    before = life.ids()
    life.party.change(
        fateflow=backend_life.limited("fateflow", {"logLevel": "DEBUG"}),
        peers={"9112": {"host": "fate.example.net", "port": 5672, "tls": False}},
    )
    life.party.up()
    assert life.replaced(before) == {"fateflow", "fateflow-route-tables", "nginx-routes"}
    table = yaml.safe_load(life.run("fateflow", "cat", "/data/projects/fate/route-tables/rabbitmq_route_table.yaml"))
    assert (table[9112]["host"], table[9112]["port"]) == ("fate.example.net", 5672)
    assert 9111 in table
    assert "fate.example.net" in life.run("nginx", "sh", "-c", "cat /etc/nginx/fate-routes/*")


def test_damage_done_by_hand_is_found_and_repaired(life: backend_life.Life) -> None:
    """Somebody tidies up containers; the next up must bring back what was there."""
    life.is_repaired("spark-worker-1")


def test_no_password_stands_anywhere_in_plain(life: backend_life.Life) -> None:
    """State files, inspect output and logs are read by many who must not know a password."""
    life.shows_no_password()


def test_destroy_leaves_the_data_and_the_next_up_finds_it(life: backend_life.Life) -> None:
    """A slip must not cost the files or messages under way; and the new password must open the old broker."""
    old = life.party.outputs()["credentials"]["rabbitmq"]
    ask(old, "queues/%2F/kept", "PUT", durable=True)
    lasting = {"properties": {"delivery_mode": 2}, "routing_key": "kept", "payload_encoding": "string"}
    ask(old, "exchanges/%2F/amq.default/publish", "POST", payload="a message", **lasting)
    hdfs = f"hdfs --config {fate.hdfs.CONF_FOLDER} dfs"
    life.run("namenode", "bash", "-c", f"echo a file | {hdfs} -put - /kept && echo kept")
    life.is_destroyed(
        kept=("mysql-mysql", "namenode-name", "datanode-data", "datanode-2-data", "rabbitmq-rabbitmq"),
        dropped=("nginx-routes",),
    )
    # A notebook and a second worker would find nothing again.
    life.party.change(notebook={"enabled": False}, spark=backend_life.limited("spark", {"worker": {"replicas": 1}}))
    life.party.up()
    new = life.party.outputs()["credentials"]["rabbitmq"]
    (found,) = ask(new, "queues/%2F/kept/get", "POST", count=1, ackmode="ack_requeue_true", encoding="auto")
    assert (found["payload"], new["password"] != old["password"]) == ("a message", True)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        ask(old, "whoami")
    assert "a file" in life.run("namenode", "bash", "-c", f"{hdfs} -cat /kept")
