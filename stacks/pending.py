"""What a site still waits for, and what to do about it: in a federation one side is always first."""

from collections.abc import Iterator, Mapping, Sequence

from components.platform import workload

from . import settings
from .neighbours import Neighbour, Site


def sentences(site: Site, own: Mapping[str, workload.Endpoint], names: Sequence[str] | None = None) -> list[str]:
    """One sentence for each thing that is awaited from somebody.

    ``own``: where others dial this site. ``names``: those in its certificate; ``None``: unknown, or there is none.
    """
    others = [text for other in site.others for text in _other(site, other)]
    return [*_own_address(site, own), *_own_name(own, names), *others]


def _other(site: Site, other: Neighbour) -> Iterator[str]:
    if other.unborn:
        yield f"{other.path}: waits for the first pulumi up of stack {other.stack}; run it, then pulumi up here"
        return
    if other.speaks_otherwise:
        theirs, mine = (str(flag).lower() for flag in (not other.tls, other.tls))
        yield (
            f"{other.path}: {other.site} has tls {theirs} and {site.config.site} tls {mine}, so neither dials the "
            f"other; set fate:tls to the same on both, {again(other)}"
        )
        return
    lacking = [service for service in site.services if other.at(service) is None]
    if lacking:
        yield (
            f"{other.path}: {other.site} has no address for {', '.join(lacking)} that others can dial yet; "
            f"there set fate:advertise.host, {again(other)}"
        )
    if other.link is None:
        return
    if other.party_id is None:
        if site.config.party_id not in other.link.parties:
            yield f"{other.path}: {other.site} does not know {site.config.site} yet; there set {_back(site, other)}"
    elif site.config.is_exchange:
        if other.link.exchange is None:
            yield f"{other.path}: {other.site} does not use {site.config.site} yet; there set {_back(site, other)}"
    elif site.config.party_id not in other.link.parties and not _share_an_exchange(site, other):
        yield f"{other.path}: {other.site} does not know {site.config.site} yet; there set {_back(site, other)}"


def _own_address(site: Site, own: Mapping[str, workload.Endpoint]) -> Iterator[str]:
    lacking = [name for name, where in sorted(own.items()) if not where.host or not where.port]
    if site.others and lacking:
        yield (
            f"{site.config.site} has no address for {', '.join(lacking)} that others can dial; "
            "set fate:advertise.host, and a fixed port where the platform assigns none, then run pulumi up"
        )


def _own_name(own: Mapping[str, workload.Endpoint], names: Sequence[str] | None) -> Iterator[str]:
    """Rollsites compare the address that they dial with the certificate; routers and brokers ask for a name."""
    host = own["rollsite"].host if "rollsite" in own else None
    if names is not None and host and host not in names:
        yield (
            f"the certificate does not name {host}, where others dial this site, because only the platform knew it; "
            f"set fate:advertise.host to {host}, then run pulumi up"
        )


def _share_an_exchange(site: Site, other: Neighbour) -> bool:
    """Whether ``other`` reaches this site by the exchange of both, although it does not name it."""
    shared = site.exchange.stack if site.exchange else None
    return bool(shared and other.link and other.link.exchange == shared and not site.config.tls)


def _back(site: Site, other: Neighbour) -> str:
    """The key by which ``other`` names this site, and what is to be run."""
    if site.config.is_exchange:
        key = "fate:exchange"
    else:
        key = f"fate:{'parties' if other.party_id is None else 'peers'}.{site.config.party_id}"
    return f"{key}, {again(other)}"


def again(other: Neighbour) -> str:
    """What is to be run for this site to learn what ``other`` changed."""
    if isinstance(other.named, settings.LinkFile):
        return f"run pulumi up and send its link again, to be put into {other.named.file}, then run pulumi up here"
    return "run pulumi up, then pulumi up here"
