"""Waits for the engine to reach a state, in the words of the Terraform SDK when it does not."""

import threading
import time
from collections.abc import Callable

from ..plugin import PluginError

SECONDS = 30
"""The official plugin's limit for the removal of networks and volumes."""
PAUSE = 0.5


def removed(attempt: Callable[[], str], cancelled: threading.Event, seconds: float = SECONDS) -> None:
    """Call `attempt` until it answers `removed`; `PluginError` with its last answer when time is up."""
    end = time.monotonic() + seconds
    while (state := attempt()) != "removed":
        if time.monotonic() > end:
            raise PluginError(
                f"timeout while waiting for state to become 'removed' (last state: '{state}', timeout: {seconds:g}s)"
            )
        if cancelled.wait(PAUSE):
            raise PluginError("context canceled")
