"""Real nginx with mutual TLS: messages of fateflow from party to party over an exchange, and who is refused."""

import json
import ssl

import grpc
import pytest

from components.versions import fate_1_11 as fate
from lab import process
from tests.certified import DOMAIN, Anchor, Pair
from tests.docker.tls_federation import EVERYBODY, GUEST, SHOWN, Federation, ask, over
from tests.docker.tls_federation import federation as federation
from tests.docker.tls_routers import UNARY, Router, answer, http, told

pytestmark = pytest.mark.seconds(20)


def test_messages_go_from_party_to_party_by_name_and_by_address(federation: Federation) -> None:
    """The whole way that jobs are made on: a hop that is not trusted, or goes elsewhere, and no job ever starts."""
    guest, hub = federation.guest, federation.hub
    assert json.loads(guest.post("10000")[:-4]) == {"party": "10000", "through": ",fate-9999,fate-exchange,fate-10000"}
    assert guest.call("10000") == b"host got hello"
    guest.change(told(9999, EVERYBODY, peers={}, default=over(hub.address, f"fate-exchange.{DOMAIN}")))
    hub.change(told(None, EVERYBODY, peers={10000: over("host.example")}))
    process.wait_for(lambda: f'"{hub.address}:9301"' in routes(guest), 20, "the guest to dial an address")
    process.wait_for(lambda: '"host.example:9301"' in routes(hub), 20, "the exchange to dial a name")
    process.wait_for(lambda: guest.post("10000").endswith(" 200"), 60, lambda: guest.post("10000"))
    assert guest.call("10000") == b"host got hello"


def routes(router: Router) -> str:
    """What its nginx has read, once it has."""
    return str(router.container.exec_run(["cat", f"{fate.nginx.ROUTES_FOLDER}/http.conf"]).output.decode())


def test_an_unknown_party_is_refused_by_name_at_the_far_end(federation: Federation) -> None:
    """In a star only the exchange knows who is linked: its words must reach the job's log as they are."""
    text = "fate-exchange has no route to party 777: link the two parties"
    assert text in federation.guest.post("777")
    with pytest.raises(grpc.RpcError, match=rf"NOT_FOUND[\s\S]*{text}"):
        federation.guest.call("777")


def test_an_organisation_s_own_authority_may_have_another_in_between(federation: Federation) -> None:
    """Who brings a certificate of a company's authority has one below its root, and would be refused everywhere."""
    assert b" 200 " in ask(federation, GUEST.signs_through_another(f"9999.{DOMAIN}"))


REFUSED: dict[str, Pair | None] = {
    "no certificate": None,
    "another authority": Anchor("somebody", "fate-9999").signs(f"9999.{DOMAIN}"),
    "an anchor of that name with another key": Anchor("fate-exchange", "fate-9999", "somebody").signs(f"9999.{DOMAIN}"),
    "expired": GUEST.signs(f"9999.{DOMAIN}", expired=True),
    "removed": Anchor("fate-exchange", "fate-8888").signs(f"8888.{DOMAIN}"),
}


def test_the_right_client_passes(federation: Federation) -> None:
    """A server that refuses everybody would pass every other test here."""
    got = ask(federation, SHOWN["guest"])
    assert got.startswith(b"HTTP/1.1 200") and b'"party": "10000"' in got


@pytest.mark.parametrize("who", REFUSED)
def test_everybody_else_is_refused_over_both_protocols(federation: Federation, who: str) -> None:
    """Each of these gets in where one directive is missing, and nobody would notice."""
    got = ask(federation, REFUSED[who])
    assert b" 200 " not in got and b'"party"' not in got
    assert not got or (b" 400 " in got and b"fate-10000 does not admit this certificate" in got)
    pair = REFUSED[who]
    shown = (pair.key.encode(), pair.certificate.encode()) if pair else (None, None)
    credentials = grpc.ssl_channel_credentials(EVERYBODY.encode(), *shown)
    options = [("grpc.ssl_target_name_override", f"10000.{DOMAIN}")]
    with grpc.secure_channel(f"{federation.host.address}:9311", credentials, options) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(UNARY)
        with pytest.raises(grpc.RpcError, match=r"UNAUTHENTICATED[\s\S]*fate-10000 does not admit|UNAVAILABLE"):
            call(b"hello", metadata=(("dest-party-id", "10000"),), timeout=20)


@pytest.mark.parametrize("port", [fate.ports.NGINX_HTTP_TLS, fate.ports.NGINX_GRPC_TLS])
def test_plain_text_is_refused(federation: Federation, port: int) -> None:
    """A port that takes both lets in whoever leaves TLS out."""
    got = answer(federation.host.address, port, None, "", http("10000"))
    assert b" 200 " not in got and b'"party"' not in got


def test_a_server_of_another_name_is_not_spoken_to(federation: Federation) -> None:
    """A party whose address another has taken would hand that one its messages."""
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        ask(federation, SHOWN["guest"], name=f"10001.{DOMAIN}")
    guest, host = federation.guest, federation.host
    for wrong in (over(host.address, f"10001.{DOMAIN}"), over("guest.example")):
        guest.change(told(9999, EVERYBODY, peers={10000: wrong}))
        process.wait_for(
            lambda: "gets no answer for party 10000" in guest.post("10000"), 30, lambda: guest.post("10000")
        )
        with pytest.raises(grpc.RpcError, match="UNAVAILABLE"):
            guest.call("10000")
    guest.change(told(9999, EVERYBODY, peers={10000: over(host.address, f"10000.{DOMAIN}")}))
    process.wait_for(lambda: guest.post("10000").endswith(" 200"), 30, lambda: guest.post("10000"))


def test_a_party_sends_nothing_on_for_others(federation: Federation) -> None:
    """Its own certificate would vouch for whoever asked, one that the receiver does not admit included."""
    got = ask(federation, SHOWN["guest"], party="9999")
    assert b" 403 " in got and b"takes nothing from other sites that is not for itself" in got
