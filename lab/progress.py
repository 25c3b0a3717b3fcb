"""Lines that say what is being done and how long it took; plain text, so they read the same in a terminal and in CI."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

HEARTBEAT = 60.0
"""Seconds after which a long step says that it still runs, so that nobody takes it for stuck."""


def say(text: str) -> None:
    """Prints a line at once, in order with what child processes print."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str, expected: str = "") -> Iterator[None]:
    """Announces a step, and when it is over its duration; `expected` says how long it usually takes ("4 min")."""
    say(f"-> {title}" + (f" ({expected})" if expected else ""))
    started = time.monotonic()
    over = threading.Event()
    watcher = threading.Thread(target=_heartbeat, args=(title, started, over), daemon=True)
    watcher.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        over.set()
        watcher.join()
        say(f"   {title}: {outcome} in {duration(time.monotonic() - started)}")


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `4 min 18 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _heartbeat(title: str, started: float, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT):
        say(f"   {title}: still at it after {duration(time.monotonic() - started)}")
