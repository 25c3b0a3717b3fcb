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
    **dict.fromkeys(
        (vocabulary.Backend.SPARK_PULSAR, vocabulary.Backend.SPARK_LOCAL_PULSAR),
        "an exchange for Pulsar needs TLS, which arrives with a later version; name each party under peers",
    ),
}
"""Backends whose parties cannot meet through an exchange, with the reason."""


def _sites(given: Given) -> Mapping[str, object]:
    """Every other site that is named, by path, as it was given."""
    peers, upstreams = given.get("peers"), given.get("eggroll.balancer.upstreams")
    named = {f"peers.{number}": peer for number, peer in peers.items()} if isinstance(peers, Mapping) else {}
    balanced = upstreams if isinstance(upstreams, list | tuple) else ()
    named |= {f"eggroll.balancer.upstreams[{index}]": site for index, site in enumerate(balanced)}
    return {**named, "exchange": given.get("exchange")}


def links(given: Given) -> Iterator[problems.Problem]:
    """Forms of reference that need links between stacks, which this version does not have."""
    for path, reference in _sites(given).items():
        if not isinstance(reference, Mapping):
            continue
        forms = {references.FORMS[key] for key in reference if key in references.FORMS}
        if len(forms) == 1 and "endpoint" not in forms:
            text = "reading another site's link arrives with a later version; give its host, port and tls: false"
            yield problems.Problem(path, text)
        elif len(forms) == 1 and reference.get("tls") in (None, True, "true"):
            yield problems.Problem(f"{path}.tls", "TLS between sites arrives with a later version; set tls: false")


def ports_of_transport(given: Given) -> Iterator[problems.Problem]:
    """Rollsite's port differs from site to site, and only the Spark backends have a router to dial."""
    spark = given.sound("backend") and given.settings.backend is not vocabulary.Backend.EGGROLL
    for path, reference in _sites(given).items():
        if spark or not isinstance(reference, Mapping) or path.startswith("eggroll."):
            continue
        if {references.FORMS.get(key) for key in reference} == {"endpoint"} and reference.get("port") is None:
            yield problems.Problem(f"{path}.port", "is missing; set it to the port of its rollsite")
        for key in ("nginxPort", "nginxGrpcPort"):
            if given.sound("backend") and reference.get(key) is not None:
                names = problems.joined(vocabulary.BACKENDS_OF["nginx"], "or")
                text = f"belongs to backend {names}; remove it or set backend: {names}"
                yield problems.Problem(f"{path}.{key}", text)


def exchange_is_possible(given: Given) -> Iterator[problems.Problem]:
    """The one place that says which backends have no exchange."""
    if given.has("exchange") and given.sound("role", "backend") and given.settings.backend in NO_EXCHANGE:
        yield problems.Problem("exchange", NO_EXCHANGE[given.settings.backend])


def peers_are_others(given: Given) -> Iterator[problems.Problem]:
    """A route to oneself by way of others would loop."""
    if given.sound("partyId", "peers") and given.settings.party_id in given.settings.peers:
        path = f"peers.{given.settings.party_id}"
        yield problems.Problem(path, "is this party itself; remove it, a party always knows the way to itself")


def polling(given: Given) -> Iterator[problems.Problem]:
    """A rollsite that polls has somebody to ask; one that is asked does not dial whoever asks it."""
    if not given.sound("eggroll", "partyId", "peers", "exchange"):
        return
    told, path = given.settings.eggroll.rollsite.polling, "eggroll.rollsite.polling"
    if told.client and given.settings.exchange is None:
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
        elif party in given.settings.peers:
            text = f"party {party} polls, so it cannot be dialled; remove peers.{party}, or remove it from clients"
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


ALL = (links, ports_of_transport, exchange_is_possible, peers_are_others, polling, balancer)
"""Every rule of this module."""
