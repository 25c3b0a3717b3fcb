"""Background programs of the lab that count as started only when they serve, and one starter at a time."""

import contextlib
import dataclasses
import fcntl
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from . import errors, process


@contextlib.contextmanager
def exclusively(lockfile: pathlib.Path) -> Iterator[None]:
    """Hold ``lockfile`` meanwhile: of two sessions (or test workers) that start the same thing, one waits."""
    lockfile.parent.mkdir(parents=True, exist_ok=True)
    with lockfile.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


LONGEST_SOCKET = 100
"""A unix socket's path ends at 107 characters; programs append a few of their own."""


def require_short(socket: pathlib.Path) -> None:
    """Raise :class:`lab.errors.LabError` when this path, and so the checkout's, is too long for a unix socket."""
    if len(str(socket)) > LONGEST_SOCKET:
        raise errors.LabError(
            f"the path of this checkout is too long for a unix socket ({socket}): move it to a shorter one"
        )


@dataclasses.dataclass(frozen=True)
class Daemon:
    """One background program, known by its name to the commands that come later."""

    name: str

    def start(self, command: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
        """Start it without waiting; a running one is left alone."""
        process.start(self.name, command, env=env)

    def wait_ready(self, answers: Callable[[], object], timeout: float) -> None:
        """Wait until it serves, which ``answers`` finds out.

        Raises :class:`lab.errors.LabError` with its name, the end of its log and where that is, when it ends or does
        not serve within ``timeout`` seconds.
        """
        try:
            process.wait_for(lambda: self._alive() and bool(answers()), timeout, "it to serve")
        except errors.LabError as error:
            log, last = process.log_file(self.name), process.log_tail(self.name)
            raise errors.LabError(f"{self.name} did not start: {error}; its log ({log}) ends with\n{last}") from error

    def stop(self, timeout: float = 20) -> None:
        """End it, by force after ``timeout`` seconds; nothing happens when it is not running."""
        process.stop(self.name, timeout=timeout)

    def running(self) -> bool:
        """Whether its process lives; it may not serve yet."""
        return process.alive(self.name)

    def pid(self) -> int | None:
        """Its process id while it runs."""
        return process.pid(self.name)

    def _alive(self) -> bool:
        if not self.running():
            raise errors.LabError("it ended at once")
        return True
