"""What programs of the lab leave mounted below its folders, which cannot be removed then."""

import pathlib
import subprocess

from . import packages


def unmount_below(folder: pathlib.Path) -> None:
    """Unmount everything below ``folder``; what is still in use goes as soon as it is not."""
    for point in points(folder, pathlib.Path("/proc/self/mountinfo").read_text()):
        unmount(point)


def unmount(point: str) -> None:
    """Unmount ``point``, if anything is mounted there."""
    subprocess.run([packages.program("umount") or "umount", "--lazy", point], capture_output=True, check=False)


def points(folder: pathlib.Path, mountinfo: str) -> list[str]:
    """Where something is mounted below ``folder``, the innermost first, from the text of ``/proc/self/mountinfo``."""
    found = [line.split()[4].encode().decode("unicode_escape") for line in mountinfo.splitlines()]
    return sorted((point for point in found if point.startswith(f"{folder}/")), reverse=True)
