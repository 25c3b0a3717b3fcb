"""`python -m lab test`: prepares what the rings of the tests need, then becomes pytest.

A ring that cannot run here is never passed over in silence: under CI=true all of its tests fail with the reason;
elsewhere they are skipped, and the reason stands above pytest's closing line.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence

from . import errors, paths, progress, toolchain
from .providers import enter, standby

RINGS: dict[str, tuple[str, ...]] = {
    "unit": (),
    "mocks": (),
    "golden": ("pulumi",),
    "engine": ("pulumi",),
    "docker": ("pulumi", "docker", "images"),
    "cluster": ("pulumi", "tools", "docker", "images", "cluster"),
    "middleware": ("pulumi", "docker", "images"),
}
"""Each ring with the preparations without which none of its tests can run."""
SOME_TESTS: dict[str, tuple[str, ...]] = {"engine": ("tools", "docker", "cluster")}
"""Preparations that only some tests of a ring need; outside CI the others run without them."""
PROCESSES = 4
"""For two processors: tests mostly wait, for pods, health checks and plugins. Two of the four can be at work on heavy
files (see lab.pytest_rings), which leaves two for everything else. More gain nothing, and make every start slower."""
UNAVAILABLE = "LAB_UNAVAILABLE_RINGS"
"""Environment variable that tells pytest, as JSON, which rings cannot run and why."""


def main(argv: Sequence[str]) -> int:
    """Prepares and runs; the exit code is pytest's."""
    own, _, passed_on = _split(list(argv))
    parser = argparse.ArgumentParser(prog="python -m lab test", description=__doc__)
    parser.add_argument("rings", nargs="*", metavar="RING", help=f"of: {', '.join(RINGS)}; default: all that exist")
    named: list[str] = parser.parse_args(own).rings
    unknown = sorted(set(named) - set(RINGS))
    if unknown:
        parser.error(f"no ring {', '.join(unknown)}; there are: {', '.join(RINGS)}")
    rings = [ring for ring in RINGS if (ring in named if named else exists(ring))]
    absent = [ring for ring in rings if not exists(ring)]
    if absent:
        raise errors.LabError(f"no tests in {', '.join(f'tests/{ring}' for ring in absent)}")
    unavailable = prepare(rings)
    needed = {each for ring in rings for each in RINGS[ring]}
    command = [sys.executable, "-m", "pytest", *parallel(rings), *(f"tests/{ring}" for ring in rings), *passed_on]
    os.chdir(paths.ROOT)
    sys.stdout.flush()
    told = {UNAVAILABLE: json.dumps(unavailable), **({enter.ADDRESS: standby.start()} if "pulumi" in needed else {})}
    os.execve(sys.executable, command, {**os.environ, **told})


def exists(ring: str) -> bool:
    """Whether the checkout has tests of this ring."""
    return any((paths.ROOT / "tests" / ring).rglob("test_*.py"))


def prepare(rings: Sequence[str]) -> dict[str, str]:
    """Makes every preparation that these rings need, once; returns the rings that cannot run, with the reason."""
    failures: dict[str, str] = {}
    for name, action in PREPARATIONS.items():
        if not any(name in (*RINGS[ring], *SOME_TESTS.get(ring, ())) for ring in rings):
            continue
        try:
            with progress.step(f"preparing: {name}"):
                action()
        except (errors.LabError, OSError, ImportError, AttributeError) as error:
            failures[name] = f"{name}: {error}"
            progress.say(f"!! {failures[name]}")
    strict = os.environ.get("CI") == "true"
    needed = {ring: RINGS[ring] + (SOME_TESTS.get(ring, ()) if strict else ()) for ring in rings}
    blocked = {ring: [failures[name] for name in names if name in failures] for ring, names in needed.items()}
    return {ring: "; ".join(reasons) for ring, reasons in blocked.items() if reasons}


def parallel(rings: Sequence[str]) -> list[str]:
    """A file's tests in one process, files in the order that lab.pytest_rings gives them; one process for a small ring.

    Not `loadgroup`: with the pinned pytest it passes over the groups and spreads single tests over all processes, each
    of which then brings up every party for itself.
    """
    if list(rings) == ["unit"]:
        return []
    return ["-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder"]


def _split(argv: list[str]) -> tuple[list[str], str, list[str]]:
    if "--" not in argv:
        return argv, "", []
    at = argv.index("--")
    return argv[:at], "--", argv[at + 1 :]


def _docker() -> None:
    from . import dockerd

    dockerd.up()


def _images() -> None:
    from . import images

    images.ensure()


def _cluster() -> None:
    from . import cluster

    cluster.up()


PREPARATIONS: dict[str, Callable[[], None]] = {
    "pulumi": lambda: toolchain.ensure(["pulumi", "plugins"]),
    "tools": lambda: toolchain.ensure(["kubernetes", "kwok", "coredns", "etcd"]),
    "docker": _docker,
    "images": _images,
    "cluster": _cluster,
}
"""In the order in which they are made. Modules are loaded only here, so that one ring's packages are no other's."""
