"""From settings to what components are told, where it is the same for several of them."""

import dataclasses

import pydantic

from components import args
from components.platform import workload
from components.versions import fate_1_11 as fate

from . import settings
from .settings import shared


def resources(given: settings.Resources, gpus: int = 0) -> workload.Resources:
    """Resources as a workload is told."""
    return workload.Resources(
        cpu=given.cpu,
        memory=given.memory,
        cpu_limit=given.cpu_limit,
        memory_limit=given.memory_limit,
        gpus=gpus,
    )


def storage(config: settings.StackSettings, given: settings.Storage) -> args.StorageArgs:
    """A volume as a workload is told, with the stack's own defaults."""
    return args.StorageArgs(
        size=given.size if given.enabled else None,
        storage_class=config.storage_class(given),
        access_mode=given.access_mode,
        existing=given.existing_claim,
        sub_path=given.sub_path,
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


def service(config: settings.StackSettings, component: str, given: shared.Service, gpus: int = 0) -> args.ServiceArgs:
    """A service as its component is told; ``component`` names its image where the settings name none."""
    return args.ServiceArgs(
        image=given.image or image(config, component),
        resources=resources(given.resources, gpus),
        environment=dict(given.environment),
        placement=workload.Placement(
            node_selector=dict(given.placement.node_selector),
            tolerations=tuple(each.manifest() for each in given.placement.tolerations),
            affinity={kind: dict(rules) for kind, rules in given.placement.affinity.items()},
        ),
    )


def front(config: settings.StackSettings) -> args.ServiceArgs:
    """What takes TLS off in front of a rollsite: it runs where that does, unless it is told where."""
    given = config.eggroll.nginx
    told = service(config, "nginx", given)
    if given.placement == shared.Placement():
        return dataclasses.replace(told, placement=service(config, "eggroll", config.eggroll.rollsite).placement)
    return told


def secret(given: pydantic.SecretStr | None) -> str | None:
    """A password in plain, on its way into a secret output."""
    return given.get_secret_value() if given else None
