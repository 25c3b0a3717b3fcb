"""Two parties' real brokers carry a job's data both ways, linked as FATE links them, with the program's own files.

FATE 1.11.2 cuts a pickled object into slices of ``max_message_size`` (1 MiB in service_conf.yaml), and packs slices and
rows of tables, hexadecimal in JSON, into messages of about that size; one row goes whole, however large it is. So a
message can be of any size. FATE leaves them transient: the broker keeps them in memory as long as it can.
"""

import random
from collections.abc import Iterator

import pika
import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.docker.rabbitmq_brokers import IMAGE, JOB, PATIENCE, Broker, service
from tests.docker.stand_ins import Box, ready

pytestmark = pytest.mark.seconds(20)
GUEST, HOST = "guest-9999", "host-10000"
LIMITS = {GUEST: None, HOST: 1024}
"""MiB of each broker's container: without a limit, as the settings leave it, and with the memory that they ask for."""
SIZES = (1, 1_000_000, 100_000_000)
"""Bytes of one message."""
ROUNDS = 2


@pytest.fixture(scope="module")
def pair() -> Iterator[dict[str, Broker]]:
    """A broker for each party; each fetches from the other what is meant for it."""
    images.ensure([IMAGE])
    box = Box()
    made = {}
    try:
        for name in (GUEST, HOST):
            limit = LIMITS[name]
            container = box.start(service(name, limit), name, **({"mem_limit": f"{limit}m"} if limit else {}))
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
    """``size`` bytes without a pattern, others for each ``start``: a piece in the wrong place shows."""
    return random.Random(start).randbytes(size)


def send(broker: Broker, queue: str, body: bytes) -> None:
    """Hand ``body`` to the broker, and wait until it has it."""
    connection = channel(broker)
    try:
        opened = connection.channel()
        opened.confirm_delivery()
        opened.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=1))
    finally:
        connection.close()


def receive(broker: Broker, queue: str) -> bytes:
    """The next message of ``queue``, fetched as FATE does: a link is at work only while somebody consumes."""
    connection = channel(broker)
    try:
        opened = connection.channel()
        for method, _, body in opened.consume(queue, inactivity_timeout=PATIENCE):
            assert method is not None, f"no message in {queue}"
            opened.basic_ack(method.delivery_tag)
            opened.cancel()
            return bytes(body)
        raise AssertionError(f"{queue} is gone")
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
