"""Networks, volumes, images and the provider of the `docker` plugin, stand-in or official."""

import pathlib
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stack

pytestmark = pytest.mark.seconds(40)

Docker = Callable[..., str]
BASE = """
import pulumi, pulumi_docker as docker
engine = docker.Provider("engine")
on = pulumi.ResourceOptions(provider=engine)
"""


@pytest.fixture
def prefix(docker_cli: Docker) -> Iterator[str]:
    """Start of every name of the test; volumes that the test keeps on purpose are removed at its end."""
    made = f"conformance-{uuid.uuid4().hex[:8]}"
    yield made
    left = docker_cli("volume", "ls", "--quiet", "--filter", f"name={made}").split()
    if left:
        docker_cli("volume", "rm", *left)


def test_volume_keeps_its_name_and_its_data(prefix: str, stack: "Stack", busybox: str, docker_cli: Docker) -> None:
    """A site's data must survive the replacement of its container, and a volume kept on purpose must be found again."""
    program = (
        BASE
        + """
kept = docker.Volume("kept", name="{prefix}-kept", opts=pulumi.ResourceOptions.merge(
    on, pulumi.ResourceOptions(retain_on_delete=True)))
named = docker.Volume("{prefix}-auto", opts=on)
docker.Container("writer", name="{prefix}-writer", image="{image}", must_run=False, attach=True, logs=True,
    command=["sh", "-c", "echo {word} >> /kept/log; cat /kept/log"],
    volumes=[{{"volume_name": kept.name, "container_path": "/kept"}},
             {{"volume_name": named.name, "container_path": "/auto"}}], opts=on)
pulumi.export("auto", named.name)
"""
    )
    stack.up(program.format(prefix=prefix, image=busybox, word="one"))
    generated = stack.outputs()["auto"]
    assert generated.startswith(f"{prefix}-auto-")
    stack.refresh()
    result = stack.up(program.format(prefix=prefix, image=busybox, word="two"))
    assert not result.did(f"{prefix}-auto"), "a generated name stays, also after a refresh"
    assert stack.resource("writer")["outputs"]["containerLogs"].split() == ["one", "two"]
    stack.destroy()
    assert docker_cli("volume", "ls", "--quiet", "--filter", f"name={prefix}") == f"{prefix}-kept"
    stack.up(program.format(prefix=prefix, image=busybox, word="three"))
    assert stack.resource("writer")["outputs"]["containerLogs"].split() == ["one", "two", "three"]


def test_network_is_replaced_after_its_old_self_is_gone(stack: "Stack", prefix: str, docker_cli: Docker) -> None:
    """Two networks of one name would both exist, and containers would join either."""
    program = BASE + 'docker.Network("net", name="{prefix}-net", ipam_configs=[{{"subnet": "{subnet}"}}], opts=on)\n'
    stack.up(program.format(prefix=prefix, subnet="10.249.250.0/28"))
    assert not stack.up(None, "--refresh").did("net")
    steps = stack.up(program.format(prefix=prefix, subnet="10.249.250.16/28")).did("net")
    assert steps.index("delete-replaced") < steps.index("create-replacement")
    assert docker_cli("network", "ls", "--quiet", "--filter", f"name={prefix}").count("\n") == 0


def test_image_is_taken_locally_or_refused(stack: "Stack", busybox: str, docker_cli: Docker) -> None:
    """Sites without a registry load their images beforehand; a name that is nowhere must be an error naming it."""
    wrong = "conformance.invalid/none:1"
    program = BASE + (
        f'here = docker.RemoteImage("here", name={busybox!r}, keep_locally=True, opts=on)\n'
        f'docker.RemoteImage("nowhere", name={wrong!r}, opts=on)\n'
        'pulumi.export("id", here.image_id)\n'
    )
    result = stack.up(program, "--continue-on-error", ok=False)
    assert result.failed == ("nowhere",)
    assert f"Unable to read Docker image into resource: unable to pull image {wrong}" in result.text
    assert stack.resource("here")["outputs"]["imageId"] == docker_cli("inspect", "--format", "{{.Id}}", busybox)
    stack.destroy()
    assert docker_cli("images", "--quiet", busybox), "keep_locally"


def test_unreachable_engine_is_an_error_in_preview(stack: "Stack", tmp_path: pathlib.Path) -> None:
    """A wrong `docker.host` must be found before anything is changed."""
    stack.environment.pop("DOCKER_HOST", None)
    stack.write(
        f"""
        import pulumi, pulumi_docker as docker
        engine = docker.Provider("engine", host="unix://{tmp_path}/none.sock")
        docker.Network("net", opts=pulumi.ResourceOptions(provider=engine))
        """
    )
    assert "failed to connect to any docker daemon" in stack.preview(ok=False).text


def test_misspelled_and_missing_arguments_are_refused(stack: "Stack", docker_host: str) -> None:
    """A typo in a dictionary must not vanish."""
    stack.write(BASE + 'docker.Container("web", image="x", ports=[{"internl": 80}], restart="sometimes", opts=on)\n')
    text = stack.preview(ok=False).text
    assert "internl" in text
    assert '"internal" is required' in text
    assert "'sometimes' doesn't match the pattern" in text


def test_engine_behind_ssh(stack: "Stack", prefix: str, docker_host: str, tmp_path: pathlib.Path) -> None:
    """Remote sites are deployed through `ssh://`; the options of `docker.sshOptions` must reach ssh."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ssh").write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/ssh.log\nexec docker --host {docker_host} system dial-stdio\n'
    )
    (folder / "ssh").chmod(0o755)
    stack.environment["PATH"] = f"{folder}:{stack.environment['PATH']}"
    stack.environment.pop("DOCKER_HOST", None)
    stack.up(
        f"""
        import pulumi, pulumi_docker as docker
        engine = docker.Provider("engine", host="ssh://fate@far.example:2222", ssh_opts=["-o", "BatchMode=yes"])
        docker.Network("net", name="{prefix}-net", opts=pulumi.ResourceOptions(provider=engine))
        """
    )
    said = (tmp_path / "ssh.log").read_text()
    for word in ("-o BatchMode=yes", "-l fate", "-p 2222", "far.example"):
        assert word in said
    stack.destroy()
