"""Exchanges: who is sent where, and that nobody is taken for the exchange itself."""

import json
from typing import Any

import pytest

from components import exchange
from components.platform import workload
from components.versions import fate_1_11 as fate

pytestmark = pytest.mark.unit

SMALL = workload.Resources(cpu=0.1, memory=128)
HOPS = {10000: fate.Hop(host="10.0.0.1", port=30091), 9999: fate.Hop(host="guest.example", port=9370, is_secure=True)}


def rollsite(**changes: Any) -> workload.Workload:
    """An eggroll exchange with two parties."""
    told: dict[str, Any] = {"image": "eggroll", "resources": SMALL, "routes": HOPS, **changes}
    return exchange.rollsite(exchange.RollsiteExchangeArgs(**told), "fate-exchange")


def router(**changes: Any) -> workload.Workload:
    """A Pulsar exchange with one party."""
    told: dict[str, Any] = {
        "image": "nginx",
        "resources": SMALL,
        "domain": "fed.example",
        "routers": {9999: fate.nginx.Route(host="10.0.0.1", http_port=30093, grpc_port=30094)},
        "brokers": {9999: fate.Hop(host="10.0.0.1", port=30109)},
        **changes,
    }
    return exchange.router(exchange.PulsarExchangeArgs(**told), "fate-exchange")


def files(service: workload.Workload) -> dict[str, str]:
    """What changes while the exchange runs."""
    assert service.live is not None
    return {name: str(content) for name, content in service.live.files.items()}


def test_rollsite_knows_its_parties_and_sends_strangers_nowhere() -> None:
    """A default route of the exchange to itself, as deployments often have, swallows what is for an unknown party."""
    routes = json.loads(files(rollsite())["route_table.json"])["route_table"]
    assert routes["10000"]["default"] == [{"ip": "10.0.0.1", "port": 30091}]
    assert routes["9999"]["default"] == [{"ip": "guest.example", "port": 9370, "is_secure": True}]
    assert "default" not in routes


def test_the_exchange_has_no_party_id_that_a_party_may_have() -> None:
    """An exchange that bears a party's id keeps that party's packets."""
    (properties,) = rollsite().main.files
    assert "eggroll.rollsite.party.id=0\n" in str(properties.content)
    with pytest.raises(ValueError, match="party 0 is linked with itself"):
        rollsite(routes={0: HOPS[9999]})


def test_parties_that_nobody_can_dial_fetch_their_packets() -> None:
    """Without the switch in its properties, rollsite turns away who asks for packets."""
    service = rollsite(routes={9999: HOPS[9999]}, polled=(10000,))
    (properties,) = service.main.files
    assert "eggroll.rollsite.polling.server.enabled=true\n" in str(properties.content)
    routes = json.loads(files(service)["route_table.json"])["route_table"]
    assert routes["10000"]["default"][0]["is_polling"] is True


def test_brokers_are_found_by_the_name_that_fate_asks_for() -> None:
    """One letter between FATE's name and the exchange's, and TLS ends before it starts."""
    asked = fate.pulsar.Exchange(host="x", port=443, domain="fed.example").broker(9999).host
    assert f'"{asked}" "10.0.0.1:30109";' in files(router())["brokers.conf"]


def test_control_messages_are_sent_on_and_never_kept() -> None:
    """An exchange with a fateflow route of its own would hand jobs to a fateflow that is not there."""
    tables = files(router())
    assert tables["http.conf"].splitlines(keepends=True)[1:] == ['"9999" "10.0.0.1:30093";\n']
    assert tables["grpc.conf"].splitlines(keepends=True)[1:] == ['"9999" "10.0.0.1:30094";\n']


@pytest.mark.parametrize(
    ("one", "more"),
    [
        (rollsite(), rollsite(routes={**HOPS, 8888: HOPS[9999]})),
        (router(), router(brokers={9999: HOPS[9999], 8888: HOPS[10000]})),
    ],
)
def test_a_new_party_restarts_nothing(one: workload.Workload, more: workload.Workload) -> None:
    """A restart of the exchange breaks the jobs of all parties."""
    assert one.containers == more.containers
    assert files(one) != files(more)


def test_everything_but_the_health_port_is_for_parties() -> None:
    """A port that is missing outside makes a firewall rule useless; one too many is a way in."""
    outside = {port.name: port.number for port in router().audience(workload.Audience.PEERS)}
    assert outside == {"nginx": 9300, "nginx-grpc": 9310, "pulsar": 443}
    assert [port.name for port in rollsite().audience(workload.Audience.PEERS)] == ["rollsite"]
