"""What a stack exports: its link, what it waits for, and what its operators need to know."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pulumi

from components.platform import workload

from . import links, pending, settings
from .neighbours import Neighbour, Site

Endpoints = Mapping[str, pulumi.Output[workload.Endpoint]]
"""Service to where it is dialled."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Certified:
    """What a site says of certificates; nothing, where it speaks in plain text."""

    request: str | None = None
    """What others are asked to sign; ``None``: nothing."""
    anchors: tuple[str, ...] = ()
    """What others are to believe, to know the site by its certificate."""
    known: Mapping[str, links.Known] = dataclasses.field(default_factory=dict)
    """Party id to what the site has signed for it, or knows it by."""
    pending: tuple[str, ...] = ()
    """What is still awaited of others."""
    names: tuple[str, ...] | None = None
    """Host names and addresses in the certificate; ``None``: unknown, or there is none."""


def of(site: Site, peers: Endpoints, certified: pulumi.Input[Certified]) -> dict[str, Any]:
    """What a site tells others, and what it waits for from them; ``peers``: what they dial."""
    seen = pulumi.Output.all(pulumi.Output.all(**peers), certified)
    return {
        "link": seen.apply(lambda both: _link(site, both[0], both[1]).exported()),
        "pending": seen.apply(lambda both: [*pending.sentences(site, both[0], both[1].names), *both[1].pending]),
        "requiredPorts": seen.apply(lambda both: _required_ports(both[0])),
    }


def addresses(interfaces: Endpoints) -> pulumi.Output[dict[str, Any]]:
    """What people open in a browser, and how."""

    def address(where: workload.Endpoint) -> dict[str, str]:
        scheme = "https" if where.tls else "http"
        shown = {"url": f"{scheme}://{where.host or 'NODE'}:{where.port}{where.path.rstrip('/')}"}
        return {**shown, "how": where.how} if where.how else shown

    return pulumi.Output.all(**interfaces).apply(lambda found: {name: address(where) for name, where in found.items()})


def _link(site: Site, peers: Mapping[str, workload.Endpoint], certified: Certified) -> links.Link:
    config = site.config
    named = {number: links.Known(stack=other.stack) for number, other in site.parties.items()}
    return links.Link(
        role="exchange" if config.is_exchange else "party",
        stack=site.stack,
        site=config.site,
        party_id=config.party_id,
        fate_version=config.fate_version,
        transport=config.carries,
        endpoints={
            name: links.LinkEndpoint(host=where.host, port=where.port, tls=where.tls) for name, where in peers.items()
        },
        place=site.place,
        domain=site.domain if config.tls else None,
        certificate_request=certified.request,
        trust_anchors=certified.anchors,
        parties={**named, **{int(number): known for number, known in certified.known.items()}},
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
        {"service": name, "port": where.port, "protocol": "TCP", "from": "peers", "tls": where.tls}
        for name, where in sorted(peers.items())
    ]


def images(platform: workload.Platform) -> list[str]:
    """Every image of the site, for a mirror to hold."""
    containers = [each for service in platform.workloads for each in (*service.containers, *service.steps)]
    return sorted({each.image for each in containers})
