"""From a site as it is to be to a running one: which platform, which parts, which outputs."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components import party, trust
from components.platform import capacity, workload

from . import backends, identity, outputs, routes, services
from .neighbours import Site
from .plan import Plan

Made = tuple[outputs.Endpoints, Mapping[str, Any]]
"""What others dial, by service, and the outputs that only this kind of site has."""


def build(site: Site, providers: Sequence[pulumi.ProviderResource]) -> Mapping[str, Any]:
    """Deploy ``site``; returns the stack's outputs by name. ``providers``: those that are there already."""
    # Only what is chosen is loaded: an SDK takes longer to import than the rest of the program takes to run.
    on = importlib.import_module(f".on_{site.config.platform}", __package__)
    platform: workload.Platform = on.platform(site.config)
    believed: trust.Trust | None = None
    certified: pulumi.Input[outputs.Certified] = outputs.Certified()
    if site.config.tls:
        own = identity.make(site, on.addresses(site.config), pulumi.ResourceOptions(providers=[*providers]))
        believed, certified = own.trust, own.certified
    below = pulumi.ResourceOptions(providers=[platform.provider, *providers])
    plan = Plan(config=site.config, routes=routes.of(site), trust=believed)
    peers, made = (_exchange if site.config.is_exchange else _party)(site, plan, platform, below)
    _check_capacity(platform)
    return {**outputs.of(site, peers, certified), **made, "images": outputs.images(platform)}


def _party(site: Site, plan: Plan, platform: workload.Platform, opts: pulumi.ResourceOptions) -> Made:
    config = site.config
    if config.party_id is None or config.backend is None:
        raise ValueError("settings refuse a party without partyId or backend")
    backend = backends.BACKENDS[config.backend]
    told = party.PartyArgs(
        site=config.site,
        party_id=config.party_id,
        engines=backend.engines(config),
        parts=[part(plan) for part in backend.parts],
        mysql=services.database(config),
        fateflow=services.scheduler(config),
        fateboard=services.board(config),
        notebook=services.client(config) if config.notebook.enabled else None,
    )
    made = party.Party(config.site, told, platform, opts)
    return made.peers, {"interfaces": outputs.addresses(made.interfaces), "credentials": made.credentials}


def _exchange(site: Site, plan: Plan, platform: workload.Platform, opts: pulumi.ResourceOptions) -> Made:
    from components import exchange, linked_party  # Parties need neither.

    from . import middle

    made = exchange.Exchange(site.config.site, middle.told(plan), platform, opts)
    for other in site.others:
        if other.link and other.link.exchange == site.stack:
            linked_party.LinkedParty(site.config.site, other.site, pulumi.ResourceOptions(parent=made))
    return made.peers, {}


def _check_capacity(platform: workload.Platform) -> None:
    """Say before anything starts what the host or the cluster has no room for."""
    there = platform.capacity()
    if there is None:
        return
    errors, warnings = capacity.problems([each.request for each in platform.workloads], there)
    for words in warnings:
        pulumi.log.warn(words)
    if errors:
        raise pulumi.RunError(
            "\n".join(["the site does not fit where it is to run:", *(f"  {each}" for each in errors)])
        )
