"""What the toolchain remembers between runs: what a tool was made from, and which downloads failed lately."""

import hashlib
import json
import pathlib
import time
from collections.abc import Sequence

from .. import paths

STAMPS = paths.BIN / ".stamps"
FAILURES = paths.LAB / "failed-downloads.json"
FORGET_AFTER = 24 * 3600.0
"""Seconds for which a download that failed is not tried again, so that a run without network stays quick."""


def fingerprint(files: Sequence[pathlib.Path], *words: str) -> str:
    """One hash over the contents of `files` and over `words`; it changes when any of them does."""
    digest = hashlib.sha256("\0".join(words).encode())
    for file in files:
        digest.update(b"\0" + file.read_bytes())
    return digest.hexdigest()


def fresh(name: str, stamp: str, outputs: Sequence[pathlib.Path]) -> bool:
    """Whether every output is there and was made from what `stamp` stands for."""
    file = STAMPS / name
    return file.is_file() and file.read_text("utf-8").strip() == stamp and all(output.exists() for output in outputs)


def remember(name: str, stamp: str) -> None:
    """Writes down what the outputs of `name` were made from."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(stamp + "\n", "utf-8")


def forget(name: str) -> None:
    """The outputs of `name` are no longer what its stamp says."""
    (STAMPS / name).unlink(missing_ok=True)


def failed_lately(what: str) -> bool:
    """Whether this download failed within the last day."""
    return time.time() - _failures().get(what, 0.0) < FORGET_AFTER


def note_failure(what: str) -> None:
    """Keeps this download from being tried again for a day."""
    FAILURES.parent.mkdir(parents=True, exist_ok=True)
    FAILURES.write_text(json.dumps({**_failures(), what: time.time()}, indent=1) + "\n", "utf-8")


def _failures() -> dict[str, float]:
    try:
        found = json.loads(FAILURES.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(key): float(value) for key, value in found.items()} if isinstance(found, dict) else {}
