"""From validated settings to a running site: which platform, which parts, which outputs."""

import importlib
from collections.abc import Mapping
from typing import Any

import pulumi
import pydantic

from components import fateboard, fateflow, mysql, notebook, party
from components.platform import workload

from . import backends, links, settings


def build(config: settings.StackSettings) -> Mapping[str, Any]:
    """Deploy the site that ``config`` describes; returns the stack's outputs by name."""
    platform = _platform(config)
    told = _party(config)
    site = party.Party(config.site, told, platform, pulumi.ResourceOptions(providers=[platform.provider]))
    return {
        "link": _link(config, site),
        "interfaces": _addresses(site.interfaces),
        "credentials": site.credentials,
        "images": _images(config, told),
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
        engines=backend.engines,
        parts=backend.parts(config),
        mysql=mysql.MySQLArgs(
            image=backends.image(config, "mysql"),
            resources=backends.resources(config.mysql.resources),
            storage=backends.storage(config, config.mysql.storage),
            password=_secret(config.mysql.password),
        ),
        fateflow=fateflow.FateFlowArgs(
            image=backends.image(config, "fateflow"),
            resources=backends.resources(config.fateflow.resources),
            storage=backends.storage(config, config.fateflow.storage),
            log_level=config.fateflow.log_level,
        ),
        fateboard=fateboard.FateBoardArgs(
            image=backends.image(config, "fateboard"),
            resources=backends.resources(config.fateboard.resources),
            username=config.fateboard.username,
            password=_secret(config.fateboard.password),
        ),
        notebook=_notebook(config) if config.notebook.enabled else None,
    )


def _notebook(config: settings.StackSettings) -> notebook.NotebookArgs:
    return notebook.NotebookArgs(
        image=backends.image(config, "client"),
        resources=backends.resources(config.notebook.resources),
        storage=backends.storage(config, config.notebook.storage),
        password=_secret(config.notebook.password),
    )


def _secret(given: pydantic.SecretStr | None) -> str | None:
    return given.get_secret_value() if given else None


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


def _images(config: settings.StackSettings, told: party.PartyArgs) -> list[str]:
    """Every image of the site, for a mirror to hold."""
    used = {told.mysql.image, told.fateflow.image, told.fateboard.image}
    used |= {backends.image(config, "eggroll"), backends.image(config, "fluent-bit")}
    return sorted(used | ({told.notebook.image} if told.notebook else set()))
