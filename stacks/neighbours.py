"""Other sites, read before anything is planned: by their stack, by the file that they sent, or by their address."""

import asyncio
import dataclasses
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

from . import links, pem, settings

SERVICES: Final[Mapping[str, tuple[str, ...]]] = {
    "rollsite": ("rollsite",),
    "rabbitmq": ("rabbitmq", "nginx", "nginx-grpc"),
    "pulsar": ("pulsar", "nginx", "nginx-grpc"),
}
"""What sites of a transport dial at each other; the first carries the data."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another site, however it was named."""

    path: str
    """Path of its key (``peers.10000``), for messages."""
    party_id: int | None
    """The number that it is named by; ``None``: it is the exchange."""
    named: settings.SiteReference
    link: links.Link | None = None
    """What the site says of itself; ``None``: only its address is known, or its stack has not been brought up yet."""
    endpoints: Mapping[str, links.LinkEndpoint]
    """Service to where it is dialled."""
    anchors: tuple[str, ...] = ()
    """PEM certificates by which it is known."""
    server_name: str
    """Name in its certificate, besides the addresses that it is dialled at."""
    tls: bool
    """Whether this site speaks TLS to others. Nothing that does otherwise is dialled, but RabbitMQ, which cannot."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it may have a certificate for: its own name, and where it says that it is dialled."""
        hosts = {each.host for each in self.endpoints.values() if each.host}
        return (self.server_name, *sorted(hosts))

    @property
    def site(self) -> str:
        """Its name, for messages."""
        if self.link:
            return self.link.site
        return "the exchange" if self.party_id is None else f"fate-{self.party_id}"

    @property
    def stack(self) -> str | None:
        """Full name of its stack; ``None``: unknown."""
        if self.link:
            return self.link.stack
        return self.named.stack if isinstance(self.named, settings.StackReference) else None

    @property
    def unborn(self) -> bool:
        """Whether its stack has not been brought up yet."""
        return self.link is None and isinstance(self.named, settings.StackReference)

    @property
    def speaks_otherwise(self) -> bool:
        """Whether it has TLS and this site has not, or the other way round."""
        services = self.link.endpoints.items() if self.link else ()
        return any(where.tls is not self.tls for service, where in services if service != "rabbitmq")

    def at(self, service: str) -> tuple[str, int, bool] | None:
        """Host, port and whether TLS is expected there; ``None`` while the site does not say, or speaks otherwise."""
        found = self.endpoints.get(service)
        if found is None or found.host is None or found.port is None or self.speaks_otherwise:
            return None
        return found.host, found.port, found.tls


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """What a stack knows before anything is planned: what it is to be, and whom it meets."""

    config: settings.StackSettings
    stack: str
    """Full name of this stack, ``organization/project/stack``."""
    place: str | None
    """Digest of the host or cluster that the site runs on; ``None``: unknown."""
    others: Sequence[Neighbour] = ()

    @property
    def exchange(self) -> Neighbour | None:
        """The exchange that a party uses."""
        return next((each for each in self.others if each.party_id is None), None)

    @property
    def parties(self) -> Mapping[int, Neighbour]:
        """Direct peers of a party, or the parties of an exchange, by number."""
        return {each.party_id: each for each in self.others if each.party_id is not None}

    @property
    def domain(self) -> str:
        """Domain of the names in certificates: the exchange's, where there is one that says it."""
        middle = self.exchange
        told = middle.link.domain if middle and middle.link else getattr(middle and middle.named, "domain", None)
        return told or self.config.domain

    @property
    def name(self) -> str:
        """The site's own name in its certificate."""
        return certified(self.config.party_id, self.config.site, self.domain)

    @property
    def services(self) -> tuple[str, ...]:
        """What is dialled at other sites."""
        return SERVICES[self.config.carries]


def certified(party_id: int | None, site: str, domain: str) -> str:
    """A site's name in certificates: that of a broker, which FATE makes of its number, or of an exchange."""
    return f"{site if party_id is None else party_id}.{domain}"


