"""Containers of the `docker` plugin, stand-in or official: how they are made, changed, replaced and lost."""

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Stack

pytestmark = pytest.mark.seconds(55)

Docker = Callable[..., str]
BASE = """
import pulumi, pulumi_docker as docker
engine = docker.Provider("engine")
on = pulumi.ResourceOptions(provider=engine)
image = docker.RemoteImage("image", name={image!r}, keep_locally=True, opts=on)
def container(key, options=None, **arguments):
    arguments = {{"name": f"{prefix}-{{key}}", "command": ["sleep", "600"], **arguments}}
    opts = pulumi.ResourceOptions.merge(on, options)
    return docker.Container(key, image=image.image_id, opts=opts, **arguments)
"""


@pytest.fixture
def prefix() -> str:
    """Start of every name of the test."""
    return f"conformance-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def program(busybox: str, prefix: str, docker_cli: Docker) -> Callable[[str], str]:
    """Makes a program of the lines that matter to a test."""
    return lambda lines: BASE.format(image=busybox, prefix=prefix) + lines + "\n"


def inspect(docker_cli: Docker, name: str) -> dict[str, Any]:
    """What the engine knows of a container."""
    return dict(json.loads(docker_cli("inspect", name))[0])


def test_life_of_a_container(stack: "Stack", program: Callable[[str], str], prefix: str, docker_cli: Docker) -> None:
    """Every deployment on Docker stands on this: what is asked for runs, is left alone, changes and is replaced."""
    lines = """
net = docker.Network("net", name="{prefix}-net", opts=on)
web = container("web", memory={memory}, memory_swap=-1, restart="{restart}", envs=["A={env}"], wait=True,
    uploads=[{{"file": "/etc/secret", "content": pulumi.Output.secret("hunter2"), "permissions": "0600"}}],
    healthcheck={{"tests": ["CMD", "true"], "interval": "1s"}},
    networks_advanced=[{{"name": net.name, "aliases": ["web.site"]}}])
pulumi.export("ip", web.network_datas[0].ip_address)
"""
    first = {"memory": 32, "restart": "no", "env": "1", "prefix": prefix}
    stack.write(program(lines.format(**first)))
    assert stack.preview().did("web") == ["create"]
    assert docker_cli("ps", "--all", "--quiet", "--filter", f"name={prefix}") == ""
    stack.up()
    made = inspect(docker_cli, f"{prefix}-web")
    assert made["State"]["Health"]["Status"] == "healthy"
    assert stack.outputs()["ip"] == made["NetworkSettings"]["Networks"][f"{prefix}-net"]["IPAddress"]
    assert docker_cli("exec", f"{prefix}-web", "stat", "-c", "%a", "/etc/secret") == "600"
    assert docker_cli("exec", f"{prefix}-web", "cat", "/etc/secret") == "hunter2"
    assert "hunter2" not in stack.export()

    again = stack.up(None, "--refresh")
    assert not again.did("web"), "a second up must change nothing"

    changed = {**first, "memory": 48, "restart": "always"}
    assert stack.up(program(lines.format(**changed))).did("web") == ["update"]
    updated = inspect(docker_cli, f"{prefix}-web")
    assert updated["Id"] == made["Id"]
    assert updated["HostConfig"]["Memory"] == 48 * 1024 * 1024
    assert updated["HostConfig"]["RestartPolicy"]["Name"] == "always"

    steps = stack.up(program(lines.format(**{**changed, "env": "2"}))).did("web")
    assert steps.index("delete-replaced") < steps.index("create-replacement"), "the fixed name must be free first"
    assert inspect(docker_cli, f"{prefix}-web")["Id"] != made["Id"]
    stack.destroy()
    assert docker_cli("ps", "--all", "--quiet", "--filter", f"name={prefix}") == ""
    assert docker_cli("network", "ls", "--quiet", "--filter", f"name={prefix}") == ""


def test_unhealthy_container_fails_and_stays_known(
    stack: "Stack", program: Callable[[str], str], prefix: str, docker_cli: Docker
) -> None:
    """The failure must reach the user and the container must stay known, for its name is taken.

    The next up forgets the failure without looking again, so a site that never became healthy would count as
    deployed; only the two options of `retried` make the engine try anew.
    """
    lines = """
never = {"healthcheck": {"tests": ["CMD", "false"], "interval": "1s"}, "wait": True, "wait_timeout": 3}
container("sick", **never)
container("retried", pulumi.ResourceOptions(replace_on_changes=["#initerror"], delete_before_replace=True), **never)
"""
    failed = stack.up(program(lines), "--continue-on-error", ok=False)
    assert sorted(failed.failed) == ["retried", "sick"]
    assert failed.text.count("container failed to be in healthy state") >= 2
    first = {name: stack.resource(name)["id"] for name in ("sick", "retried")}
    assert first == {name: inspect(docker_cli, f"{prefix}-{name}")["Id"] for name in first}

    second = stack.up(None, "--continue-on-error", ok=False)
    assert second.failed == ("retried",)
    assert second.did("sick") == ["update"]
    assert inspect(docker_cli, f"{prefix}-sick")["Id"] == first["sick"]
    assert inspect(docker_cli, f"{prefix}-retried")["Id"] != first["retried"]


