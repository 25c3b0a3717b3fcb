"""What a site waits for: in a federation one side is always first, and is told what is to be done next."""

import dataclasses
import pathlib
from typing import Any

import pytest

from components.platform import workload
from stacks import links, neighbours, pending, routes, settings
from tests import linked

pytestmark = pytest.mark.unit
PARTY = {"partyId": "9999", "backend": "eggroll", "platform": "docker", "tls": False}
EXCHANGE = {"role": "exchange", "transport": "rollsite", "platform": "docker", "tls": False}
HERE = {"rollsite": workload.Endpoint(host="here.example", port=9370)}


def awaited(stack: str, own: Any = None, **given: Any) -> list[str]:
    """What the site with these settings waits for."""
    return pending.sentences(linked.load(stack, **given), HERE if own is None else own)


def test_a_site_alone_waits_for_nobody() -> None:
    """Words about links would unsettle whoever tries the program for the first time."""
    assert awaited("x", **PARTY, own={"rollsite": workload.Endpoint(host=None, port=9370)}) == []


def test_a_link_that_both_sides_made_is_done(tmp_path: pathlib.Path) -> None:
    """A sentence that never goes away is not read."""
    known = linked.party(10000, parties={9999: links.Known(stack="organization/fate/party-9999")})
    given = linked.on_disk(tmp_path, exchange=linked.exchange(), p10000=known)
    assert awaited("party-9999", **PARTY, exchange=given["exchange"], peers={"10000": given["10000"]}) == []
    user = linked.party(10000, exchange="organization/fate/middle")
    assert awaited("middle", **EXCHANGE, parties=linked.on_disk(tmp_path, p10000=user)) == []


def test_the_missing_side_of_a_link_is_named(tmp_path: pathlib.Path) -> None:
    """A route made on one side only ends in 'not found', hours later, in a job's log."""
    given = linked.on_disk(tmp_path, exchange=linked.exchange(parties={}), p10000=linked.party(10000))
    middle, peer = awaited("party-9999", **PARTY, peers={"10000": given["10000"]}, exchange=given["exchange"])[::-1]
    assert peer.startswith("peers.10000: fate-10000 does not know fate-9999 yet; there set fate:peers.9999, run")
    assert middle.startswith("exchange: fate-exchange does not know fate-9999 yet; there set fate:parties.9999, run")
    assert "p10000.json" in peer
    (user,) = awaited("middle", **EXCHANGE, parties={"10000": given["10000"]})
    assert user.startswith("parties.10000: fate-10000 does not use fate-exchange yet; there set fate:exchange")


def test_parties_of_one_exchange_need_not_name_each_other(tmp_path: pathlib.Path) -> None:
    """In the clear the other's answers come by the exchange."""
    other = linked.party(10000, exchange="organization/fate/exchange")
    given = linked.on_disk(tmp_path, exchange=linked.exchange(), p10000=other)
    assert awaited("party-9999", **PARTY, exchange=given["exchange"], peers={"10000": given["10000"]}) == []


def test_one_side_in_the_clear_is_not_dialled_and_named(tmp_path: pathlib.Path) -> None:
    """Were it refused, neither could be changed: each would wait for the other to be first."""
    secure = {"rollsite": links.LinkEndpoint(host="party-10000.example", port=9370, tls=True)}
    given = linked.on_disk(tmp_path, p10000=linked.party(10000, endpoints=secure))
    (line,) = awaited("x", **PARTY, peers=given)
    assert "fate-10000 has tls true and fate-9999 tls false, so neither dials the other" in line
    assert routes.of(linked.load("x", **PARTY, peers=given)).hops == {}


def test_addresses_that_are_not_there_yet_are_awaited(tmp_path: pathlib.Path) -> None:
    """A load balancer gets its address after its site is up; the route then has to wait, not the site."""
    nowhere = linked.party(10000, endpoints={"rollsite": links.LinkEndpoint(port=9370)}, parties={9999: links.Known()})
    own, other = awaited(
        "x",
        **PARTY,
        peers=linked.on_disk(tmp_path, p10000=nowhere),
        own={"rollsite": workload.Endpoint(host=None, port=9370)},
    )
    assert own.startswith("fate-9999 has no address for rollsite that others can dial; set fate:advertise.host")
    assert other.startswith("peers.10000: fate-10000 has no address for rollsite that others can dial yet; there set")


def test_a_certificate_that_does_not_name_the_address_says_so() -> None:
    """A load balancer's address is known after the certificate; rollsites would refuse each other without a word."""
    site = linked.load("x", **PARTY)
    assert pending.sentences(site, HERE, ["here.example"]) == []
    (line,) = pending.sentences(site, HERE, ["9999.fate.internal"])
    assert "does not name here.example" in line
    assert "set fate:advertise.host to here.example" in line


def test_a_stack_that_was_never_brought_up_is_awaited() -> None:
    """Exchange up, parties up: each is first to somebody, and none may fail for it."""
    site = linked.load("x", **PARTY)
    unborn = neighbours.Neighbour(
        path="exchange",
        party_id=None,
        named=settings.StackReference(stack="organization/fate/middle"),
        endpoints={},
        server_name="exchange.fate.internal",
        tls=False,
    )
    (line,) = pending.sentences(dataclasses.replace(site, others=[unborn]), HERE)
    assert line.startswith("exchange: waits for the first pulumi up of stack organization/fate/middle")
