"""Lab images: what the program asks an engine for but cannot be pulled, built here under the official names.

MySQL is a real server (MariaDB); FATE's services and fluent-bit are stand-ins that read the same configuration and
refuse what the real ones refuse. See README.md beside this file.
"""

import argparse
import contextlib
import fcntl
import sys
from collections.abc import Iterator, Sequence

import docker
import docker.errors

from .. import dockerd, errors, paths
from . import builder, catalogue

NAMES = tuple(catalogue.IMAGES)
"""Every image the lab can make."""


def ensure(names: Sequence[str] | None = None) -> None:
    """Builds the images of ``names`` (all by default) that are missing or out of date, in the lab's engine.

    Does nothing in well under a second when all are there. Raises :class:`LabError` for a name the lab does not make,
    an engine that does not answer, or a build that fails.
    """
    wanted = NAMES if names is None else tuple(names)
    unknown = [name for name in wanted if name not in catalogue.IMAGES]
    if unknown:
        raise errors.LabError(f"no lab image is called {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    try:
        client = docker.DockerClient(base_url=dockerd.up(), timeout=600)
        with contextlib.closing(client), _alone():
            made = builder.Builder(client)
            for name in wanted:
                made.image(name)
    except docker.errors.DockerException as error:
        raise errors.LabError(f"images: the Docker engine failed: {error}") from error


def main(argv: Sequence[str]) -> int:
    """``python -m lab images [NAME...]``: builds the named images, or all."""
    parser = argparse.ArgumentParser(prog="python -m lab images", description="Build the lab images that are missing.")
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(NAMES)}; all when none is named")
    chosen = parser.parse_args(list(argv)).name
    ensure(chosen or None)
    print(f"images: {len(chosen or NAMES)} current", file=sys.stderr)
    return 0


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One build at a time: test workers ask for the same images at once."""
    paths.IMAGES.mkdir(parents=True, exist_ok=True)
    with (paths.IMAGES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
