"""From validated settings to a platform: Docker."""

from components.platform import docker

from . import settings


def addresses(config: settings.StackSettings) -> list[str]:
    """Where others dial the site, as far as the settings say it."""
    found = config.advertise.host or docker.engine_address(config.docker.host)
    return [found] if found else []


def platform(config: settings.StackSettings) -> docker.DockerPlatform:
    """The engine and network that ``config`` names."""
    given = config.docker
    return docker.DockerPlatform(
        docker.DockerArgs(
            site=config.site,
            host=given.host,
            ssh_options=given.ssh_options,
            subnet=given.subnet,
            bind_address=given.bind_address,
            operators_address=given.operators_address,
            ports={
                f"{shown.workload}/{shown.port}": getattr(given.ports, shown.name) for shown in settings.shown(config)
            },
            advertise=config.advertise.host,
            timeout_seconds=given.timeout,
        )
    )
