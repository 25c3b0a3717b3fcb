"""Where the lab keeps its things: every folder below `.lab` can be deleted and is made again when it is needed."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
"""The checkout."""

VENV = ROOT / ".venv"
"""Python environment of the program, the lab and the tests."""

LAB = (ROOT / ".lab").resolve()
"""Everything the lab makes, ignored by git."""

BIN = LAB / "bin"
"""Programs of the toolchain: Pulumi, its Python language host, Kubernetes, kwok, CoreDNS, etcd."""

PLUGINS = LAB / "plugins"
"""Wrappers of the stand-in plugins, one for each plugin that has no official binary here."""

PULUMI_HOME = LAB / "pulumi"
"""Pulumi's own folder (credentials, official plugins)."""

STATE = LAB / "state"
"""The file backend with the state of the lab's stacks."""

CLUSTER = LAB / "cluster"
"""The lab cluster's control plane and node."""

KUBECONFIG = CLUSTER / "kubeconfig"
"""Administrator's access to the lab cluster."""

DOCKER = LAB / "docker"
"""Data of the Docker engine the lab starts when none answers."""

DOCKER_SOCKET = DOCKER / "docker.sock"
"""Socket of that engine."""

IMAGES = LAB / "images"
"""Build caches of the lab images."""

LOG = LAB / "log"
"""What the processes started by the lab print."""


def callers(path: str) -> list[str]:
    """The folders of ``path`` (as PATH is written) that are not the lab's own, by whatever name those are there.

    A checkout is reached through links, too; what the lab made itself must not be taken for the machine's.
    """
    ours = {os.path.realpath(folder) for folder in (VENV / "bin", BIN, PLUGINS)}
    return [folder for folder in path.split(os.pathsep) if folder and os.path.realpath(folder) not in ours]
