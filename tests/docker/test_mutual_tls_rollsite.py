"""rollsites of two parties and their exchange with mutual TLS on every hop between sites, in plain text inside each.

nginx is real; the lab's rollsite dials as eggroll 2.5.1's source says, over real gRPC.
"""

import dataclasses
import re
from collections.abc import Iterator

import grpc
import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.certified import DOMAIN, Anchor, Pair, pkcs1
from tests.docker import stand_ins, tls_rollsites
from tests.docker.stand_ins import Box
from tests.docker.tls_rollsites import Relay, Site
from tests.docker.tls_routers import IMAGE, UNARY, answer, http

pytestmark = pytest.mark.seconds(20)
SECURE = fate.ports.ROLLSITE_SECURE
GUEST, HOST, HUB = (Anchor("fate-exchange", site) for site in ("fate-9999", "fate-10000", "fate-exchange"))
EVERYBODY = GUEST.pem + HOST.pem + HUB.pem
RIGHT = GUEST.signs(f"9999.{DOMAIN}", "guest.example")


@dataclasses.dataclass
class Federation:
    """Two parties and their exchange."""

    guest: Site
    host: Site
    hub: Site


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """The guest dials the exchange by name; the exchange dials the host by an address."""
    images.ensure([stand_ins.EGGROLL, IMAGE])
    live, boxes = tmp_path_factory.mktemp("live"), [Box() for _ in range(4)]
    outside = boxes[0]
    outside.network.reload()
    address = outside.network.attrs["IPAM"]["Config"][0]["Gateway"]
    relay = Relay(address)

    def hop(host: str, port: int = SECURE) -> fate.Hop:
        return fate.Hop(host=host, port=port, is_secure=True)

    sites = {
        "host": (10000, HOST.signs(f"10000.{DOMAIN}", "host.example", address), {}),
        "hub": (0, HUB.signs(f"fate-exchange.{DOMAIN}", "hub.example"), {10000: hop(address, relay.port)}),
        "guest": (9999, RIGHT, {0: hop("hub.example"), 777: hop("host.example"), 778: hop("impostor.example")}),
    }
    made = {}
    try:
        for box, (name, (party, pair, routes)) in zip(boxes[1:], sites.items(), strict=True):
            rollsite = tls_rollsites.service(party, routes, pair, EVERYBODY)
            names = [f"{name}.example", *(["impostor.example"] if name == "host" else [])]
            made[name] = tls_rollsites.start(outside, box, names, rollsite, pair, live / name, EVERYBODY)
        relay.target = (made["host"].address, SECURE)
        yield Federation(**made)
    finally:
        relay.close()
        for box in reversed(boxes):
            box.close()


def test_packets_go_from_party_to_party_over_the_exchange(federation: Federation) -> None:
    """By name and by address, encrypted between sites: one in plain text shows gradients to all."""
    got = federation.guest.send(10000)
    assert got == {"arrived at": "10000", "body": "gradients", "hops": ["9999 with TLS", "0 with TLS", "10000"]}


def test_an_unknown_party_is_refused_with_its_number(federation: Federation) -> None:
    """Whoever reads the job's log must learn which link is missing."""
    assert "has neither party 4711 nor a default" in str(federation.guest.send(4711))


def call(federation: Federation, pair: Pair | None) -> bytes:
    """A packet straight to the host's TLS port."""
    shown = (pair.key.encode(), pair.certificate.encode()) if pair else (None, None)
    credentials = grpc.ssl_channel_credentials(EVERYBODY.encode(), *shown)
    options = [("grpc.ssl_target_name_override", f"10000.{DOMAIN}")]
    with grpc.secure_channel(f"{federation.host.address}:{SECURE}", credentials, options) as channel:
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(UNARY)
        return ask(b'{"from": "9999", "to": "10000", "body": "x"}', timeout=60)


REFUSED: dict[str, Pair | None] = {
    "no certificate": None,
    "another authority": Anchor("somebody", "fate-9999").signs(f"9999.{DOMAIN}"),
    "an anchor of that name with another key": Anchor("fate-exchange", "fate-9999", "somebody").signs("x.example"),
    "expired": GUEST.signs(f"9999.{DOMAIN}", expired=True),
    "removed": Anchor("fate-exchange", "fate-8888").signs(f"8888.{DOMAIN}"),
}


