"""A program of the cluster: how it is started, when it counts as serving, and what it is run with."""

import dataclasses
import os
import pathlib
from collections.abc import Callable

from .. import daemon, errors, packages, paths

START_SECONDS = 60
GRACE_SECONDS = 10
"""How long a component that runs may take to answer: long enough for a busy machine, short enough to restart it."""


@dataclasses.dataclass(frozen=True)
class Component:
    """One program of the cluster."""

    name: str
    command: tuple[str, ...]
    """The program (absolute) and its arguments."""
    answers: Callable[[], bool]
    """Whether it serves."""
    seconds: float = START_SECONDS
    """How long it may take to serve."""

    @property
    def daemon(self) -> daemon.Daemon:
        """Its process."""
        return process_of(self.name)

    def up(self) -> None:
        """Start it unless it runs and wait until it serves; one that does not is stopped, so the next try is fresh.

        One that was left running without serving (by a start that was interrupted, say) is started again at once.
        Raises :class:`lab.errors.LabError`.
        """
        if self.daemon.running() and not self._recovers():
            self.daemon.stop()
        self.daemon.start(self.command, env=environment())
        try:
            self.daemon.wait_ready(self.answers, self.seconds)
        except BaseException:
            self.daemon.stop()
            raise

    def _recovers(self) -> bool:
        try:
            self.daemon.wait_ready(self.answers, GRACE_SECONDS)
        except errors.LabError:
            return False
        return True


def process_of(name: str) -> daemon.Daemon:
    """The process of the component of this name, whether or not its command is known here."""
    return daemon.Daemon(f"cluster-{name}")


def binary(name: str) -> str:
    """Path of a program of the toolchain."""
    return str(paths.BIN / name)


def environment() -> dict[str, str]:
    """What the components run with: where programs are (iptables, mount, CNI) and nothing of the caller's.

    A proxy or a kubeconfig of the user's must not change how the cluster talks to itself.
    """
    return {
        "PATH": os.pathsep.join([str(paths.BIN), packages.SEARCH]),
        "HOME": str(paths.CLUSTER),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(paths.ROOT),
        # Not to ask the API server for what it does not offer (see its feature gates).
        "KUBE_FEATURE_WatchListClient": "false",
    }


def settings(name: str, content: str) -> pathlib.Path:
    """Write a component's settings to a file below .lab/cluster (mode 0600), only when they differ from what is there.

    kube-proxy ends when its file is written to, even with the same content.
    """
    file = folder() / name
    if not file.exists() or file.read_text(encoding="utf-8") != content:
        file.touch(mode=0o600)
        file.write_text(content, encoding="utf-8")
    return file


def folder(*parts: str) -> pathlib.Path:
    """A folder below .lab/cluster, made when it is missing."""
    place = paths.CLUSTER.joinpath(*parts)
    place.mkdir(parents=True, exist_ok=True)
    return place
