"""Claimed volumes: where Kubernetes' host-path provisioner puts them, and who may write there.

The provisioner always uses a folder below /tmp, which is made a link to one below .lab; it removes a volume's data with
its claim. It makes volumes that only root can enter, unlike any storage that people run FATE on, so
``python -m lab.cluster.volumes`` runs beside it and opens each new one to every user in the pods.
"""

import json
import pathlib
import sys
import time
from typing import Any

from .. import errors, paths, process
from . import addresses, api, component

LINK = pathlib.Path("/tmp/hostpath_pv")
"""Written into Kubernetes' provisioner, not a setting."""
FOLDER = paths.CLUSTER / "volumes"
PROGRAM = "lab.cluster.volumes"
WATCH_SECONDS = 300
WATCHING = "watching the volumes of"
"""What it prints whenever it begins to watch."""


def component_of() -> component.Component:
    """The watcher as a component."""
    return component.Component("volumes", (sys.executable, "-m", PROGRAM, str(FOLDER)), _watches)


def _watches() -> bool:
    return WATCHING in process.log_tail("cluster-volumes")


def up() -> None:
    """Point the provisioner's folder at ours. Raises :class:`lab.errors.LabError` when other data is there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if LINK.is_symlink() and LINK.readlink() == FOLDER:
        return
    if LINK.is_symlink() or LINK.exists():
        try:
            LINK.unlink() if LINK.is_symlink() else LINK.rmdir()
        except OSError as error:
            raise errors.LabError(
                f"{LINK} is not the lab's and cannot be replaced ({error.strerror}): move it away"
            ) from error
    LINK.symlink_to(FOLDER)


def down() -> None:
    """Remove the link; the data stays."""
    if LINK.is_symlink() and LINK.readlink() == FOLDER:
        LINK.unlink()


def _open(volume: dict[str, Any]) -> None:
    """Let every user write into a new volume; the sticky bit is left out, for its pods trust each other."""
    place = pathlib.Path(volume.get("spec", {}).get("hostPath", {}).get("path", "/"))
    if place.parent == LINK and place.is_dir():
        place.chmod(0o777)


def watch() -> None:
    """Open each volume as it appears, until the connection ends."""
    print(f"{WATCHING} {addresses.api_url()}", flush=True)
    query = f"?watch=true&timeoutSeconds={WATCH_SECONDS}"
    for line in api.lines(f"/api/v1/persistentvolumes{query}", timeout=WATCH_SECONDS + api.TIMEOUT):
        event = json.loads(line)
        if event["type"] in ("ADDED", "MODIFIED"):
            _open(event["object"])


def main() -> None:
    """Watch for ever; a server that is away for a moment is asked again."""
    while True:
        try:
            watch()
        except errors.LabError as error:
            print(error, flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main()
