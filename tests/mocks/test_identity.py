"""Certificates between sites: what an exchange signs, what a party takes up, and whom each believes."""

import json
from typing import Any

import pytest

from stacks import links, pem
from tests import linked, mocked

pytestmark = pytest.mark.mocks
MIDDLE = "organization/fate/exchange"
GUEST = "organization/fate/party-9999"
SIGNED, ANCHOR = linked.certificate("signed"), linked.certificate("anchor")


def endpoints(*names: str) -> dict[str, links.LinkEndpoint]:
    """Where others dial, with TLS."""
    return {name: links.LinkEndpoint(host="there.example", port=9370, tls=True) for name in names}


def party(number: int, **changes: Any) -> links.Link:
    """A party that asks for a certificate."""
    told: dict[str, Any] = {
        "endpoints": endpoints("rollsite"),
        "domain": "fate.internal",
        "certificate_request": linked.request(f"fate-{number}", f"{number}.fate.internal", "there.example"),
        "trust_anchors": (linked.certificate(f"own anchor of {number}"),),
    }
    return linked.party(number, **{**told, **changes})


def exchange(**changes: Any) -> links.Link:
    """An exchange that has signed for nobody yet."""
    told = {"endpoints": endpoints("rollsite"), "domain": "fate.internal", "trust_anchors": (ANCHOR,)}
    return linked.exchange(**{**told, **changes})


def anchors(run: mocked.Run) -> str:
    """Whom the site's nginx believes."""
    (carrier,) = [each for each in run.of("Container") if each.name.endswith("-nginx-routes")]
    (file,) = [each["content"] for each in mocked.uploads(carrier) if "anchors" in each["file"]]
    return str(file)


def shown(run: mocked.Run) -> str:
    """The certificate that the site's nginx shows."""
    (container,) = [each for each in run.of("Container") if each.name.endswith("-nginx")]
    (file,) = [each["content"] for each in mocked.uploads(container) if each["file"].endswith("certificate.pem")]
    return str(file)


def guest(middle: links.Link | None = None, *peers: links.Link) -> mocked.Run:
    """Party 9999 that knows these sites."""
    known = {link.stack: link for link in (*peers, *([middle] if middle else []))}
    named = {str(link.party_id): {"stack": link.stack} for link in peers}
    given = {"exchange": json.dumps({"stack": MIDDLE})} if middle else {}
    return mocked.run(
        {name: {"link": link.exported()} for name, link in known.items()},
        platform="docker",
        tls=None,
        advertise=json.dumps({"host": "here.example"}),
        peers=json.dumps(named),
        **given,
    )


def test_an_exchange_signs_for_its_parties_and_believes_nothing_but_that() -> None:
    """What a party signs itself would do for any name, another party's included."""
    run = mocked.exchange(
        {GUEST: {"link": party(9999).exported()}},
        platform="docker",
        tls=None,
        parties=json.dumps({"9999": {"stack": GUEST}}),
    )
    link = links.read(run.outputs["link"])
    anchor = linked.certificate("fate-exchange-authority-fate-9999-anchor")
    assert link.parties[9999].certificate == linked.certificate("fate-exchange-authority-fate-9999-certificate")
    assert link.parties[9999].trust_anchors == (anchor,)
    assert anchors(run) == anchor
    request = run.named("LocallySignedCert", "fate-exchange-authority-fate-9999-certificate").inputs["certRequestPem"]
    assert request == party(9999).certificate_request


def test_a_request_for_another_s_name_is_refused() -> None:
    """Who got it signed could pass for the other."""
    stolen = linked.request("fate-9999", "9999.fate.internal", "10000.fate.internal")
    links_known = {GUEST: {"link": party(9999, certificate_request=stolen).exported()}}
    with pytest.raises(Exception, match=r"asks for a certificate of 10000.fate.internal, which is not fate-9999's"):
        mocked.exchange(links_known, platform="docker", tls=None, parties=json.dumps({"9999": {"stack": GUEST}}))


def test_a_party_signs_for_itself_until_the_exchange_has() -> None:
    """Its servers have to start before anybody has signed anything; and it says what it waits for."""
    run = guest(exchange())
    assert shown(run) == linked.certificate("fate-9999-authority-fate-9999-certificate")
    (line,) = run.outputs["pending"]
    assert line.startswith(
        "exchange: fate-exchange has not signed the certificate of fate-9999 yet; there run pulumi up"
    )
    assert anchors(run) == ANCHOR


def test_a_party_takes_up_what_was_signed_for_its_key() -> None:
    """And for no other: a stack that was made anew has another key, with which no server would start."""
    mine = links.read(guest(exchange()).outputs["link"]).certificate_request
    assert mine is not None
    fits = links.Known(
        stack=GUEST, certificate=linked.for_request(mine), signed=linked.digest(mine), trust_anchors=(ANCHOR,)
    )
    run = guest(exchange(parties={9999: fits}))
    assert shown(run) == fits.certificate
    assert run.outputs["pending"] == []
    assert links.read(run.outputs["link"]).trust_anchors[0] == ANCHOR
    foreign = links.Known(stack=GUEST, certificate=SIGNED, signed=linked.digest(mine))
    again = guest(exchange(parties={9999: foreign}))
    assert shown(again) != SIGNED
    assert "has not signed" in again.outputs["pending"][0]
    older = links.Known(stack=GUEST, certificate=fits.certificate, signed="of another request")
    (line,) = guest(exchange(parties={9999: older})).outputs["pending"]
    assert "asked for before its names changed" in line


def test_direct_peers_believe_each_other_s_own_anchors() -> None:
    """Without an exchange each signs for itself, and admits whom it names."""
    peer = party(10000, parties={9999: links.Known(stack=GUEST)})
    run = guest(None, peer)
    assert anchors(run) == linked.certificate("own anchor of 10000")
    assert run.outputs["pending"] == []


def test_a_certificate_of_one_s_own_is_shown_and_nobody_is_asked() -> None:
    """An organisation with an authority of its own has rules about who signs."""
    brought = {"certificate": SIGNED, "key": "-----BEGIN PRIVATE KEY-----", "trustAnchors": ANCHOR}
    run = mocked.run(platform="docker", tls=None, certificate=json.dumps(brought))
    assert shown(run) == SIGNED
    link = links.read(run.outputs["link"])
    assert (link.certificate_request, link.trust_anchors) == (None, (ANCHOR,))
    assert brought["key"] not in json.dumps(link.exported())


def test_a_bundle_holds_every_anchor_once() -> None:
    """A server that finds one twice warns at every start."""
    assert pem.bundle([ANCHOR, SIGNED + ANCHOR, ANCHOR.replace("\n", "\r\n")]) == ANCHOR + SIGNED
