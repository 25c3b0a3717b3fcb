"""What a stack exports: its link, what it waits for, and what its operators need to know."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.platform import workload

from . import links, pending, settings
from .neighbours import Neighbour, Site

Endpoints = Mapping[str, pulumi.Output[workload.Endpoint]]
"""Service to where it is dialled."""


def of(site: Site, peers: Endpoints) -> dict[str, Any]:
    """What a site tells others, and what it waits for from them; ``peers``: what they dial."""
    seen = pulumi.Output.all(**peers)
    return {
        "link": seen.apply(lambda found: _link(site, found).exported()),
        "pending": seen.apply(lambda found: pending.sentences(site, found)),
        "requiredPorts": seen.apply(_required_ports),
    }


def addresses(interfaces: Endpoints) -> pulumi.Output[dict[str, Any]]:
    """What people open in a browser, and how."""

    def address(where: workload.Endpoint) -> dict[str, str]:
        scheme = "https" if where.tls else "http"
        shown = {"url": f"{scheme}://{where.host or 'NODE'}:{where.port}{where.path.rstrip('/')}"}
        return {**shown, "how": where.how} if where.how else shown

    return pulumi.Output.all(**interfaces).apply(lambda found: {name: address(where) for name, where in found.items()})


def _link(site: Site, peers: Mapping[str, workload.Endpoint]) -> links.Link:
    config = site.config
    return links.Link(
        role="exchange" if config.is_exchange else "party",
        stack=site.stack,
        site=config.site,
        party_id=config.party_id,
        fate_version=config.fate_version,
        transport=config.carries,
        endpoints={name: links.LinkEndpoint(host=where.host, port=where.port) for name, where in peers.items()},
        place=site.place,
        domain=config.domain if config.carries == "pulsar" else None,
        parties={number: links.Known(stack=other.stack) for number, other in site.parties.items()},
        exchange=_used(site.exchange) if site.exchange else None,
    )


def _used(exchange: Neighbour) -> str:
    """How a link calls the exchange that its site uses."""
    if isinstance(exchange.named, settings.Endpoint):
        return f"{exchange.named.host}:{exchange.named.port or settings.EXCHANGE_PULSAR_PORT}"
    return exchange.stack or exchange.site


def _required_ports(peers: Mapping[str, workload.Endpoint]) -> list[dict[str, Any]]:
    """What a firewall must let in, so that nobody has to switch one off."""
    return [
        {"service": name, "port": where.port, "protocol": "TCP", "from": "peers"}
        for name, where in sorted(peers.items())
    ]


def images(platform: workload.Platform) -> list[str]:
    """Every image of the site, for a mirror to hold."""
    containers = [each for service in platform.workloads for each in (*service.containers, *service.steps)]
    return sorted({each.image for each in containers})
