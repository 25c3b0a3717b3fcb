"""Rules between linked sites: each breach is an error that names both sites and the remedy."""

import pathlib
from typing import Any

import pytest

from stacks import links
from tests import linked

pytestmark = pytest.mark.unit
PARTY = {"partyId": "9999", "backend": "eggroll", "platform": "docker", "tls": False}
EXCHANGE = {"role": "exchange", "transport": "rollsite", "platform": "docker", "tls": False}


def only(lines: list[str]) -> str:
    """The one line."""
    (line,) = lines
    return line


def peer(folder: pathlib.Path, link: links.Link, **more: Any) -> list[str]:
    """What party 9999 is answered with that names ``link`` as party 10000."""
    return linked.refusals("party-9999", **PARTY, peers=linked.on_disk(folder, p10000=link), **more)


def middle(folder: pathlib.Path, link: links.Link) -> list[str]:
    """What party 9999 is answered with that names ``link`` as its exchange."""
    return linked.refusals("party-9999", **PARTY, **linked.on_disk(folder, exchange=link))


def test_sites_that_agree_are_linked(tmp_path: pathlib.Path) -> None:
    """A rule that refuses what is right stops a federation."""
    back = {9999: links.Known(stack="organization/fate/party-9999")}
    assert peer(tmp_path, linked.party(10000, parties=back)) == []
    assert middle(tmp_path, linked.exchange()) == []


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (linked.party(10001), "is the link of fate-10001, not of fate-10000"),
        (linked.party(9999, stack="other/fate/party-9999"), "with this party's own id 9999"),
        (linked.party(9999), "is this stack itself"),
        (linked.exchange(), "is the link of fate-exchange, which is no party; name another site, or move"),
        (linked.party(10000, transport="pulsar"), "fate-10000 carries pulsar and fate-9999 rollsite"),
        (linked.party(10000, fate_version="2.2.0"), "fate-10000 runs FATE 2.2.0 and fate-9999 1.11.2"),
        (
            linked.party(10000, parties={9999: links.Known(stack="elsewhere/fate/party-9999")}),
            "fate-10000 knows stack elsewhere/fate/party-9999 as party 9999, not this one (organization/fate/party-",
        ),
    ],
)  # fmt: skip
def test_a_peer_that_cannot_be_met(tmp_path: pathlib.Path, link: links.Link, words: str) -> None:
    """Without a word in the preview, the first job would hang."""
    line = only(peer(tmp_path, link))
    assert line.startswith("fate:peers.10000: ")
    assert words in line


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (linked.party(10000), "is the link of fate-10000, which is no exchange; name another site, or move it to"),
        (linked.exchange(transport="pulsar"), "fate-exchange carries pulsar and fate-9999 rollsite"),
        (
            linked.exchange(parties={9999: links.Known(stack="elsewhere/fate/party-9999")}),
            "fate-exchange knows stack elsewhere/fate/party-9999 as party 9999",
        ),
    ],
)
def test_an_exchange_that_cannot_be_used(tmp_path: pathlib.Path, link: links.Link, words: str) -> None:
    """A packet that reaches the wrong middle is lost, or another party's."""
    line = only(middle(tmp_path, link))
    assert line.startswith("fate:exchange: ")
    assert words in line


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (linked.party(10000, transport="rabbitmq"), "fate-10000 carries rabbitmq and fate-exchange rollsite"),
        (linked.party(10000, exchange="organization/fate/another"), "uses the exchange organization/fate/another, not"),
        (linked.exchange(), "which is no party"),
    ],
)
def test_a_party_that_an_exchange_cannot_serve(tmp_path: pathlib.Path, link: links.Link, words: str) -> None:
    """The exchange's operator sees first that a party is somebody else's."""
    line = only(linked.refusals("middle", **EXCHANGE, parties=linked.on_disk(tmp_path, p10000=link)))
    assert line.startswith("fate:parties.10000: ")
    assert words in line


def test_one_id_stands_for_one_stack_in_the_whole_federation(tmp_path: pathlib.Path) -> None:
    """The exchange's 10000 and the direct peer 10000 would get each other's share of a job."""
    known = {9999: links.Known(), 10000: links.Known(stack="elsewhere/fate/party-10000")}
    given = linked.on_disk(tmp_path, exchange=linked.exchange(parties=known), p10000=linked.party(10000))
    lines = linked.refusals("x", **PARTY, exchange=given["exchange"], peers={"10000": given["10000"]})
    line = only(lines)
    assert "fate:peers.10000: is stack organization/fate/party-10000" in line
    assert "fate-exchange knows elsewhere/fate/party-10000 as party 10000" in line


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "0.0.0.0", "169.254.1.1"])
def test_an_address_that_nobody_else_reaches_is_refused_everywhere(tmp_path: pathlib.Path, host: str) -> None:
    """Each container would dial itself."""
    there = {"rollsite": links.LinkEndpoint(host=host, port=9370)}
    here = linked.load("x", **PARTY).place
    line = only(peer(tmp_path, linked.party(10000, endpoints=there, place=here)))
    assert f"fate-10000 advertises {host}, which fate-9999 cannot dial; there set fate:advertise.host" in line


@pytest.mark.parametrize("host", ["172.17.0.5", "rollsite.fate-10000.svc", "rollsite.fate-10000.svc.cluster.local"])
def test_an_address_of_one_host_or_cluster_is_good_there_only(tmp_path: pathlib.Path, host: str) -> None:
    """Two parties on one cluster need no way out of it; elsewhere the name means nothing."""
    there = {"rollsite": links.LinkEndpoint(host=host, port=9370)}
    here = linked.load("x", **PARTY).place
    assert here is not None
    assert peer(tmp_path, linked.party(10000, endpoints=there, place=here)) == []
    assert f"advertises {host}" in only(peer(tmp_path, linked.party(10000, endpoints=there, place="another")))


def test_all_is_told_at_once(tmp_path: pathlib.Path) -> None:
    """Mistakes in keys, in files and between sites come from one run."""
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    peers = {
        **linked.on_disk(tmp_path, p10000=linked.party(10000, transport="pulsar", fate_version="2.0.0")),
        "10001": {"file": str(bad)},
        "10002": {"file": str(tmp_path / "missing.json")},
    }
    lines = linked.refusals("party-9999", **PARTY, peers=peers, computeCores="many")
    assert [line.split(": ")[0] for line in lines] == [
        "fate:computeCores",
        "fate:peers.10000",
        "fate:peers.10000",
        "fate:peers.10001",
        "fate:peers.10002",
    ]
    assert "bad.json is not JSON; ask its operator for a new one" in lines[3]
    assert "missing.json cannot be read (No such file or directory)" in lines[4]


def test_nothing_is_read_for_a_site_that_is_not_understood(tmp_path: pathlib.Path) -> None:
    """What a party is decides what is wrong with its links."""
    lines = linked.refusals("x", backend="eggroll", peers={"10000": {"file": str(tmp_path / "missing.json")}})
    assert [line.split(":")[1] for line in lines] == ["partyId"]
