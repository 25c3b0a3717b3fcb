"""System packages that the lab's engine and node need, installed with apt where that is possible."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from . import errors

SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
"""Where programs are looked for: daemons live in sbin folders that a user's PATH often leaves out."""


def program(name: str) -> str | None:
    """Path of an installed program, ``None`` when it is not installed; an absolute name is only checked."""
    return shutil.which(name, path=SEARCH)


def require(programs: Mapping[str, str]) -> None:
    """Make sure that each program (key) is installed, from the Debian package (value) when it is missing.

    Says what it installs. Raises :class:`lab.errors.LabError` naming the packages when that takes another user
    or another system.
    """
    missing = {package for name, package in programs.items() if program(name) is None}
    if not missing:
        return
    wanted = " ".join(sorted(missing))
    if os.geteuid() != 0 or program("apt-get") is None:
        raise errors.LabError(f"these packages are missing: {wanted}; install them (apt-get install {wanted})")
    print(f"installing with apt-get: {wanted}", file=sys.stderr)
    _apt("update")
    _apt("install", "--yes", "--no-install-recommends", *sorted(missing))
    absent = sorted(name for name in programs if program(name) is None)
    if absent:
        raise errors.LabError(f"still missing after apt-get install {wanted}: {', '.join(absent)}")


def _apt(*arguments: str) -> None:
    """Run apt-get, asking it not to start what it installs: the lab starts its own daemons, below its own folder."""
    result = subprocess.run(
        ["apt-get", "--quiet", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        last = "\n".join((result.stdout + result.stderr).splitlines()[-8:])
        raise errors.LabError(f"apt-get {arguments[0]} failed:\n{last}")
