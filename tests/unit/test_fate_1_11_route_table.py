"""rollsite's route table of FATE 1.11, read as eggroll's router reads it."""

import json
from typing import Any

import pytest

from components.versions import fate_1_11

pytestmark = pytest.mark.unit

PEERS = {
    10000: fate_1_11.Hop(host="peer.example", port=30370),
    2: fate_1_11.Hop(host="10.0.0.2", port=9371, is_secure=True),
}
EXCHANGE = fate_1_11.Hop(host="exchange.example", port=9370)


def table(default: fate_1_11.Hop | None) -> dict[str, Any]:
    """The parsed table of party 9999 with two peers."""
    read: dict[str, Any] = json.loads(fate_1_11.route_table(party_id=9999, default=default, peers=PEERS))
    return read


def route(read: dict[str, Any], party: str, role: str = "default") -> dict[str, Any]:
    """eggroll's rule: the party's entry else ``default``, the role's address else the role ``default``."""
    entry = read["route_table"].get(party) or read["route_table"]["default"]
    addresses: list[dict[str, Any]] = entry.get(role) or entry["default"]
    return addresses[0]


def test_own_entry_equals_the_properties_to_the_letter() -> None:
    """rollsite keeps a packet only when the entry equals its own host and port: else it forwards it to itself."""
    text = fate_1_11.eggroll_properties(party_id=9999, database=None, processors_per_node=1, coordinator="x")
    settings = dict(line.partition("=")[::2] for line in text.splitlines())
    own = route(table(None), "9999")
    assert own["ip"] == settings["eggroll.rollsite.host"]
    assert str(own["port"]) == settings["eggroll.rollsite.port"]
    assert settings["eggroll.rollsite.party.id"] == "9999"
    path = f"{fate_1_11.ROUTE_TABLE_FOLDER}/{fate_1_11.ROUTE_TABLE_FILE}"
    assert settings["eggroll.rollsite.route.table.path"] == path


def test_fateflow_is_reached_through_the_own_rollsite() -> None:
    """Without this entry a peer's control message ends in rollsite and no job starts."""
    assert route(table(None), "9999", "fateflow") == {"ip": "fateflow", "port": 9360}


def test_a_peers_fateflow_takes_the_peers_rollsite() -> None:
    """The role falls back to the party's default only while default_allow is true."""
    read = table(None)
    assert read["permission"] == {"default_allow": True}
    assert route(read, "10000", "fateflow") == {"ip": "peer.example", "port": 30370}


def test_unlinked_parties_are_an_error_not_the_own_party() -> None:
    """A default to the own rollsite makes it take another party's data for its own."""
    with pytest.raises(KeyError):
        route(table(None), "777")


def test_the_exchange_serves_everybody_else() -> None:
    """Parties that know only the exchange meet through it, without listing each other."""
    assert route(table(EXCHANGE), "777") == {"ip": "exchange.example", "port": 9370}
    assert route(table(EXCHANGE), "10000")["ip"] == "peer.example"


def test_numbers_are_numbers_and_security_is_said_only_where_it_is() -> None:
    """eggroll casts the port to an integer and fails on a string; is_secure dials TLS."""
    read = table(EXCHANGE)
    for entry in read["route_table"].values():
        for addresses in entry.values():
            for address in addresses:
                assert type(address["port"]) is int
                assert address.get("is_secure", True) is True
    assert route(read, "2")["is_secure"] is True
    assert "is_secure" not in route(read, "10000")


def test_order_of_links_changes_nothing() -> None:
    """A table that changes with the order of a dictionary shows a difference at every preview."""
    turned = dict(reversed(PEERS.items()))
    one, other = (fate_1_11.route_table(party_id=9999, default=None, peers=peers) for peers in (PEERS, turned))
    assert one == other


def test_a_party_is_not_its_own_peer() -> None:
    """A link to oneself would replace the own entry by the public address."""
    with pytest.raises(ValueError, match=r"party 10000 is linked with itself.*remove"):
        fate_1_11.route_table(party_id=10000, default=None, peers=PEERS)
