"""The environment in which Pulumi runs in the lab: its tools, its state, its passphrase."""

import os
import pathlib
import secrets
from collections.abc import Mapping

from . import paths
from .toolchain import plugins

PASSPHRASE = paths.LAB / "passphrase"
"""Made once; encrypts the secrets in the lab's own stacks when the caller brings no passphrase."""


def search_path(path: str) -> str:
    """`path` with the lab's tools before it and the stand-in plugins after it.

    The environment's `bin` comes first because a Python language host may ignore the `virtualenv` option. Stand-ins
    come last, so an official plugin on the caller's path always wins over them.
    """
    return os.pathsep.join([str(paths.VENV / "bin"), str(paths.BIN), *paths.callers(path), str(paths.PLUGINS)])


def pulumi_environment(**extra: str) -> dict[str, str]:
    """The caller's environment with everything set that `pulumi` needs in the lab; `extra` wins over all of it.

    A passphrase of the caller's is kept, and so is a Docker host. The state lives in `.lab/state` whatever the caller
    uses elsewhere, so the lab never touches other people's stacks. Stand-in plugins are on PATH only where there is
    no official one at this moment.
    """
    plugins.settle()
    environment = dict(os.environ)
    environment.update(_fixed(environment))
    if "PULUMI_CONFIG_PASSPHRASE" not in environment and "PULUMI_CONFIG_PASSPHRASE_FILE" not in environment:
        environment["PULUMI_CONFIG_PASSPHRASE"] = passphrase(PASSPHRASE)
    if "DOCKER_HOST" not in environment and paths.DOCKER_SOCKET.is_socket():
        environment["DOCKER_HOST"] = f"unix://{paths.DOCKER_SOCKET}"
    environment.update(extra)
    return environment


def passphrase(file: pathlib.Path) -> str:
    """The passphrase kept in `file`, readable by its owner only; made when there is none."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    made = secrets.token_urlsafe(24)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return passphrase(file)
    with os.fdopen(descriptor, "w") as out:
        out.write(made + "\n")
    return made


def state_url(folder: pathlib.Path) -> str:
    """Pulumi's file backend in `folder`.

    Without `metadata=skip` a file of attributes lies beside each checkpoint, which Pulumi reads first and rewrites in
    place: a run killed at that moment leaves it empty, and each command then ends in "failed to load checkpoint: EOF".
    """
    return f"file://{folder}?metadata=skip"


def _fixed(environment: Mapping[str, str]) -> dict[str, str]:
    for folder in (paths.STATE, paths.PULUMI_HOME):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": search_path(environment.get("PATH", os.defpath)),
        "VIRTUAL_ENV": str(paths.VENV),
        "PULUMI_HOME": str(paths.PULUMI_HOME),
        "PULUMI_BACKEND_URL": state_url(paths.STATE),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
    }
