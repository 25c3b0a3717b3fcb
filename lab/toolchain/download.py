"""Downloads that may well be impossible here: tried briefly, remembered for a day when they fail, never an error."""

import http.client
import os
import pathlib
import subprocess
import urllib.error
import urllib.request
from collections.abc import Sequence

from . import memory

OFFICIAL = "https://get.pulumi.com"
"""Where Pulumi's own installer and plugins come from."""
PROBE_SECONDS = 4.0
INSTALL_SECONDS = 600.0


def reachable() -> bool:
    """Whether Pulumi's downloads can be had from this machine; a no is remembered for a day."""
    if memory.failed_lately(OFFICIAL):
        return False
    try:
        with urllib.request.urlopen(urllib.request.Request(OFFICIAL, method="HEAD"), timeout=PROBE_SECONDS):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, http.client.HTTPException):
        memory.note_failure(OFFICIAL)
        return False


def installer(to: pathlib.Path) -> bool:
    """Fetches the official install script into `to`; whether that worked."""
    try:
        with urllib.request.urlopen(f"{OFFICIAL}/install.sh", timeout=PROBE_SECONDS * 5) as answer:
            script = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(script)
    return bytes(script[:2]) == b"#!"


def attempt(what: str, command: Sequence[str], **environment: str) -> str | None:
    """Runs a command that downloads `what`; None when it worked, else the last line it said, remembered for a day."""
    try:
        done = subprocess.run(
            list(command),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        memory.note_failure(what)
        return f"not done after {INSTALL_SECONDS:g} s"
    if done.returncode == 0:
        return None
    memory.note_failure(what)
    return next(reversed(done.stdout.strip().splitlines()), f"exit code {done.returncode}")
