"""Real brokers of three parties that meet at an exchange by name, with mutual TLS from one end to the other."""

import dataclasses
import socket
import ssl
from collections.abc import Iterator
from concurrent import futures

import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.certified import Anchor, Pair
from tests.docker import tls_brokers
from tests.docker.stand_ins import Box
from tests.docker.tls_brokers import PULSAR, Broker, anchor, name
from tests.docker.tls_routers import IMAGE, Router, client

pytestmark = [pytest.mark.seconds(95), pytest.mark.heavy]
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
        brokers = {each: tls_brokers.begin(box, folder, each, EVERYBODY) for each in PARTIES}
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


CONNECT = b"\x00\x00\x00\x0e\x00\x00\x00\x0a\x08\x02\x12\x06\x0a\x02me\x20\x13"
"""Pulsar's first word of a client, as its protocol has it; a broker answers with a command of kind 3."""


def answered(broker: Broker, pair: Pair | None, asked_for: str | None = None, *, tls: bool = True) -> bool:
    """Whether the broker behind nginx takes the connection of whoever shows ``pair``."""
    try:
        with socket.create_connection((broker.front.address, fate.ports.PULSAR_TLS), timeout=60) as plain:
            context = client(EVERYBODY, pair)
            shown = context.wrap_socket(plain, server_hostname=asked_for or name(broker.party)) if tls else plain
            with shown:
                shown.sendall(CONNECT)
                return shown.recv(4096)[8:10] == b"\x08\x03"
    except ConnectionError:
        return False
    except ssl.SSLError as error:
        if isinstance(error, ssl.SSLCertVerificationError):
            raise
        return False


RIGHT = anchor(9999).signs(name(9999))
REFUSED: dict[str, Pair | None] = {
    "no certificate": None,
    "another authority": Anchor("somebody", "fate-9999").signs(name(9999)),
    "an anchor of that name with another key": Anchor("fate-exchange", "fate-9999", "somebody").signs(name(9999)),
    "expired": anchor(9999).signs(name(9999), expired=True),
    "removed": anchor(8888).signs(name(8888)),
}


def test_the_right_client_passes(federation: Federation) -> None:
    """A server that refuses everybody would pass the tests below."""
    assert answered(federation.brokers[10000], RIGHT)


@pytest.mark.parametrize("who", REFUSED)
def test_everybody_else_is_refused(federation: Federation, who: str) -> None:
    """The broker asks nobody who they are: what passes here reads and writes every topic."""
    assert not answered(federation.brokers[10000], REFUSED[who])


def test_plain_text_and_other_names_are_refused(federation: Federation) -> None:
    """A port that takes both lets in whoever leaves TLS out; a name that anybody may have leads to anybody."""
    assert not answered(federation.brokers[10000], None, tls=False)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        answered(federation.brokers[10000], RIGHT, name(10001))


def test_a_direct_peer_is_dialled_at_its_address_under_its_own_name(federation: Federation) -> None:
    """A party that is linked directly, behind an address that is in no certificate, would never be sent anything."""
    guest, host = federation.brokers[9999], federation.brokers[10000]
    namespace, topic = f"{fate.pulsar.TENANT}/direct", f"{fate.pulsar.TENANT}/direct/from-9999"
    direct = fate.pulsar.Broker(host=host.front.address, tls=True, server_name=name(10000))
    guest.tell({10000: direct})
    via = f"pulsar+ssl://{host.front.address}:{fate.ports.PULSAR_TLS}"
    log = guest.container.logs
    process.wait_for(lambda: f"10000 is now at {via}".encode() in log(), 60, lambda: log(tail=20).decode())
    for broker in (guest, host):
        broker.prepare(namespace, (9999, 10000))
    host.expects(topic)
    sent = guest.messages("send", f"persistent://{topic}", "1", "1000000")
    assert host.messages("receive", f"persistent://{topic}", "2") == [f"{line} 9999" for line in sent]


def test_who_is_admitted_no_more_is_out_without_a_restart(federation: Federation) -> None:
    """A party that was removed and still reaches the broker reads what others send."""
    host = federation.brokers[10000]
    before = host.front.process
    others = "".join(anchor(each).pem for each in (10000, 10001, "exchange"))
    host.front.change({fate.ANCHORS_FILE: others})
    process.wait_for(lambda: not answered(host, RIGHT), 60, "the guest to be refused")
    assert answered(host, anchor(10001).signs(name(10001)))
    assert host.front.process == before
