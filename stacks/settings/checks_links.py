"""Rules about the other sites that a site reaches, and how."""

from collections.abc import Iterator, Mapping
from typing import Final

from . import problems, references, vocabulary
from .given import Given

NO_EXCHANGE: Final[Mapping[vocabulary.Backend, str]] = {
    vocabulary.Backend.SPARK_RABBITMQ: (
        "RabbitMQ links parties directly, there is no exchange for it; name each party under peers, "
        "or choose a backend that has one: eggroll, spark_pulsar or spark_local_pulsar"
    ),
}
"""Backends whose parties cannot meet through an exchange, with the reason."""
_ROUTER: Final = ("nginxPort", "nginxGrpcPort", "domain", "serverName")
"""Keys of a site with a router."""


def endpoints(given: Given) -> Mapping[str, Mapping[str, object]]:
    """Every other site that is named by its address, by path, as it was given."""
    found: dict[str, object] = {"exchange": given.get("exchange")}
    for section in ("peers", "parties"):
        told = given.get(section)
        found |= {f"{section}.{number}": site for number, site in told.items()} if isinstance(told, Mapping) else {}
    upstreams = given.get("eggroll.balancer.upstreams")
    balanced = upstreams if isinstance(upstreams, list | tuple) else ()
    found |= {f"eggroll.balancer.upstreams[{index}]": site for index, site in enumerate(balanced)}
    return {
        path: site
        for path, site in found.items()
        if isinstance(site, Mapping) and {references.FORMS.get(key, "endpoint") for key in site} == {"endpoint"}
    }


def ports_of_transport(given: Given) -> Iterator[problems.Problem]:
    """Rollsite's port differs from site to site, and only Pulsar and RabbitMQ have a router beside them."""
    known = given.sound("role", "backend", "transport")
    if known and given.settings.carries != "rollsite":
        return
    names = problems.joined(vocabulary.BACKENDS_OF["nginx"], "or")
    routed = "means nothing to a rollsite, which has no router; remove it"
    routed = routed if given.settings.is_exchange else f"belongs to backend {names}; remove it or set backend: {names}"
    for path, site in endpoints(given).items():
        if path.startswith("eggroll."):
            continue
        if site.get("port") is None:
            yield problems.Problem(f"{path}.port", "is missing; set it to the port of its rollsite")
        for key in _ROUTER:
            if known and site.get(key) is not None:
                yield problems.Problem(f"{path}.{key}", routed)


def exchange_is_possible(given: Given) -> Iterator[problems.Problem]:
    """The one place that says which sites have no exchange."""
    told = given.settings
    refused = NO_EXCHANGE.get(told.backend) if told.backend else None
    if given.has("exchange") and refused and given.sound("role", "backend"):
        yield problems.Problem("exchange", refused)
        return
    if not given.sound("role", "backend", "transport", "tls") or told.carries != "pulsar" or told.tls:
        return
    text = "an exchange for Pulsar passes TLS on by the name that is asked for, and tls is false; set it to true"
    if given.has("exchange"):
        yield problems.Problem("exchange", f"{text}, or name each party under peers")
    elif told.is_exchange:
        yield problems.Problem("transport", text)


def peers_are_others(given: Given) -> Iterator[problems.Problem]:
    """A route to oneself by way of others would loop."""
    if given.sound("partyId", "peers") and given.settings.party_id in given.settings.peers:
        path = f"peers.{given.settings.party_id}"
        yield problems.Problem(path, "is this party itself; remove it, a party always knows the way to itself")


def polling(given: Given) -> Iterator[problems.Problem]:
    """A rollsite that polls has somebody to ask; one that is asked does not dial whoever asks it."""
    if not given.sound("role", "eggroll", "partyId", "peers", "exchange", "parties"):
        return
    told, path = given.settings.eggroll.rollsite.polling, "eggroll.rollsite.polling"
    if told.client and given.settings.exchange is None and not given.settings.is_exchange:
        text = "needs exchange, whose rollsite is asked for packets; set that, or remove client"
        yield problems.Problem(f"{path}.client", text)
    if told.client and told.clients:
        text = "a rollsite that asks another cannot be dialled, so nobody asks it; remove client or clients"
        yield problems.Problem(f"{path}.clients", text)
    if given.has(f"{path}.concurrency") and not told.client and not told.clients:
        yield problems.Problem(f"{path}.concurrency", "means nothing without client or clients; remove it")
    for party in sorted({*told.clients}):
        if party == given.settings.party_id:
            yield problems.Problem(f"{path}.clients", f"{party} is this party itself; remove it")
        for section, others in (("peers", given.settings.peers), ("parties", given.settings.parties)):
            if party in others:
                text = f"party {party} polls, so it cannot be dialled; remove {section}.{party}, or it from clients"
                yield problems.Problem(f"{path}.clients", text)


def balancer(given: Given) -> Iterator[problems.Problem]:
    """What a balancer spreads over is the exchange, and without that there is no balancer."""
    path = "eggroll.balancer.upstreams"
    if not given.has("eggroll.balancer") or not given.sound("eggroll"):
        return
    if not given.settings.eggroll.balancer.upstreams:
        yield problems.Problem(path, "is missing, so that there is no balancer; list the exchange's rollsites")
    elif given.has("exchange"):
        yield problems.Problem(path, "are the exchange, and exchange names another; remove one of them")


ALL = (ports_of_transport, exchange_is_possible, peers_are_others, polling, balancer)
"""Every rule of this module."""
