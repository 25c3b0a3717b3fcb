"""Two parties' real brokers carry a job's data both ways, linked as FATE links them, with the program's own files.

FATE 1.11.2 sends no more than ``max_message_size`` of service_conf.yaml in one message (1 MiB); a value that somebody
lets through whole must arrive all the same.
"""

import hashlib
from collections.abc import Iterator

import pika
import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.docker.rabbitmq_brokers import IMAGE, JOB, PATIENCE, Broker, service
from tests.docker.stand_ins import Box, ready

pytestmark = pytest.mark.seconds(60)
MEMORY = 1024
"""MiB of each broker's container."""
SIZES = (1, 1_000_000, 100_000_000)
"""Bytes of one message."""
ROUNDS = 2
GUEST, HOST = "guest-9999", "host-10000"


@pytest.fixture(scope="module")
def pair() -> Iterator[dict[str, Broker]]:
    """A broker for each party; each fetches from the other what is meant for it."""
    images.ensure([IMAGE])
    box = Box()
    made = {}
    try:
        for name in (GUEST, HOST):
            container = box.start(service(name, MEMORY), name, mem_limit=f"{MEMORY}m")
            made[name] = Broker(container, name)
        for name, broker in made.items():
            ready(broker.container, fate.rabbitmq.probe(user="fate"), PATIENCE)
            other = HOST if name == GUEST else GUEST
            broker.prepare(f"send-{name}", f"receive-{other}")
            broker.follow(other, send=f"send-{other}", receive=f"receive-{other}")
        yield made
    finally:
        box.close()


def channel(broker: Broker) -> pika.BlockingConnection:
    """A connection as FATE's, whose user is the job's own."""
    login = pika.PlainCredentials(JOB, JOB)
    told = pika.ConnectionParameters(
        broker.address, fate.ports.RABBITMQ, JOB, login, blocked_connection_timeout=PATIENCE
    )
    return pika.BlockingConnection(told)


def payload(size: int, start: str) -> bytes:
    """``size`` bytes that nobody would make by chance, others for each ``start``."""
    block = hashlib.sha512(start.encode()).digest()
    return (block * (size // len(block) + 1))[:size]


def send(broker: Broker, queue: str, body: bytes) -> None:
    """Hand ``body`` to the broker, and wait until it has it."""
    connection = channel(broker)
    try:
        opened = connection.channel()
        opened.confirm_delivery()
        opened.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2))
    finally:
        connection.close()


def receive(broker: Broker, queue: str) -> bytes:
    """The next message of ``queue``, once it has come over."""
    connection = channel(broker)
    try:
        opened = connection.channel()
        found: list[bytes] = []

        def there() -> bool:
            method, _, body = opened.basic_get(queue, auto_ack=True)
            if method is not None:
                found.append(bytes(body))
            return bool(found)

        process.wait_for(there, PATIENCE, f"a message in {queue}")
        return found[0]
    finally:
        connection.close()


@pytest.mark.parametrize("size", SIZES)
def test_what_one_party_sends_the_other_gets_byte_by_byte(pair: dict[str, Broker], size: int) -> None:
    """A job whose data arrives cut, or not at all, waits for ever, or learns something else."""
    for number in range(ROUNDS):
        for start, end in ((GUEST, HOST), (HOST, GUEST)):
            body = payload(size, f"{start} {number}")
            send(pair[start], f"send-{start}", body)
            assert receive(pair[end], f"receive-{start}") == body


def test_links_run_and_nothing_is_left(pair: dict[str, Broker]) -> None:
    """A link that is up on one side only, or a message that stays behind, shows in the next job."""
    for broker in pair.values():
        assert [link["status"] for link in broker.ask("GET", "federation-links")] == ["running"]

    def left() -> dict[str, int]:
        queues = [each for broker in pair.values() for each in broker.ask("GET", f"queues/{JOB}")]
        return {each["name"]: each.get("messages", 0) for each in queues if each.get("messages", 0)}

    process.wait_for(lambda: not left(), PATIENCE, lambda: f"empty queues, not {left()}")
