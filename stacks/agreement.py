"""Rules between linked sites. Each is a small function from a site and one that it names to what keeps them apart.

What the other side has still to do is no mistake but awaited (``pending.py``): of two sites one is always first, to
name the other as well as to change how they speak.
"""

import ipaddress
from collections.abc import Callable, Iterator

from components import certificate_request

from . import links
from .neighbours import Neighbour, Site
from .settings import Problem

Rule = Callable[[Site, Neighbour, links.Link], Iterator[str]]
"""A rule: from this site, the other and its link to what is wrong, with the remedy."""
_CONTAINERS = ipaddress.ip_network("172.17.0.0/16")
"""What Docker gives to containers that name no network."""


def problems(site: Site) -> list[Problem]:
    """Everything that keeps ``site`` from meeting those that it names."""
    found: list[Problem] = []
    for other in site.others:
        if other.link is None:
            continue
        # Of a site that is another than it is taken for, the rest says nothing.
        told = [*is_who_it_is_taken_for(site, other, other.link)]
        if not told:
            told = [text for rule in RULES for text in rule(site, other, other.link)]
        found += [Problem(other.path, text) for text in told]
    return found + [Problem(path, text) for path, text in ids_are_unique(site)]


def is_who_it_is_taken_for(site: Site, other: Neighbour, link: links.Link) -> Iterator[str]:
    """A link under another's number would send a party's data to the wrong organisation."""
    wanted = "exchange" if other.party_id is None else "party"
    if link.stack == site.stack:
        yield "is this stack itself; name another site"
    elif link.role != wanted:
        key = "fate:exchange" if link.role == "exchange" else f"fate:peers.{link.party_id}"
        yield f"is the link of {link.site}, which is no {wanted}; name another site, or move it to {key}"
    elif link.party_id == site.config.party_id and link.party_id is not None:
        yield (
            f"is the link of another stack, {link.stack}, with this party's own id {link.party_id}; "
            "ids are unique in a federation, so one of them has to change its partyId"
        )
    elif link.party_id != other.party_id:
        yield (
            f"is the link of {link.site}, not of fate-{other.party_id}; give that party's link, "
            f"or move it to the key {link.party_id}"
        )


def transports_match(site: Site, other: Neighbour, link: links.Link) -> Iterator[str]:
    """Two transports do not understand each other."""
    mine = site.config.carries
    if link.transport != mine:
        yield (
            f"{link.site} carries {link.transport} and {site.config.site} {mine}, and sites meet over one transport "
            f"only; remove it, or give one of them a {_chooser(link)} with the other's transport"
        )


def versions_match(site: Site, other: Neighbour, link: links.Link) -> Iterator[str]:
    """Releases of one line understand each other's jobs; others do not."""
    mine = site.config.fate_version
    if _line(link.fate_version) != _line(mine):
        yield (
            f"{link.site} runs FATE {link.fate_version} and {site.config.site} {mine}, which do not understand each "
            "other; give both a fateVersion of one line"
        )


def addresses_can_be_dialled(site: Site, other: Neighbour, link: links.Link) -> Iterator[str]:
    """An address that means something else here would be dialled for ever."""
    near = link.place == site.place
    for host in sorted({where.host for name, where in link.endpoints.items() if where.host and name in site.services}):
        if nobody_else_reaches(host) or (not near and only_near(host)):
            yield (
                f"{link.site} advertises {host}, which {site.config.site} cannot dial; "
                "there set fate:advertise.host to an address that others reach"
            )


def exchange_is_this_one(site: Site, other: Neighbour, link: links.Link) -> Iterator[str]:
    """A party has one exchange: what the other sends it, it never sees."""
    if site.config.is_exchange and link.exchange and link.exchange not in (site.stack, *_addresses(site, link)):
        yield (
            f"{link.site} uses the exchange {link.exchange}, not {site.config.site} ({site.stack}); "
            f"there set fate:exchange to this one, or remove it here"
        )


def party_is_known_as_this_one(site: Site, other: Neighbour, link: links.Link) -> Iterator[str]:
    """Two stacks with one id in one federation take each other's data."""
    known = link.parties.get(site.config.party_id) if site.config.party_id is not None else None
    if known and known.stack and known.stack != site.stack:
        yield (
            f"{link.site} knows stack {known.stack} as party {site.config.party_id}, not this one ({site.stack}); "
            "choose another partyId, or, where this stack took its place, have the other remove that party first"
        )


def ids_are_unique(site: Site) -> Iterator[tuple[str, str]]:
    """No id may stand for two stacks, whoever of the linked sites says so."""
    for other in site.others:
        known = other.link.parties.items() if other.link else ()
        for number, there in known:
            mine = site.parties.get(number)
            if mine is None or mine is other or not mine.link or not there.stack or there.stack == mine.link.stack:
                continue
            text = f"is stack {mine.link.stack}, and {other.site} knows {there.stack} as party {number}; "
            yield mine.path, f"{text}ids are unique in a federation, so name one stack on both, or change one partyId"


def nobody_else_reaches(host: str) -> bool:
    """Whether ``host`` means whatever machine or container looks it up."""
    address = _address(host)
    if address is None:
        return host.lower().rstrip(".") == "localhost"
    return address.is_loopback or address.is_unspecified or address.is_link_local


def only_near(host: str) -> bool:
    """Whether ``host`` means something on one Docker host or in one cluster only."""
    address = _address(host)
    if address is None:
        return host.lower().rstrip(".").endswith((".svc", ".cluster.local", ".docker.internal"))
    return address in _CONTAINERS


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _addresses(site: Site, link: links.Link) -> tuple[str, ...]:
    """What a party may call its exchange by that was told only an address, which proves nothing."""
    return (link.exchange,) if link.exchange and link.exchange.count("/") != 2 else ()


def _chooser(link: links.Link) -> str:
    return "backend" if link.role == "party" else "backend or exchange"


def _line(version: str) -> str:
    return ".".join(version.split(".")[:2])


def request_is_for_its_own_names(site: Site, other: Neighbour, link: links.Link) -> Iterator[str]:
    """Who got another's name signed could pass for the other."""
    if not site.config.is_exchange or not link.certificate_request:
        return
    try:
        certificate_request.check(link.certificate_request, site=link.site, names=other.names)
    except certificate_request.Refused as error:
        yield f"the certificate request of {link.site} {error}"


RULES: tuple[Rule, ...] = (
    transports_match,
    versions_match,
    addresses_can_be_dialled,
    exchange_is_this_one,
    party_is_known_as_this_one,
    request_is_for_its_own_names,
)
"""Every rule about one other site that is who it is taken for."""
