"""One Pulumi stack of the lab's: its configuration and state lie in a folder of its own, apart from the checkout."""

import json
import pathlib
import shlex
import subprocess
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

from . import environment, errors, paths

PROJECT = "name: fate\nruntime: python\n"
"""A project of the same name as the checkout's: what is created in its folder belongs to the checkout's project."""

SHOWN = ("PATH", "PULUMI_HOME", "PULUMI_BACKEND_URL", "DOCKER_HOST")
"""What of the lab's environment goes into the file that people source; no secret."""


class Stack:
    """A stack of the program whose files never touch the checkout."""

    def __init__(
        self,
        folder: pathlib.Path,
        name: str,
        program: pathlib.Path = paths.ROOT,
        variables: Mapping[str, str] = types.MappingProxyType({}),
    ) -> None:
        self.folder = folder
        """Holds the configuration and the state."""
        self.name = name
        self.program = program
        """Folder with the Pulumi.yaml of the program that the stack runs."""
        self.config_file = folder / f"Pulumi.{name}.yaml"
        self.variables = {"PULUMI_BACKEND_URL": environment.state_url(folder / "state"), **variables}

    @property
    def environment(self) -> dict[str, str]:
        """What `pulumi` has to run in to find this stack."""
        return environment.pulumi_environment(**self.variables)

    def exists(self) -> bool:
        """Whether it was created and not removed since."""
        return any((self.folder / "state" / ".pulumi" / "stacks").rglob(f"{self.name}.json"))

    def create(self) -> None:
        """Makes the stack, selected in its folder, unless it exists. Raises `LabError` with Pulumi's words."""
        (self.folder / "state").mkdir(parents=True, exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(PROJECT, "utf-8")
        if not self.exists():
            self.ask("stack", "init", self.name, within=self.folder)

    def configure(self, values: Mapping[str, str]) -> None:
        """Sets configuration by dotted path below the namespace: `{"kubernetes.renderTo": "/tmp/x"}`."""
        settings = [word for path, value in values.items() for word in ("--plaintext", f"fate:{path}={value}")]
        self.ask("config", "set-all", "--path", *settings, *self.named)

    def run(self, command: str, *arguments: str) -> None:
        """A command of Pulumi's that people watch (`preview`, `up`, `destroy`). Raises `LabError` when it fails."""
        self.unlock()
        terminal = sys.stdout.isatty()
        line = [
            str(paths.BIN / "pulumi"),
            command,
            *arguments,
            *self.named,
            *([] if terminal else ["--non-interactive"]),
        ]
        stdin = None if terminal else subprocess.DEVNULL
        with subprocess.Popen(line, cwd=self.program, env=self.environment, stdin=stdin) as child:
            code = patiently(child)
        if code:
            raise errors.LabError(f"`pulumi {command}` of stack {self.name} failed; what it said stands above")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs with secrets in plain, for checks on them; print none of it."""
        found: dict[str, Any] = json.loads(self.ask("stack", "output", "--json", "--show-secrets", *self._stack))
        return found

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, secrets encrypted, each with `urn`, `type` and, unless it has none, `parent`."""
        state = json.loads(self.ask("stack", "export", *self._stack))
        found: list[dict[str, Any]] = (state.get("deployment") or {}).get("resources") or []
        return found

    def remove(self) -> None:
        """Forgets a stack that has been destroyed, with its configuration."""
        self.ask("stack", "rm", "--yes", "--stack", self.name, within=self.folder)

    def ask(self, *arguments: str, within: pathlib.Path | None = None) -> str:
        """What a command of Pulumi's prints. Raises `LabError` with its words when it fails."""
        line = [str(paths.BIN / "pulumi"), *arguments, "--non-interactive"]
        done = subprocess.run(
            line,
            cwd=within or self.program,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise errors.LabError(f"`pulumi {' '.join(arguments[:2])}` failed:\n{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def shell_file(self) -> pathlib.Path:
        """A file for people to source, after which plain `pulumi` commands in `folder` find this stack."""
        found = self.environment
        shown = {name: found[name] for name in SHOWN if name in found}
        if found.get("PULUMI_CONFIG_PASSPHRASE") == environment.passphrase(environment.PASSPHRASE):
            shown["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(environment.PASSPHRASE)
        lines = [f"export {name}={shlex.quote(value)}" for name, value in {**shown, **self.variables}.items()]
        file = self.folder / "env.sh"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        return file

    def unlock(self) -> None:
        """A lock in a state that only this class uses was left by a run that was killed."""
        if any((self.folder / "state" / ".pulumi" / "locks").rglob(f"{self.name}/*.json")):
            self.ask("cancel", self.name, "--yes", within=self.folder)

    @property
    def _stack(self) -> Sequence[str]:
        return ("--stack", self.name)

    @property
    def named(self) -> Sequence[str]:
        """Arguments that tell a command of Pulumi's this stack and its configuration."""
        return (*self._stack, "--config-file", str(self.config_file))


def patiently(child: subprocess.Popen[bytes]) -> int:
    """Its exit code. Ctrl-C reaches the child too, which then ends what it has begun; killing it would lose state."""
    interrupted = False
    while True:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            interrupted = True
            continue
        if interrupted:
            raise KeyboardInterrupt
        return code
