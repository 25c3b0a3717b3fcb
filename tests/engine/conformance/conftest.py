"""Small real Pulumi programs, run against whatever plugins PATH offers: stand-ins or official ones."""

import dataclasses
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
from tests.engine.conformance.kubernetes_lab import header as header
from tests.engine.conformance.kubernetes_lab import kubeconfig as kubeconfig
from tests.engine.conformance.kubernetes_lab import kubectl as kubectl
from tests.engine.conformance.kubernetes_lab import namespace as namespace
from tests.engine.conformance.kubernetes_lab import shell_image as shell_image

PROJECT = "conformance"
STACK = "test"
BUSYBOX = "conformance/busybox:1"
COMMAND_SECONDS = 150
"""No command of these programs takes longer unless something hangs."""


@dataclasses.dataclass(frozen=True)
class Step:
    """What the engine did, or in a preview would do, with one resource."""

    operation: str
    """The engine's word: `create`, `update`, `replace`, `delete-replaced`, `same`, ..."""
    name: str
    type: str
    changes: dict[str, str]
    """Property path to kind of change, such as `update-replace`."""


@dataclasses.dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    text: str
    """Everything it printed."""
    steps: tuple[Step, ...]
    failed: tuple[str, ...]
    """Names of the resources whose operation failed."""

    def did(self, name: str) -> list[str]:
        """The operations on the resource called `name`, in order; `same` and `refresh` do nothing to it."""
        mine = [step.operation for step in self.steps if step.name == name]
        return [operation for operation in mine if operation not in ("same", "refresh")]

    def changes(self, name: str) -> dict[str, str]:
        """Changed property paths of the resource called `name`."""
        found: dict[str, str] = {}
        for step in self.steps:
            if step.name == name:
                found |= step.changes
        return found


class Stack:
    """One stack of one program, in a folder, a backend and with a passphrase of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self._state = folder / "state"
        self._state.mkdir(exist_ok=True)
        self.environment = environment.pulumi_environment(
            PULUMI_BACKEND_URL=f"file://{self._state}",
            PULUMI_CONFIG_PASSPHRASE="conformance",
            PULUMI_DEBUG_COMMANDS="true",  # the event log is one of them
        )

    def write(self, program: str) -> None:
        """Make `program` (indented as suits the test) the program of the stack."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(program))

    def preview(self, *arguments: str, ok: bool = True) -> Result:
        """Run `pulumi preview`."""
        return self._operate("preview", *arguments, ok=ok)

    def up(self, program: str | None = None, *arguments: str, ok: bool = True) -> Result:
        """Run `pulumi up`, with another program first when one is given."""
        if program is not None:
            self.write(program)
        return self._operate("up", "--yes", "--skip-preview", *arguments, ok=ok)

    def refresh(self, ok: bool = True) -> Result:
        """Run `pulumi refresh`."""
        return self._operate("refresh", "--yes", "--skip-preview", ok=ok)

    def destroy(self, ok: bool = True) -> Result:
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
        run = subprocess.run(
            ["pulumi", "--non-interactive", "--color", "never", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if ok and run.returncode:
            pytest.fail(f"pulumi {' '.join(arguments)} failed:\n{run.stdout}\n{run.stderr}", pytrace=False)
        return run

    def _operate(self, operation: str, *arguments: str, ok: bool) -> Result:
        log = self.folder / "events.json"
        log.unlink(missing_ok=True)
        run = self.command(operation, "--stack", STACK, "--event-log", str(log), *arguments, ok=ok)
        if not ok and run.returncode == 0:
            pytest.fail(f"pulumi {operation} was to fail, and succeeded:\n{run.stdout}", pytrace=False)
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return Result(run.returncode, run.stdout + run.stderr, tuple(_steps(events)), tuple(_failed(events)))


def _steps(events: list[dict[str, Any]]) -> Iterator[Step]:
    for event in events:
        for kind in ("resourcePreEvent", "resOutputsEvent"):
            metadata = event.get(kind, {}).get("metadata")
            refreshed = metadata is not None and metadata["op"] == "refresh"
            if metadata is None or refreshed != (kind == "resOutputsEvent"):
                continue  # a refresh tells what it found only afterwards; everything else beforehand
            details = metadata.get("detailedDiff") or {}
            changes = {path: str(detail["diffKind"]) for path, detail in details.items()}
            yield Step(metadata["op"], metadata["urn"].split("::")[-1], metadata["type"], changes)


def _failed(events: list[dict[str, Any]]) -> Iterator[str]:
    for event in events:
        if "resOpFailedEvent" in event:
            yield event["resOpFailedEvent"]["metadata"]["urn"].split("::")[-1]


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
def docker_host() -> str:
    """Address of a Docker engine: the caller's, or the lab's own; started when there is none."""
    from lab import dockerd, errors

    try:
        host = dockerd.up()
    except errors.LabError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Docker engine: {error}")
        pytest.skip(f"no Docker engine: {error}")
    os.environ["DOCKER_HOST"] = host
    return host


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
