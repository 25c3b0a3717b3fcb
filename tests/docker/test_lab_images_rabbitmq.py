"""RabbitMQ with the program's own files: who gets in, what outlives a container, and how two parties' brokers meet."""

import urllib.error
from collections.abc import Iterator

import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.docker.rabbitmq_brokers import IMAGE, JOB, PATIENCE, Broker, service
from tests.docker.stand_ins import Box, ready, run

pytestmark = pytest.mark.seconds(25)
broker = fate.rabbitmq
SEND, RECEIVE = f"send-{JOB}-intersect", f"receive-{JOB}-intersect"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A network for the brokers of these tests."""
    images.ensure([IMAGE])
    made = Box()
    yield made
    made.close()


@pytest.fixture(scope="module")
def volume(box: Box) -> str:
    """The data of the first party's broker."""
    return box.volume()


@pytest.fixture(scope="module")
def first(box: Box, volume: str) -> Broker:
    """The first party's broker."""
    made = box.start(
        service("one's: own", heartbeat="30"), "broker-a", binds=[f"{volume}:{broker.DATA_PATH}"], hostname="one"
    )
    ready(made, broker.probe(user="fate"), PATIENCE)
    return Broker(made, "one's: own")


def test_only_fate_gets_in(first: Broker) -> None:
    """guest/guest is the first login that anybody tries, and FATE's must be an administrator's."""
    assert first.ask("GET", "whoami")["tags"] == ["administrator"]
    assert [user["name"] for user in first.ask("GET", "users")] == ["fate"]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        first.ask("GET", "whoami", login="guest:guest")


def test_the_broker_has_the_settings(first: Broker) -> None:
    """A key that RabbitMQ does not know ends its start; one that it ignores ends a long job instead."""
    names = "[{A, application:get_env(rabbit, A)} || A <- [consumer_timeout, max_message_size, heartbeat]]"
    asked = f"{{{names}, vm_memory_monitor:get_memory_limit()}}."
    said = "".join(run(first.container, "rabbitmqctl", "-n", "rabbit@localhost", "eval", asked).split())
    assert f"{{consumer_timeout,{{ok,{broker.CONSUMER_TIMEOUT_MS}}}}}" in said
    assert f"{{max_message_size,{{ok,{broker.MAX_MESSAGE_SIZE}}}}}" in said
    assert "{heartbeat,{ok,30}}" in said and said.endswith(f",{307 * 2**20}}}")


def test_a_wrong_password_is_not_ready(first: Broker) -> None:
    """A probe that asked for the port only would let fateflow start with a login that fails at the first job."""
    probe = ["/etc/hostname" if word == broker.PASSWORD_PATH else word for word in broker.probe(user="fate")]
    asked = first.container.exec_run(probe)
    assert asked.exit_code == 1 and b"401" in asked.output


def test_nothing_but_the_brokers_own_ports_is_open(first: Broker) -> None:
    """Erlang's ports let whoever knows the cookie run anything inside the broker."""
    table = run(first.container, "bash", "-c", "cat /proc/net/tcp /proc/net/tcp6")
    listening = [line.split()[1] for line in table.splitlines() if line.split()[3] == "0A"]
    outside = {int(each.rpartition(":")[2], 16) for each in listening if not each.startswith(("0100007F", "0B00007F"))}
    assert outside == {fate.ports.RABBITMQ, fate.ports.RABBITMQ_MANAGEMENT}


def test_two_brokers_meet_the_way_fate_links_them(first: Broker, box: Box) -> None:
    """Without the federation plugins both brokers look healthy, and every job waits for ever."""
    second = Broker(box.start(service("two"), "broker-b"), "two")
    ready(second.container, broker.probe(user="fate"), PATIENCE)
    first.prepare(RECEIVE)
    second.prepare(SEND)
    first.follow("broker-b", send=SEND, receive=RECEIVE)

    def status() -> list[str]:
        return [link["status"] for link in first.ask("GET", "federation-links")]

    process.wait_for(lambda: status() == ["running"], 20, lambda: f"the link, which is {status()}")


def test_kept_data_opens_with_another_password_under_another_name(first: Broker, box: Box, volume: str) -> None:
    """The next stack has another password and another host name, and must find queues and users of running jobs."""
    first.prepare(RECEIVE)
    first.container.stop(timeout=30)
    next_one = box.start(service("another"), "broker-a", binds=[f"{volume}:{broker.DATA_PATH}"], hostname="two")
    ready(next_one, broker.probe(user="fate"), PATIENCE)
    later = Broker(next_one, "another")
    assert RECEIVE in [queue["name"] for queue in later.ask("GET", f"queues/{JOB}")]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        later.ask("GET", "whoami", login=f"fate:{first.password}")
    assert "another" not in later.container.logs().decode()
