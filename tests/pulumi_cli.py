"""The pulumi command and what its event log tells."""

import dataclasses
import json
import pathlib
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

COMMAND_SECONDS = 900
"""No command of the tests takes longer unless something hangs, on a machine that does much else beside."""


@dataclasses.dataclass(frozen=True)
class Step:
    """What the engine did, or in a preview would do, with one resource."""

    operation: str
    """The engine's word: ``create``, ``update``, ``replace``, ``delete-replaced``, ``same``, ..."""
    name: str
    type: str
    changes: dict[str, str]
    """Property path to kind of change, such as ``update-replace``."""


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
        """The operations on the resource called ``name``, in order, without ``same``."""
        return [step.operation for step in self.steps if step.name == name and step.operation not in UNCHANGED]

    def changes(self, name: str) -> dict[str, str]:
        """Changed property paths of the resource called ``name``."""
        found: dict[str, str] = {}
        for step in self.steps:
            if step.name == name:
                found |= step.changes
        return found

    def touched(self) -> set[str]:
        """Names of the custom resources that something was done to."""
        return {
            step.name
            for step in self.steps
            if step.operation not in UNCHANGED and not step.type.startswith(("pulumi:", "fate:"))
        }


UNCHANGED = {"same", "refresh", "read"}


def run(
    arguments: tuple[str, ...], *, folder: pathlib.Path, environment: Mapping[str, str], ok: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run ``pulumi`` in ``folder``; fails the test unless it succeeds or ``ok`` is false."""
    done = subprocess.run(
        ["pulumi", "--non-interactive", "--color", "never", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    if ok and done.returncode:
        pytest.fail(f"pulumi {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done


def operate(
    arguments: tuple[str, ...],
    *,
    folder: pathlib.Path,
    environment: Mapping[str, str],
    log: pathlib.Path,
    ok: bool = True,
) -> Result:
    """Run an operation of ``pulumi`` with its event log in ``log``; one that is to fail (``ok`` false) must fail."""
    log.unlink(missing_ok=True)
    done = run((*arguments, "--event-log", str(log)), folder=folder, environment=environment, ok=ok)
    if not ok and done.returncode == 0:
        pytest.fail(f"pulumi {arguments[0]} was to fail, and succeeded:\n{done.stdout}", pytrace=False)
    events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return Result(done.returncode, done.stdout + done.stderr, tuple(_steps(events)), tuple(_failed(events)))


def _steps(events: list[dict[str, Any]]) -> Iterator[Step]:
    asked: set[str] = set()  # resources whose refresh has begun
    for event in events:
        for kind in ("resourcePreEvent", "resOutputsEvent"):
            metadata = event.get(kind, {}).get("metadata")
            if metadata is None:
                continue
            known = metadata["urn"] in asked
            asked.discard(metadata["urn"])
            if kind == "resourcePreEvent" and metadata["op"] == "refresh":
                asked.add(metadata["urn"])
                continue  # what it found it tells afterwards, `pulumi refresh` as an operation: update, delete, same
            if kind == "resOutputsEvent" and not known:
                continue
            details = metadata.get("detailedDiff") or {}
            changes = {path: str(detail["diffKind"]) for path, detail in details.items()}
            yield Step(metadata["op"], metadata["urn"].split("::")[-1], metadata["type"], changes)


def _failed(events: list[dict[str, Any]]) -> Iterator[str]:
    for event in events:
        if "resOpFailedEvent" in event:
            yield event["resOpFailedEvent"]["metadata"]["urn"].split("::")[-1]
