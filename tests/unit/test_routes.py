"""From other sites to routes: what is dialled for whom."""

import pathlib
from typing import Any

import pytest

from components.versions import fate_1_11 as fate
from stacks import links, routes
from tests import linked

pytestmark = pytest.mark.unit
AT = {"host": "192.168.1.2", "tls": False}


def made(**given: Any) -> routes.Routes:
    """Routes of the site with these settings."""
    return routes.of(linked.load("party-9999", tls=False, **given))


def test_rollsites_by_address_and_by_link(tmp_path: pathlib.Path) -> None:
    """A direct peer, and everybody else through the exchange."""
    given = linked.on_disk(tmp_path, exchange=linked.exchange(), p10000=linked.party(10000))
    found = made(
        partyId="9999",
        backend="eggroll",
        exchange=given["exchange"],
        peers={"10001": {**AT, "port": 9370}, "10000": given["10000"]},
    )
    assert list(found.hops.items()) == [
        (10000, fate.Hop(host="party-10000.example", port=9370)),
        (10001, fate.Hop(host="192.168.1.2", port=9370)),
    ]
    assert found.default_hop == fate.Hop(host="exchange.example", port=9371)
    assert (found.routers, found.brokers, found.exchange) == ({}, {}, None)


@pytest.mark.parametrize(("backend", "port"), [("spark_rabbitmq", 5672), ("spark_pulsar", 6650)])
def test_brokers_and_routers_of_spark_parties(backend: str, port: int) -> None:
    """Data goes from broker to broker, messages from router to router."""
    found = made(partyId="9999", backend=backend, peers={"10000": {**AT, "nginxPort": 30093}})
    assert found.hops == {10000: fate.Hop(host="192.168.1.2", port=port)}
    assert found.routers == {10000: fate.nginx.Route(host="192.168.1.2", http_port=30093, grpc_port=9310)}
    broker = fate.pulsar.Broker(host="192.168.1.2", port=6650)
    assert found.brokers == ({10000: broker} if backend == "spark_pulsar" else {})


def test_a_site_without_an_address_has_no_route(tmp_path: pathlib.Path) -> None:
    """Half a route breaks the table of all the others."""
    nowhere = linked.party(10000, endpoints={"rollsite": links.LinkEndpoint(port=9370)})
    found = made(partyId="9999", backend="eggroll", peers=linked.on_disk(tmp_path, p10000=nowhere))
    assert found.hops == {}


def test_an_exchange_knows_its_parties(tmp_path: pathlib.Path) -> None:
    """And nobody else: it has no default."""
    given = linked.on_disk(tmp_path, p10000=linked.party(10000))
    found = made(role="exchange", transport="rollsite", parties={"9999": {**AT, "port": 9370}, **given})
    assert sorted(found.hops) == [9999, 10000]
    assert found.default_hop is None


def test_with_tls_everybody_is_asked_for_by_the_name_in_the_certificate(tmp_path: pathlib.Path) -> None:
    """A router compares no addresses, and a broker behind one address is told from another by its name."""
    there = {
        name: links.LinkEndpoint(host="10.0.0.7", port=30091, tls=True) for name in ("pulsar", "nginx", "nginx-grpc")
    }
    told: dict[str, Any] = {"transport": "pulsar", "endpoints": there, "domain": "fed.example"}
    given = linked.on_disk(tmp_path, exchange=linked.exchange(**told), p10000=linked.party(10000, **told))
    by_address = {"host": "10.0.0.8", "trustAnchors": linked.PEM, "domain": "other.example"}
    found = routes.of(
        linked.load(
            "party-9999",
            partyId="9999",
            backend="spark_pulsar",
            exchange=given["exchange"],
            peers={"10000": given["10000"], "10001": by_address},
        )
    )
    assert {number: broker.server_name for number, broker in found.brokers.items()} == {
        10000: "10000.fed.example",
        10001: "10001.other.example",
    }
    assert found.brokers[10000].tls_port == 30091
    assert found.routers[10001].server_name == "10001.other.example"
    assert found.default_router is not None
    assert (found.default_router.tls, found.default_router.server_name) == (True, "fate-exchange.fed.example")
    assert found.exchange == fate.pulsar.Exchange(host="10.0.0.7", port=30091, domain="fed.example")


def test_rabbitmq_s_data_is_plain_beside_a_router_with_tls() -> None:
    """FATE speaks plain AMQP only: TLS to a broker's port would never get an answer."""
    peer = {"host": "10.0.0.8", "trustAnchors": linked.PEM}
    found = routes.of(linked.load("x", partyId="9999", backend="spark_rabbitmq", peers={"10000": peer}))
    assert found.hops[10000].is_secure is False
    assert found.routers[10000].tls is True
