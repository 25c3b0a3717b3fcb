"""What the file backend keeps of a stack, made and read without a process, which would cost as much as a small test."""

import dataclasses
import functools
import json
import pathlib
import tempfile
from typing import Any

import yaml

from lab import environment

from . import pulumi_cli

PASSPHRASE = "for-tests-only"
_SECRET = "4dabf18193072939515e22adb298388d"
"""Key by which Pulumi tells a secret from any other object."""


@dataclasses.dataclass(frozen=True)
class Empty:
    """What ``pulumi stack init`` writes."""

    stack: str
    files: dict[str, str]
    """Of the backend, by path."""
    salt: str
    """What the passphrase is used with."""


@dataclasses.dataclass(frozen=True)
class Stack:
    """One stack in the file backend of ``folder``."""

    folder: pathlib.Path
    name: str

    def init(self) -> str:
        """Make the stack, empty; returns the salt that its settings must name."""
        empty = _empty()
        for path, text in empty.files.items():
            file = self.folder / path.replace(empty.stack, self.name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace(f"/{empty.stack}", f"/{self.name}"))
        return empty.salt

    def text(self) -> str:
        """The state as it lies there."""
        return (self.folder / ".pulumi" / "stacks" / "fate" / f"{self.name}.json").read_text()

    def output(self, name: str) -> Any:
        """A stack output that is no secret."""
        resources = json.loads(self.text())["checkpoint"]["latest"]["resources"]
        (stack,) = (each for each in resources if each["type"] == "pulumi:pulumi:Stack")
        found = stack["outputs"][name]
        assert _SECRET not in json.dumps(found), f"{name} is a secret, which only pulumi can read"
        return found


@functools.cache
def _empty() -> Empty:
    """Made by the real command once, and copied from then on."""
    stack = "empty"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text("name: fate\nruntime: python\n")
        url = environment.state_url(folder / "state")
        where = environment.pulumi_environment(PULUMI_BACKEND_URL=url, PULUMI_CONFIG_PASSPHRASE=PASSPHRASE)
        pulumi_cli.run(("stack", "init", stack), folder=folder, environment=where)
        settings = yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text())
        kept = (".pulumi/meta.yaml", f".pulumi/stacks/fate/{stack}.json")
        return Empty(
            stack, {file: (folder / "state" / file).read_text() for file in kept}, str(settings["encryptionsalt"])
        )