def test_the_right_client_passes(federation: Federation) -> None:
    """A server that refuses everybody would pass the tests below."""
    assert b'"arrived at": "10000"' in call(federation, RIGHT)


@pytest.mark.parametrize("who", REFUSED)
def test_everybody_else_is_refused(federation: Federation, who: str) -> None:
    """rollsite itself asks nobody who they are: what passes here is taken for any party's packet."""
    with pytest.raises(grpc.RpcError, match=r"UNAUTHENTICATED|UNAVAILABLE"):
        call(federation, REFUSED[who])


def test_plain_text_is_refused(federation: Federation) -> None:
    """A port that takes both lets in whoever leaves TLS out."""
    got = answer(federation.host.address, SECURE, None, "", http("10000"))
    assert b"arrived" not in got and b" 200 " not in got
    with grpc.insecure_channel(f"{federation.host.address}:{SECURE}") as channel:
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(UNARY)
        with pytest.raises(grpc.RpcError, match="UNAVAILABLE"):
            ask(b"{}", timeout=20)


def test_a_server_of_another_name_is_not_sent_anything(federation: Federation) -> None:
    """Whoever takes over a party's address in a name server would be sent its packets."""
    assert "has neither party 777 nor a default" in str(federation.guest.send(777)), "under its own name it answers"
    assert re.search(r"hop to impostor\.example:9371 failed", str(federation.guest.send(778)))


def test_who_is_admitted_no_more_is_out_without_a_restart(federation: Federation) -> None:
    """A party that was removed must neither send nor be sent anything, and nobody else must notice."""
    host, hub = federation.host, federation.hub
    before = started(federation)
    host.admit(GUEST.pem + HOST.pem)
    process.wait_for(lambda: "UNAUTHENTICATED" in str(federation.guest.send(10000)), 60, "the exchange to be refused")
    assert b'"arrived at": "10000"' in call(federation, RIGHT)
    host.admit(EVERYBODY)
    process.wait_for(federation.guest.arrives(10000), 60, "the exchange to be admitted again")
    stand_ins.run(hub.rollsite, "sh", "-c", f"cp {tls_rollsites.ANCHORS} /tmp/all")
    hub.rollsite.exec_run(["sh", "-c", f"cat > {tls_rollsites.ANCHORS} <<'END'\n{GUEST.pem}END"])
    assert "failed" in str(federation.guest.send(10000)), "the exchange believes the host no more"
    stand_ins.run(hub.rollsite, "sh", "-c", f"cp /tmp/all {tls_rollsites.ANCHORS}")
    assert federation.guest.arrives(10000)()
    assert started(federation) == before


def started(federation: Federation) -> list[str]:
    """When each server was started."""
    found = []
    for each in (federation.host, federation.hub):
        for container in (each.front, each.rollsite):
            container.reload()
            found.append(str(container.attrs["State"]["StartedAt"]))
    return found


WRONG = {
    "a file that is not there": (fate.ROLLSITE_KEY_PAIR.key, None, "cannot be used"),
    "a key in another form": (fate.ROLLSITE_KEY_PAIR.key, pkcs1(), "not a PKCS#8 private key"),
    "a certificate of another key": (
        fate.ROLLSITE_KEY_PAIR.certificate,
        GUEST.signs("x.example", key="another").certificate,
        "cannot be used",
    ),
    "anchors that are none": (tls_rollsites.ANCHORS, "nobody\n", "trust anchors"),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_lab_s_rollsite_refuses_files_that_eggroll_would_fail_with(what: str) -> None:
    """eggroll starts and fails at its first packet; here the mistake must be seen at once."""
    path, text, said = WRONG[what]
    images.ensure([stand_ins.EGGROLL])
    told = tls_rollsites.service(9999, {}, RIGHT, EVERYBODY)
    files = {name: content for name, content in told.files.items() if name != path}
    box = Box()
    try:
        wrong = dataclasses.replace(told, files=files if text is None else {**files, path: text})
        assert re.search(said, box.refuses(wrong))
    finally:
        box.close()
