"""Pytest plugin: a test's ring follows from its folder; its file's marks say how long it takes and what it weighs.

Files are the units of parallel work (``--dist loadfile``), since what is brought up once for a file is brought up again
by every process that runs one of its tests. Longest first, so that no long file is left over for the end.
"""

import fcntl
import json
import os
import pathlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import IO

import pytest

from . import paths, process, testing

SHARED = ("cluster", "docker", "middleware")
"""Rings whose tests share one real thing and have names and ports of their own in it, so one run at a time has it."""
HEAVY_FILES = 2
"""Files with the mark ``heavy`` (many JVMs) at work at once: each keeps a processor of a two-core machine busy, and a
third would let the others miss their health checks."""
HEAVY_WAIT_SECONDS = 3600.0
"""Until a place among the heavy files must be free: all of them together take less."""
_runs: dict[str, IO[str]] = {}
_places: dict[pathlib.Path, IO[str]] = {}


def ring_of(file: pathlib.Path) -> str | None:
    """The ring of a test file: `engine` for `tests/engine/conformance/test_x.py`; None outside the rings."""
    tests = paths.ROOT / "tests"
    ring = file.relative_to(tests).parts[0] if file.is_relative_to(tests) else ""
    return ring if ring in testing.RINGS else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test with its ring, and puts the files that take longest first; a file's tests keep their order."""
    for item in items:
        ring = ring_of(item.path)
        if ring is not None:
            item.add_marker(getattr(pytest.mark, ring))
    files: dict[pathlib.Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    weights = {file: (_seconds(tests[0]), _heavy(tests[0])) for file, tests in files.items()}
    items[:] = [item for file in in_order(weights) for item in files[file]]


def in_order(weights: Mapping[pathlib.Path, tuple[float, bool]]) -> list[pathlib.Path]:
    """Files in the order in which processes should take them, from their seconds and whether they are heavy.

    The longest of those that may start: a heavy file stands where a place for it will be free, so that no process has
    to wait for one while there is other work.
    """
    left = sorted(weights, key=lambda file: -weights[file][0])
    ends = [0.0] * testing.PROCESSES
    places = [0.0] * HEAVY_FILES
    ordered: list[pathlib.Path] = []
    while left:
        now = min(ends)
        file = next((file for file in left if not weights[file][1] or min(places) <= now), left[0])
        seconds, heavy = weights[file]
        end = max(now, min(places) if heavy else now) + seconds
        ends[ends.index(now)] = end
        if heavy:
            places[places.index(min(places))] = end
        left.remove(file)
        ordered.append(file)
    return ordered


def pytest_collection_finish(session: pytest.Session) -> None:
    """Without other processes, this one holds the shared rings for its run."""
    if not hasattr(session.config, "workerinput"):
        hold(ring_of(item.path) for item in session.items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids: Sequence[str]) -> None:
    """With other processes, theirs does, before it hands out the first test."""
    hold(ring_of(paths.ROOT / identity.partition("::")[0]) for identity in ids)


def pytest_unconfigure() -> None:
    """Lets another run have the shared rings."""
    while _runs:
        _runs.popitem()[1].close()


def hold(rings: Iterable[str | None]) -> None:
    """Wait until no other run has one of the shared rings among ``rings``; in one order, so that no two runs wait for
    each other."""
    for ring in sorted({ring for ring in rings if ring in SHARED and ring not in _runs and ring not in _unavailable()}):
        paths.LAB.mkdir(exist_ok=True)
        _runs[ring] = (paths.LAB / f"ring-{ring}.lock").open("w")
        fcntl.flock(_runs[ring], fcntl.LOCK_EX)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A ring that cannot run fails under CI=true, and is skipped elsewhere; a heavy file waits for a place."""
    ring = ring_of(item.path) or ""
    reason = _unavailable().get(ring)
    if reason is not None and os.environ.get("CI") == "true":
        pytest.fail(f"ring {ring} cannot run: {reason}", pytrace=False)
    if reason is not None:
        pytest.skip(f"ring {ring} cannot run here: {reason}")
    if _heavy(item) and item.path not in _places:
        found = process.wait_for(free_place, HEAVY_WAIT_SECONDS, "a place among the heavy files")
        _places[item.path] = found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Gives the place of a heavy file back once its last fixture is gone."""
    try:
        return (yield)
    finally:
        if item.path in _places and (nextitem is None or nextitem.path != item.path):
            _places.pop(item.path).close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end, where it is read, which rings did not run."""
    for ring, reason in _unavailable().items():
        terminalreporter.section(f"ring {ring} did NOT run", sep="!", red=True, bold=True)
        terminalreporter.line(reason)


def _unavailable() -> dict[str, str]:
    found = json.loads(os.environ.get(testing.UNAVAILABLE, "{}"))
    return {str(ring): str(reason) for ring, reason in found.items()}


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("seconds")
    return float(mark.args[0]) if mark is not None else 0.0


def _heavy(item: pytest.Item) -> bool:
    return item.get_closest_marker("heavy") is not None


def free_place() -> IO[str] | None:
    """A place among the heavy files of every run on this machine, held until it is closed."""
    paths.LAB.mkdir(exist_ok=True)
    for number in range(HEAVY_FILES):
        place = (paths.LAB / f"heavy-{number}.lock").open("w")
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            place.close()
        else:
            return place
    return None
