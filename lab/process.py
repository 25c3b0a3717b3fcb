"""Processes that outlive the command that starts them, and waiting for conditions without guessing at durations."""

import contextlib
import os
import pathlib
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from . import errors, paths

T = TypeVar("T")
RUN = paths.LAB / "run"
"""Pid files: process id and start time, so a reused id is not mistaken for ours."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
"""Seconds between two looks at a condition: quick at first, then sparing with the processor."""


def start(name: str, command: Sequence[str], *, env: Mapping[str, str] | None = None) -> int:
    """Starts `command` in a session of its own, detached, with what it prints in its log; returns its process id.

    One that is running under this name already is left as it is. Raises `LabError` when the program is missing.
    """
    running = pid(name)
    if running is not None:
        return running
    for file in (_pid_file(name), log_file(name)):
        file.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ if env is None else env
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        raise errors.LabError(f"{name}: {command[0]} is missing; run `make toolchain`")
    # Not subprocess: its handle warns when it is dropped while the process runs, which is the very purpose here.
    child = os.posix_spawn(
        program,
        list(command),
        environment,
        setsid=True,
        setsigdef=[signal.SIGPIPE],
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log_file(name)), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )
    _pid_file(name).write_text(f"{child} {_start_time(child) or ''}\n", encoding="utf-8")
    return child


def stop(name: str, *, timeout: float = 20.0, signal_number: int = signal.SIGTERM) -> None:
    """Ends the process: politely, and after `timeout` seconds by force. Nothing happens when it is not running."""
    running = pid(name)
    if running is not None:
        _signal(running, signal_number)
        try:
            wait_for(lambda: not alive(name), timeout, f"the end of {name}")
        except errors.LabTimeoutError:
            _signal(running, signal.SIGKILL)
            wait_for(lambda: not alive(name), timeout, f"the end of {name} after SIGKILL")
    _pid_file(name).unlink(missing_ok=True)


def alive(name: str) -> bool:
    """Whether the process started under this name still runs."""
    return pid(name) is not None


def pid(name: str) -> int | None:
    """The id of the running process of this name, `None` when it has ended or never was."""
    try:
        number, _, started = _pid_file(name).read_text(encoding="utf-8").strip().partition(" ")
    except FileNotFoundError:
        return None
    if not number.isdigit():
        return None
    process = int(number)
    _reap(process)
    return process if started and _start_time(process) == started else None


def log_file(name: str) -> pathlib.Path:
    """Where the process of this name prints to."""
    return paths.LOG / f"{name}.log"


def log_tail(name: str, lines: int = 15) -> str:
    """The last lines it printed, for error messages; empty when there are none."""
    try:
        text = log_file(name).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def wait_for(condition: Callable[[], T | None], timeout: float, describe: str | Callable[[], str]) -> T:
    """Returns the first truthy answer of `condition`, asked again and again for at most `timeout` seconds.

    `describe` says what is waited for ("the API server's answer"); as a function it is called only on failure and can
    say how things stand then. Raises `LabTimeoutError`.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            what = describe if isinstance(describe, str) else describe()
            raise errors.LabTimeoutError(f"waited {timeout:g} s in vain for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _pid_file(name: str) -> pathlib.Path:
    return RUN / f"{name}.pid"


def _signal(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise errors.LabError(f"process {process} belongs to another user; stop it with that user's rights") from error


def _reap(process: int) -> None:
    """A child of ours that has ended would stay a zombie and look alive until its status is taken."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, os.WNOHANG)


def _start_time(process: int) -> str | None:
    """Start of the process as /proc tells it; None when it does not run (or is a zombie)."""
    try:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]
