"""What Docker gives to every workload: its user, its volumes, its folder that changes, its ports."""

import random
import uuid
from collections.abc import Callable

import pytest

from lab import demo_sites
from tests import sites
from tests.engine.conformance.conftest import Stack
from tests.engine.conformance.conftest import busybox as busybox
from tests.engine.conformance.conftest import docker_cli as docker_cli
from tests.engine.conformance.conftest import docker_host as docker_host
from tests.engine.conformance.conftest import empty_stack as empty_stack
from tests.engine.conformance.conftest import stack as stack

pytestmark = [pytest.mark.docker, pytest.mark.seconds(25)]
Docker = Callable[..., str]


@pytest.fixture
def site() -> str:
    """Name of a site of the test's own."""
    return f"site-{uuid.uuid4().hex[:8]}"


def free_port() -> int:
    """A port of this host that nobody uses, below those that outgoing connections and node ports are given."""
    return demo_sites.free_port(random.randrange(10_000, 20_000))


def test_a_workload_that_is_not_root_has_its_secret_its_volume_and_a_table_that_changes(
    stack: Stack, site: str, busybox: str, docker_cli: Docker
) -> None:
    """RabbitMQ and Pulsar do not run as root: a secret or a volume that only root can open stops them."""
    ports = {f"keeper/{name}": free_port() for name in ("store", "store-grpc", "page")}
    made = f"docker.DockerPlatform(docker.DockerArgs(site={site!r}, bind_address='127.0.0.1', ports={ports}))"

    def program(routes: str, replicas: int = 1) -> str:
        return sites.program("docker", made, site=site, image=busybox, routes=routes, replicas=replicas)

    def read(file: str, of: str = "keeper") -> str:
        return docker_cli("exec", f"{site}-{of}", "cat", file)

    stack.up(program("one"))
    assert (read("/data/user"), read("/data/word"), read("/data/first")) == ("10000", "hunter2", "one")
    assert docker_cli("exec", f"{site}-keeper", "stat", "-c", "%u %a", "/secret/word") == "10000 400"
    published = {name: stack.outputs()["ends"][name]["port"] for name in ("store", "store-grpc", "page")}
    assert published == {name.removeprefix("keeper/"): number for name, number in ports.items()}
    assert docker_cli("port", f"{site}-keeper", "7001/tcp") == f"127.0.0.1:{ports['keeper/store-grpc']}"

    moved = stack.up(program("two"))
    assert moved.touched() == {f"{site}-keeper-table"}, "a route must not restart what reads it"
    assert (read("/table/routes"), read("/table/routes", "keeper-reader")) == ("two", "two")

    grown = stack.up(program("two", replicas=2))
    assert not [name for name in grown.touched() if not name.startswith(f"{site}-keeper-1")]
    assert docker_cli("exec", f"{site}-keeper", "nc", "-w", "2", "keeper-1", "7000") == "ok"
    assert docker_cli("port", f"{site}-keeper-1") == ""


def test_somebody_elses_volume_is_used_and_never_made_or_removed(
    stack: Stack, site: str, busybox: str, docker_cli: Docker
) -> None:
    """Docker makes a volume that is not there, and empty: the data would seem lost; one removed is lost."""
    made = f"docker.DockerPlatform(docker.DockerArgs(site={site!r}, ports={{'keeper/page': {free_port()}}}))"
    volume = f"{site}-of-the-bank"
    program = sites.program("docker", made, site=site, image=busybox, routes="one", existing=volume)
    stack.write(program)
    refused = stack.preview(ok=False)
    assert f"docker volume create {volume}" in refused.text
    assert docker_cli("volume", "ls", "--quiet", "--filter", f"name={volume}") == ""
    docker_cli("volume", "create", volume)
    stack.up()
    assert docker_cli("exec", f"{site}-keeper", "cat", "/data/word") == "hunter2"
    stack.destroy()
    assert docker_cli("volume", "ls", "--quiet", "--filter", f"name={site}") == volume
    docker_cli("volume", "rm", volume)
