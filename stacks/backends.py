"""The backends as data: which engines each names to fateflow, and which parts it is made of."""

import dataclasses
from collections.abc import Callable, Mapping

import pulumi

from components import args, eggroll, part
from components.platform import workload
from components.versions import fate_1_11 as fate

from . import links, settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Backend:
    """One row."""

    engines: fate.Engines
    """The words for computing, federation and storage in service_conf.yaml, and the proxy between parties."""
    transport: links.Transport
    """The word in a link: sites meet only over the same transport."""
    parts: Callable[[settings.StackSettings], tuple[part.PartFactory, ...]]
    """Engine, store and transport, in start order."""


def resources(given: settings.Resources) -> workload.Resources:
    """Resources as a workload is told."""
    return workload.Resources(
        cpu=given.cpu, memory=given.memory, cpu_limit=given.cpu_limit, memory_limit=given.memory_limit
    )


def storage(config: settings.StackSettings, given: settings.Storage) -> args.StorageArgs:
    """A volume as a workload is told, with the stack's own defaults."""
    return args.StorageArgs(
        size=given.size,
        storage_class=config.storage_class(given),
        access_mode=given.access_mode,
        retain=config.retains(given),
    )


def image(config: settings.StackSettings, component: str) -> str:
    """Full reference of the image of ``component``."""
    return fate.image(
        component,
        registry=config.images.registry or None,
        tag=config.image_tag,
        algorithm=config.images.algorithm,
        device=config.images.device,
        spark=config.backend is not settings.Backend.EGGROLL,
    )


def service(config: settings.StackSettings, component: str, given: settings.Resources) -> args.ServiceArgs:
    """A service as its component is told."""
    return args.ServiceArgs(image=image(config, component), resources=resources(given))


COMPANION = workload.Resources(cpu=0.05, memory=32, memory_limit=128)
"""fluent-bit with one input."""


def _eggroll(config: settings.StackSettings) -> tuple[part.PartFactory, ...]:
    given = config.eggroll
    told = eggroll.EggrollArgs(
        clustermanager=service(config, "eggroll", given.clustermanager.resources),
        nodemanager=service(config, "eggroll", given.nodemanager.resources),
        rollsite=service(config, "eggroll", given.rollsite.resources),
        companion=args.ServiceArgs(image=image(config, "fluent-bit"), resources=COMPANION),
        compute_cores=config.compute_cores,
        storage=storage(config, given.nodemanager.storage),
        nodemanagers=given.nodemanager.replicas,
        processors_per_node=config.processors_per_node,
        default_route=_hop(config, config.exchange) if config.exchange else None,
        routes={party: _hop(config, peer) for party, peer in config.peers.items()},
    )

    def make(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> part.Part:
        return eggroll.EggrollEngine(f"{foundation.site}-eggroll", told, foundation, opts)

    return (make,)


def _hop(config: settings.StackSettings, site: settings.SiteReference) -> fate.Hop:
    if not isinstance(site, settings.Endpoint):
        raise TypeError("settings refuse references that are not endpoints")
    return fate.Hop(host=site.host, port=config.port(site), is_secure=site.tls)


BACKENDS: Mapping[settings.Backend, Backend] = {
    settings.Backend.EGGROLL: Backend(
        engines=fate.Engines(computing="eggroll", federation="eggroll", storage="eggroll", proxy="rollsite"),
        transport="rollsite",
        parts=_eggroll,
    ),
}
"""Every backend that this version can deploy."""
