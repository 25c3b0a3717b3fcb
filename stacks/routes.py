"""From the sites that a site meets to where its servers send what is for others."""

import dataclasses
from collections.abc import Mapping

from components.versions import fate_1_11 as fate

from .neighbours import Neighbour, Site


@dataclasses.dataclass(frozen=True, kw_only=True)
class Routes:
    """Where data and messages for others go. A site that does not say yet where it is dialled has no route."""

    hops: Mapping[int, fate.Hop]
    """Party id to what carries its data: rollsite, or the broker of RabbitMQ."""
    default_hop: fate.Hop | None
    """Where data for all other parties goes: the exchange."""
    routers: Mapping[int, fate.nginx.Route]
    """Party id to the router of its fateflow's messages."""
    default_router: fate.nginx.Route | None
    """Where messages for all other parties go."""
    brokers: Mapping[int, fate.pulsar.Broker]
    """Party id to its broker of Pulsar."""
    exchange: fate.pulsar.Exchange | None
    """The way to all other brokers."""


def of(site: Site) -> Routes:
    """The routes of ``site``, the same however the others were named."""
    data = site.services[0]
    hops = {number: hop for number, other in sorted(site.parties.items()) if (hop := _hop(other, data))}
    routers = {number: route for number, other in sorted(site.parties.items()) if (route := _router(other))}
    brokers = {number: broker for number, other in sorted(site.parties.items()) if (broker := _broker(other))}
    middle = site.exchange
    pulsar = data == "pulsar"
    return Routes(
        hops=hops,
        default_hop=_hop(middle, data) if middle else None,
        routers=routers,
        default_router=_router(middle) if middle else None,
        brokers=brokers,
        exchange=_exchange(site, middle) if middle and pulsar else None,
    )


def _hop(other: Neighbour, service: str) -> fate.Hop | None:
    found = other.at(service)
    return fate.Hop(host=found[0], port=found[1], is_secure=found[2]) if found else None


def _router(other: Neighbour) -> fate.nginx.Route | None:
    http, grpc = other.at("nginx"), other.at("nginx-grpc")
    if http is None or grpc is None:
        return None
    name = other.server_name if http[2] else None
    return fate.nginx.Route(host=http[0], http_port=http[1], grpc_port=grpc[1], tls=http[2], server_name=name)


def _broker(other: Neighbour) -> fate.pulsar.Broker | None:
    found = other.at("pulsar")
    if found is None:
        return None
    host, port, tls = found
    if tls:
        return fate.pulsar.Broker(host=host, tls_port=port, tls=True, server_name=other.server_name)
    return fate.pulsar.Broker(host=host, port=port)


def _exchange(site: Site, middle: Neighbour) -> fate.pulsar.Exchange | None:
    found = middle.at("pulsar")
    if found is None:
        return None
    return fate.pulsar.Exchange(host=found[0], port=found[1], domain=site.domain)
