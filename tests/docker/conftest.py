"""What the tests of parties on Docker share."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest

from lab import dockerd


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """The engine that parties run on, asked behind Pulumi's back."""
    found = docker.DockerClient(base_url=dockerd.up())
    yield found
    found.close()


@pytest.fixture(scope="session")
def sweep(client: Any) -> Callable[[str], None]:
    """Removes whatever an earlier, failed test left of a site, so that it fails no other test."""

    def remove(site: str) -> None:
        mine = {"label": f"io.fate.site={site}"}
        for container in client.containers.list(all=True, filters=mine):
            container.remove(force=True)
        for volume in [*client.volumes.list(filters=mine), *client.volumes.list(filters={"name": f"{site}-"})]:
            with contextlib.suppress(docker.errors.NotFound):
                volume.remove(force=True)
        for network in client.networks.list(filters=mine):
            network.remove()

    return remove
