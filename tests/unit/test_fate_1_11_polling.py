"""Rollsites that nobody can dial, of FATE 1.11: both ends of polling."""

import json

import pytest

from components.versions import fate_1_11

pytestmark = pytest.mark.unit


def properties(polling: fate_1_11.Polling | None) -> set[str]:
    """Lines about polling."""
    text = fate_1_11.eggroll_properties(party_id=9999, database=None, coordinator="x", polling=polling)
    return {line for line in text.splitlines() if ".polling." in line}


def test_a_client_asks_and_a_server_lets_itself_be_asked() -> None:
    """With the two mixed up both wait for the other and no packet moves."""
    assert properties(None) == set()
    concurrency = "eggroll.rollsite.polling.concurrency=7"
    client = "eggroll.rollsite.polling.client.enabled=true"
    assert properties(fate_1_11.Polling(client=True, concurrency=7)) == {client, concurrency}
    server = "eggroll.rollsite.polling.server.enabled=true"
    assert properties(fate_1_11.Polling(clients=(10000,), concurrency=7)) == {server, concurrency}


def test_packets_for_a_client_wait_instead_of_being_sent() -> None:
    """A route with an address would dial a party that admits nobody, and time out."""
    table = json.loads(fate_1_11.route_table(party_id=9999, default=None, peers={}, polled=(10000,)))
    assert table["route_table"]["10000"] == {"default": [{"ip": "", "port": -1, "is_polling": True}]}


@pytest.mark.parametrize(("peers", "polled"), [((10000,), (10000,)), ((), (9999,))])
def test_contradictions_are_refused(peers: tuple[int, ...], polled: tuple[int, ...]) -> None:
    """A party with two routes is reached by one of them only, and nobody knows which."""
    hops = {party: fate_1_11.Hop(host="peer.example", port=9370) for party in peers}
    with pytest.raises(ValueError, match="remove it"):
        fate_1_11.route_table(party_id=9999, default=None, peers=hops, polled=polled)
