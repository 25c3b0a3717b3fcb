"""Other sites, read before anything is planned: by their stack, by the file that they sent, or by their address."""

import asyncio
import dataclasses
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

from . import links, settings

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

    def at(self, service: str) -> tuple[str, int, bool] | None:
        """Host, port and whether TLS is expected there; ``None`` while the site does not say."""
        found = self.endpoints.get(service)
        if found is None or found.host is None or found.port is None:
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
    def services(self) -> tuple[str, ...]:
        """What is dialled at other sites."""
        return SERVICES[self.config.carries]


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
        else:
            endpoints = _endpoints(config, reference) if isinstance(reference, settings.Endpoint) else {}
            found.append(
                Neighbour(
                    path=path,
                    party_id=int(number) if number else None,
                    named=reference,
                    link=link,
                    endpoints=link.endpoints if link else endpoints,
                )
            )
    return found, problems


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


def _endpoints(config: settings.StackSettings, there: settings.Endpoint) -> dict[str, links.LinkEndpoint]:
    data, *routers = SERVICES[config.carries]
    # FATE speaks plain AMQP only.
    tls = there.tls and data != "rabbitmq"
    numbers = dict(zip(routers, (there.nginx_port, there.nginx_grpc_port), strict=False))
    return {
        data: links.LinkEndpoint(host=there.host, port=config.port(there), tls=tls),
        **{name: links.LinkEndpoint(host=there.host, port=port, tls=there.tls) for name, port in numbers.items()},
    }