async def read(config: settings.StackSettings) -> tuple[list[Neighbour], list[settings.Problem]]:
    """Every other site that ``config`` names and that can be read, and what is wrong with the rest."""
    found: list[Neighbour] = []
    problems: list[settings.Problem] = []
    named = config.others
    read = await asyncio.gather(*(_link(each) for each in named.values()), return_exceptions=True)
    for (path, reference), link in zip(named.items(), read, strict=True):
        number = path.partition(".")[2]
        if isinstance(link, links.Unreadable):
            problems.append(settings.Problem(path, str(link)))
        elif isinstance(link, BaseException):
            raise link
        elif link is None and isinstance(reference, settings.Endpoint):
            try:
                found.append(_by_address(config, path, number, reference))
            except ValueError as error:
                problems.append(settings.Problem(f"{path}.trustAnchors", str(error)))
        else:
            found.append(_by_link(config, path, number, reference, link))
    return found, problems


def _by_link(
    config: settings.StackSettings, path: str, number: str, named: settings.SiteReference, link: links.Link | None
) -> Neighbour:
    """A site that says itself what it is, or will."""
    party = int(number) if number else None
    domain = (link.domain if link else None) or config.domain
    return Neighbour(
        path=path,
        party_id=party,
        named=named,
        link=link,
        endpoints=link.endpoints if link else {},
        anchors=link.trust_anchors if link else (),
        server_name=certified(party, link.site if link else path, domain),
        tls=config.tls,
    )


def _by_address(config: settings.StackSettings, path: str, number: str, named: settings.Endpoint) -> Neighbour:
    """A site of which only that is known. ``ValueError`` for trust anchors that are none."""
    party = int(number) if number else None
    name = named.host if party is None else certified(party, path, named.domain or config.domain)
    return Neighbour(
        path=path,
        party_id=party,
        named=named,
        endpoints=_endpoints(config, named, exchange=party is None),
        anchors=(pem.load(named.trust_anchors),) if named.trust_anchors else (),
        server_name=named.server_name or name,
        tls=config.tls,
    )


async def _link(reference: settings.SiteReference) -> links.Link | None:
    """The link of a site; ``None`` where there is none yet. Raises ``links.Unreadable``."""
    if isinstance(reference, settings.StackReference):
        data = (await _outputs(reference.stack)).get("link")
        return None if data is None else _of(f"stack {reference.stack}", data)
    if isinstance(reference, settings.LinkFile):
        try:
            text = pathlib.Path(reference.file).expanduser().read_bytes()
        except OSError as error:
            raise links.Unreadable(
                f"{reference.file} cannot be read ({error.strerror}); give the path of the link that the site sent"
            ) from None
        return _of(reference.file, text)
    return None


def _of(where: str, given: object) -> links.Link:
    try:
        return links.read(given)
    except links.Unreadable as error:
        raise links.Unreadable(f"{where} {error}") from None


async def _outputs(stack: str) -> Mapping[str, Any]:
    """Outputs of ``stack``, by a function of the engine's own.

    Not by a ``StackReference``: as a resource it would put the outputs of others, their passwords with them, into this
    stack's state; an unknown stack would end the run before all other mistakes are told; and a stack that is gone
    could never be taken out again, because every run begins with a refresh.
    """
    try:
        result: Mapping[str, Any] = await pulumi.runtime.invoke_async("pulumi:pulumi:readStackOutputs", {"name": stack})
    except Exception as error:
        said = str(error).rpartition("returned an error: ")[2]
        remedy = "make it with pulumi stack init, correct its name, or name the site by its link file"
        known = "unknown stack" not in said and "no stack named" not in said
        what = f"stack {stack} cannot be read ({said})" if known else f"there is no stack {stack}"
        raise links.Unreadable(f"{what}; {remedy}") from None
    return result.get("outputs") or {}


def _endpoints(
    config: settings.StackSettings, there: settings.Endpoint, *, exchange: bool
) -> dict[str, links.LinkEndpoint]:
    data, *routers = SERVICES[config.carries]
    port = settings.EXCHANGE_PULSAR_PORT if exchange and not there.port else config.port(there)
    # FATE speaks plain AMQP only.
    tls = there.tls and data != "rabbitmq"
    numbers = dict(zip(routers, (there.nginx_port, there.nginx_grpc_port), strict=False))
    return {
        data: links.LinkEndpoint(host=there.host, port=port, tls=tls),
        **{name: links.LinkEndpoint(host=there.host, port=port, tls=there.tls) for name, port in numbers.items()},
    }
