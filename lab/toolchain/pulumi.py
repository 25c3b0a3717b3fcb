"""The Pulumi CLI and its Python language host: the machine's own, else the official download, else built here."""

import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterable

from .. import paths, progress
from . import download, golang, memory, versions

OFFICIAL_HOME = paths.LAB / "pulumi-official"
"""Where the official installer puts what it downloads."""
CLI = "pulumi"
HOST = ("pulumi-language-python", "pulumi-language-python-exec")


def ensure() -> str:
    """Makes `pulumi` and the Python language host complete in `.lab/bin`; returns which CLI that is, in words.

    A fitting CLI of the machine's is linked, so it is the one that runs, with everything that came with it. Raises
    `LabError` when there is none and it can be neither downloaded nor built.
    """
    official = first_fitting(_candidates()) or downloaded()
    if official is None:
        _unlink(CLI)
        golang.build(golang.GROUPS["pulumi"])
        said = "built from source"
    else:
        _link(CLI, official)
        said = f"found at {official}"
    _ensure_host(official)
    return f"{described()}, {said}"


def described() -> str:
    """The CLI in `.lab/bin` with its version."""
    return f"pulumi {versions.text(_version(paths.BIN / CLI) or (0, 0, 0))}"


def first_fitting(candidates: Iterable[pathlib.Path]) -> pathlib.Path | None:
    """The first CLI that runs and is new enough; says of one that is not why it is passed over."""
    for candidate in candidates:
        version = _version(candidate)
        if versions.fits(version, versions.OLDEST_PULUMI):
            return candidate
        what = f"is version {versions.text(version)}" if version else "does not run"
        progress.say(f"   {candidate} {what}; {versions.text(versions.OLDEST_PULUMI)} or newer is needed")
    return None


def _candidates() -> list[pathlib.Path]:
    """Where an official CLI may be: PATH, its installer's usual place, our own earlier download."""
    on_path = shutil.which(CLI, path=os.pathsep.join(paths.callers(os.environ.get("PATH", os.defpath))))
    usual = [pathlib.Path.home() / ".pulumi" / "bin" / CLI, OFFICIAL_HOME / "bin" / CLI]
    return [pathlib.Path(found) for found in ([on_path] if on_path else [])] + [at for at in usual if at.is_file()]


def downloaded() -> pathlib.Path | None:
    """The CLI that fits the SDK exactly, by the official installer; None when it cannot be had."""
    version = versions.pinned_package((paths.ROOT / "requirements.txt").read_text("utf-8"), CLI)
    what = f"Pulumi CLI {version}"
    if (paths.BIN / CLI).exists() and not (paths.BIN / CLI).is_symlink():
        return None
    if memory.failed_lately(what) or not download.reachable():
        return None
    script, made = OFFICIAL_HOME / "install.sh", OFFICIAL_HOME / "bin" / CLI
    with progress.step(f"downloading {what} with the official installer"):
        if not download.installer(script):
            memory.note_failure(what)
            return None
        command = ["sh", str(script), "--version", version, "--install-root", str(OFFICIAL_HOME), "--no-edit-path"]
        failure = download.attempt(what, command)
    if failure is None and _version(made) == versions.parse(version):
        return made
    progress.say(f"   that gave no pulumi {version} ({failure or 'another version came'}); building it instead")
    memory.note_failure(what)
    return None


def _ensure_host(official: pathlib.Path | None) -> None:
    """The language host that came with the CLI, else one built here."""
    beside = [official.resolve().parent / name for name in HOST] if official else []
    if beside and all(file.is_file() for file in beside):
        for file in beside:
            _link(file.name, file)
        return
    for name in HOST:
        _unlink(name)
    golang.build(golang.GROUPS["language host"])


def _link(name: str, target: pathlib.Path) -> None:
    """Puts a link into `.lab/bin`, in the place of whatever has that name there."""
    link = paths.BIN / name
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _unlink(name: str) -> None:
    """Removes a link to an installation that is gone or no longer fits; a program built here stays."""
    if (paths.BIN / name).is_symlink():
        (paths.BIN / name).unlink()


def _version(program: pathlib.Path) -> versions.Version | None:
    try:
        asked = subprocess.run(
            [str(program), "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": str(paths.PULUMI_HOME)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return versions.parse(asked.stdout) if asked.returncode == 0 else None
