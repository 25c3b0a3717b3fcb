"""From validated settings to a running site: which platform, which parts, which outputs."""

import importlib
from collections.abc import Mapping
from typing import Any

import pulumi

from components import party
from components.platform import capacity, workload

from . import backends, links, services, settings


def build(config: settings.StackSettings) -> Mapping[str, Any]:
    """Deploy the site that ``config`` describes; returns the stack's outputs by name."""
    platform = _platform(config)
    told = _party(config)
    site = party.Party(config.site, told, platform, pulumi.ResourceOptions(providers=[platform.provider]))
    _check_capacity(platform)
    return {
        "link": _link(config, site),
        "interfaces": _addresses(site.interfaces),
        "credentials": site.credentials,
        "images": _images(platform),
        "requiredPorts": _required_ports(site),
    }


def _platform(config: settings.StackSettings) -> workload.Platform:
    # Only the chosen platform is loaded: its SDK takes longer to import than the rest of the program takes to run.
    module = importlib.import_module(f".on_{config.platform}", __package__)
    chosen: workload.Platform = module.platform(config)
    return chosen


def _party(config: settings.StackSettings) -> party.PartyArgs:
    backend = backends.BACKENDS[config.backend]
    return party.PartyArgs(
        site=config.site,
        party_id=config.party_id,
        engines=backend.engines(config),
        parts=[told(config) for told in backend.parts],
        mysql=services.database(config),
        fateflow=services.scheduler(config),
        fateboard=services.board(config),
        notebook=services.client(config) if config.notebook.enabled else None,
    )


def _link(config: settings.StackSettings, site: party.Party) -> pulumi.Output[dict[str, Any]]:
    transport = backends.BACKENDS[config.backend].transport

    def link(peers: Mapping[str, workload.Endpoint]) -> dict[str, Any]:
        return links.Link(
            role="party",
            site=config.site,
            party_id=config.party_id,
            fate_version=config.fate_version,
            transport=transport,
            endpoints={name: links.LinkEndpoint(host=where.host, port=where.port) for name, where in peers.items()},
        ).exported()

    return pulumi.Output.all(**site.peers).apply(link)


def _addresses(interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]) -> pulumi.Output[dict[str, Any]]:
    def address(where: workload.Endpoint) -> dict[str, str]:
        scheme = "https" if where.tls else "http"
        shown = {"url": f"{scheme}://{where.host or 'NODE'}:{where.port}{where.path.rstrip('/')}"}
        return {**shown, "how": where.how} if where.how else shown

    return pulumi.Output.all(**interfaces).apply(lambda found: {name: address(where) for name, where in found.items()})


def _required_ports(site: party.Party) -> pulumi.Output[list[dict[str, Any]]]:
    """What a firewall must let in, so that nobody has to switch one off."""
    return pulumi.Output.all(**site.peers).apply(
        lambda peers: [
            {"service": name, "port": where.port, "protocol": "TCP", "from": "peers"}
            for name, where in sorted(peers.items())
        ]
    )


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


def _images(platform: workload.Platform) -> list[str]:
    """Every image of the site, for a mirror to hold."""
    containers = [each for service in platform.workloads for each in (*service.containers, *service.steps)]
    return sorted({each.image for each in containers})
