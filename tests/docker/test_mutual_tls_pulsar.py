"""Real brokers of three parties that meet at an exchange by name, with mutual TLS from one end to the other."""

import dataclasses
from collections.abc import Iterator
from concurrent import futures

import pytest

from components.versions import fate_1_11 as fate
from lab import images
from tests.docker import tls_brokers
from tests.docker.stand_ins import Box
from tests.docker.tls_brokers import PULSAR, Broker, anchor
from tests.docker.tls_routers import IMAGE, Router

pytestmark = [pytest.mark.seconds(150), pytest.mark.heavy]
PARTIES = (9999, 10000, 10001)
EVERYBODY = "".join(anchor(each).pem for each in (*PARTIES, "exchange"))
SIZES = (1, 1_000_000, 100_000_000)


@dataclasses.dataclass
class Federation:
    """Three parties and their exchange."""

    hub: Router
    brokers: dict[int, Broker]


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Everything, for all tests."""
    images.ensure([PULSAR, IMAGE])
    folder, box = tmp_path_factory.mktemp("live"), Box()
    try:
        clusters = {
            each: fate.pulsar.clusters(party_id=each, peers={}, exchange=tls_brokers.EXCHANGE) for each in PARTIES
        }
        brokers = {each: tls_brokers.begin(box, folder, each, EVERYBODY, clusters[each]) for each in PARTIES}
        hub = tls_brokers.meet(box, folder, EVERYBODY, PARTIES)
        for each in brokers.values():
            tls_brokers.answers(each)
        yield Federation(hub, brokers)
    finally:
        box.close()


@pytest.mark.parametrize("job", ["202611250001", "202611250002"])
def test_messages_of_each_party_arrive_at_the_two_others(federation: Federation, job: str) -> None:
    """Three parties at once, and a second job after the first, are what replicators that block each other fail at."""
    namespace = f"{fate.pulsar.TENANT}/{job}"
    topics = {party: f"{namespace}/from-{party}" for party in PARTIES}
    for broker in federation.brokers.values():
        broker.prepare(namespace, PARTIES)
    for party, broker in federation.brokers.items():
        for other in PARTIES:
            if other != party:
                broker.expects(topics[other])
        broker.ask(f"persistent/{topics[party]}", "PUT")
    with futures.ThreadPoolExecutor(3) as many:
        sizes = [*map(str, SIZES)]
        sending = {
            party: many.submit(broker.messages, "send", f"persistent://{topics[party]}", *sizes)
            for party, broker in federation.brokers.items()
        }
        sent = {party: each.result() for party, each in sending.items()}
        receiving = {
            (party, other): many.submit(broker.messages, "receive", f"persistent://{topics[other]}", str(len(SIZES)))
            for party, broker in federation.brokers.items()
            for other in PARTIES
            if other != party
        }
        received = {way: each.result() for way, each in receiving.items()}
    for (party, other), lines in received.items():
        assert lines == [f"{line} {other}" for line in sent[other]], f"from {other} to {party}"
    assert [int(line.split()[0]) for line in sent[PARTIES[0]]] == [*SIZES]
