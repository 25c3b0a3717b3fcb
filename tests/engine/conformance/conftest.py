"""Small real Pulumi programs, run against whatever plugins PATH offers: stand-ins or official ones."""

import json
import os
import pathlib
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import environment
from tests import pulumi_cli
from tests.engine.conformance.kubernetes_lab import header as header
from tests.engine.conformance.kubernetes_lab import kubeconfig as kubeconfig
from tests.engine.conformance.kubernetes_lab import kubectl as kubectl
from tests.engine.conformance.kubernetes_lab import namespace as namespace
from tests.engine.conformance.kubernetes_lab import shell_image as shell_image

PROJECT = "conformance"
STACK = "test"
BUSYBOX = "conformance/busybox:1"


class Stack:
    """One stack of one program, in a folder, a backend and with a passphrase of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self._state = folder / "state"
        self._state.mkdir(exist_ok=True)
        self.environment = environment.pulumi_environment(
            PULUMI_BACKEND_URL=environment.state_url(self._state),
            PULUMI_CONFIG_PASSPHRASE="conformance",
            PULUMI_DEBUG_COMMANDS="true",  # the event log is one of them
        )

    def write(self, program: str) -> None:
        """Make `program` (indented as suits the test) the program of the stack."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(program))

    def preview(self, *arguments: str, ok: bool = True) -> pulumi_cli.Result:
        """Run `pulumi preview`."""
        return self._operate("preview", *arguments, ok=ok)

    def up(self, program: str | None = None, *arguments: str, ok: bool = True) -> pulumi_cli.Result:
        """Run `pulumi up`, with another program first when one is given."""
        if program is not None:
            self.write(program)
        return self._operate("up", "--yes", "--skip-preview", *arguments, ok=ok)

    def refresh(self, ok: bool = True) -> pulumi_cli.Result:
        """Run `pulumi refresh`."""
        return self._operate("refresh", "--yes", "--skip-preview", ok=ok)

    def destroy(self, ok: bool = True) -> pulumi_cli.Result:
        """Run `pulumi destroy`."""
        return self._operate("destroy", "--yes", "--skip-preview", ok=ok)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        return dict(json.loads(self.command("stack", "output", "--stack", STACK, "--json", "--show-secrets").stdout))

    def export(self) -> str:
        """The state as it is kept, secrets encrypted: to be searched for what must not be there."""
        return (self._state / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json").read_text()

    def resources(self) -> list[dict[str, Any]]:
        """Everything recorded in the state."""
        return list(json.loads(self.export())["checkpoint"].get("latest", {}).get("resources") or [])

    def resource(self, name: str) -> dict[str, Any]:
        """The recorded resource called `name`; `KeyError` when the state has none."""
        for resource in self.resources():
            if resource["urn"].split("::")[-1] == name:
                return dict(resource)
        raise KeyError(name)

    def command(self, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `pulumi ARGUMENTS` in the program's folder; fails the test unless it succeeds or `ok` is false."""
        return pulumi_cli.run(arguments, folder=self.folder, environment=self.environment, ok=ok)

    def _operate(self, operation: str, *arguments: str, ok: bool) -> pulumi_cli.Result:
        return pulumi_cli.operate(
            (operation, "--stack", STACK, *arguments),
            folder=self.folder,
            environment=self.environment,
            log=self.folder / "events.json",
            ok=ok,
        )


@pytest.fixture(scope="session")
def empty_stack(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Folder of a stack in which nothing has happened yet: made once, copied for every test."""
    made = Stack(tmp_path_factory.mktemp("empty"))
    (made.folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
    made.write("")
    made.command("stack", "init", STACK)
    return made.folder


@pytest.fixture
def stack(empty_stack: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[Stack]:
    """An empty stack; whatever it still holds at the end is destroyed."""
    made = Stack(shutil.copytree(empty_stack, tmp_path / "stack"))
    yield made
    if made.resources():
        made.destroy()


@pytest.fixture(scope="session")
def docker_host() -> Iterator[str]:
    """Address of a Docker engine: the caller's, or the lab's own; started when there is none."""
    from lab import dockerd, errors

    try:
        host = dockerd.up()
    except errors.LabError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Docker engine: {error}")
        pytest.skip(f"no Docker engine: {error}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", host)
        yield host


@pytest.fixture(scope="session")
def docker_cli(docker_host: str) -> Callable[..., str]:
    """`docker ARGUMENTS` on that engine: its output, and a failure of the test when it fails."""

    def run(*arguments: str, ok: bool = True) -> str:
        command = ["docker", "--host", docker_host, *arguments]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if ok and answer.returncode:
            pytest.fail(f"docker {' '.join(arguments)}: {answer.stderr}", pytrace=False)
        return answer.stdout.strip()

    return run


@pytest.fixture(scope="session")
def busybox(docker_cli: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a tiny image with a shell, made from Debian's busybox: nothing has to be pulled."""
    from lab import packages

    if not docker_cli("images", "--quiet", BUSYBOX):
        packages.require({"busybox": "busybox-static"})
        folder = tmp_path_factory.mktemp("busybox")
        shutil.copy(str(packages.program("busybox")), folder / "busybox")
        (folder / "Dockerfile").write_text(
            'FROM scratch\nCOPY busybox /bin/busybox\nENV PATH=/bin\nRUN ["/bin/busybox", "--install", "/bin"]\n'
        )
        docker_cli("build", "--tag", BUSYBOX, str(folder))
    return BUSYBOX
