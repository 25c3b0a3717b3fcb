"""Pytest plugin: a test's ring follows from its folder, and decides what may run beside it."""

import fcntl
import json
import os
import pathlib
from collections.abc import Generator, Sequence
from typing import IO

import pytest

from . import paths, testing

SHARED = ("cluster", "docker", "middleware")
"""Rings whose tests share one real thing, so each such ring runs one test after the other, in one run at a time."""
_held: dict[str, IO[str]] = {}


def ring_of(file: pathlib.Path) -> str | None:
    """The ring of a test file: `engine` for `tests/engine/conformance/test_x.py`; None outside the rings."""
    tests = paths.ROOT / "tests"
    ring = file.relative_to(tests).parts[0] if file.is_relative_to(tests) else ""
    return ring if ring in testing.RINGS else None


def group_of(ring: str, file: pathlib.Path) -> str:
    """Tests of one group run in one process, in order: a whole ring where something real is shared, else a file."""
    return ring if ring in SHARED else str(file.relative_to(paths.ROOT))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Marks every test with its ring and its group; a group that the test names itself stays."""
    for item in items:
        ring = ring_of(item.path)
        if ring is None:
            continue
        item.add_marker(getattr(pytest.mark, ring))
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group_of(ring, item.path)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A ring that cannot run fails under CI=true, and is skipped elsewhere; a shared one waits for its turn."""
    ring = ring_of(item.path) or ""
    reason = _unavailable().get(ring)
    if reason is not None and os.environ.get("CI") == "true":
        pytest.fail(f"ring {ring} cannot run: {reason}", pytrace=False)
    if reason is not None:
        pytest.skip(f"ring {ring} cannot run here: {reason}")
    if ring in SHARED and ring not in _held:
        paths.LAB.mkdir(exist_ok=True)
        lock = (paths.LAB / f"ring-{ring}.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        _held[ring] = lock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Lets another run have the ring once this one's last fixture of it is gone."""
    try:
        return (yield)
    finally:
        following = ring_of(nextitem.path) if nextitem is not None else None
        ring = ring_of(item.path) or ""
        if ring in _held and following != ring:
            _held.pop(ring).close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end, where it is read, which rings did not run."""
    for ring, reason in _unavailable().items():
        terminalreporter.section(f"ring {ring} did NOT run", sep="!", red=True, bold=True)
        terminalreporter.line(reason)


def _unavailable() -> dict[str, str]:
    found = json.loads(os.environ.get(testing.UNAVAILABLE, "{}"))
    return {str(ring): str(reason) for ring, reason in found.items()}