def test_errors_of_the_engine_reach_the_user(
    stack: "Stack", program: Callable[[str], str], prefix: str, docker_cli: Docker
) -> None:
    """A port or a name that is taken is the user's to mend, so the engine's own words must be there."""
    holder = f"{prefix}-holder"
    docker_cli(
        "run", "--detach", "--name", holder, "--publish", "127.0.0.1::7", "conformance/busybox:1", "sleep", "600"
    )
    try:
        taken = docker_cli("port", holder, "7").split(":")[-1]
        lines = f"""
container("port", ports=[{{"internal": 7, "external": {taken}, "ip": "127.0.0.1"}}])
container("name", name={holder!r})
container("blind", wait=True)
container("lost", networks_advanced=[{{"name": "{prefix}-nowhere"}}])
"""
        result = stack.up(program(lines), "--continue-on-error", ok=False)
    finally:
        docker_cli("rm", "--force", holder)
    assert sorted(result.failed) == ["blind", "lost", "name", "port"]
    assert "port is already allocated" in result.text
    assert f'The container name "/{holder}" is already in use' in result.text
    assert "the container does not have a healthcheck defined" in result.text
    assert f"network {prefix}-nowhere not found" in result.text
    with pytest.raises(KeyError):
        stack.resource("name")
    assert stack.resource("port")["id"] == inspect(docker_cli, f"{prefix}-port")["Id"]
    stack.destroy()
    assert docker_cli("ps", "--all", "--quiet", "--filter", f"name={prefix}") == ""


def test_lost_and_stopped_containers_come_back(
    stack: "Stack", program: Callable[[str], str], prefix: str, docker_cli: Docker
) -> None:
    """After a crash or a careless `docker rm`, `pulumi up --refresh` is what the user has."""
    lines = 'container("lost")\ncontainer("stopped")\ncontainer("idle", must_run=False)'
    stack.up(program(lines))
    kept = {name: inspect(docker_cli, f"{prefix}-{name}")["Id"] for name in ("stopped", "idle")}
    docker_cli("rm", "--force", f"{prefix}-lost")
    docker_cli("kill", f"{prefix}-stopped", f"{prefix}-idle")
    assert not stack.preview().did("stopped"), "nothing is noticed without a refresh"
    result = stack.up(None, "--refresh")
    assert result.did("lost")[-1] == "create"
    assert result.did("stopped") == ["update"]
    assert not result.did("idle")
    assert inspect(docker_cli, f"{prefix}-stopped")["State"]["Running"]
    assert not inspect(docker_cli, f"{prefix}-idle")["State"]["Running"]
    assert kept == {name: inspect(docker_cli, f"{prefix}-{name}")["Id"] for name in kept}


def test_spellings_that_never_settle(
    stack: "Stack", program: Callable[[str], str], prefix: str, docker_cli: Docker
) -> None:
    """These differ from what a read finds, so every up would touch the site again: the program must avoid them."""
    lines = """
container("duration", healthcheck={{"tests": ["CMD", "true"], "interval": "60s"}})
container("cpus", cpus="1")
container("memory", memory=32)
container("capability", capabilities={{"adds": ["NET_ADMIN"]}})
container("fine", healthcheck={{"tests": ["CMD", "true"], "interval": "1m0s"}}, cpus="1.0", memory=32, memory_swap=-1,
    capabilities={{"adds": ["CAP_NET_ADMIN"]}})
container("check", healthcheck={{"tests": ["CMD", "{word}"], "interval": "1s"}})
"""
    stack.up(program(lines.format(word="true")))
    result = stack.up(program(lines.format(word="false")))
    assert result.did("duration"), "a read finds 1m0s"
    assert "replace" in result.did("cpus"), "a read finds 1.0"
    assert result.did("memory") == ["update"], "a read finds the engine's own memorySwap"
    assert "replace" in result.did("capability"), "a read finds CAP_NET_ADMIN"
    assert not result.did("fine")
    assert "replace" in result.did("check"), "a changed health check needs another container"
    assert inspect(docker_cli, f"{prefix}-check")["Config"]["Healthcheck"]["Test"] == ["CMD", "false"]
