"""Removing what a node leaves on the machine: processes, containers, mounts, namespaces, control groups, links.

It works from what is there, not from what was recorded, so it cleans up after a crash as well.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
from collections.abc import Iterator

from .. import errors, mounts, paths, process
from . import network, volumes

SHIM = "containerd-shim-runc-v2"
CONTROL_PROGRAMS = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"}
PROGRAMS = {*CONTROL_PROGRAMS, "coredns", "containerd", "kubelet", "kube-proxy", SHIM}
CNI_RESULTS = pathlib.Path("/var/lib/cni/results")
"""The CNI library's own memory of the pods it connected; it has no setting for the place."""
CONTAINER_LOGS = pathlib.Path("/var/log/containers")
"""The kubelet's links to container logs; it has no setting for the place."""
DEVICE_PLUGINS = pathlib.Path("/var/lib/kubelet/device-plugins")
"""Likewise the folder of this socket."""
CONTROL_GROUPS = pathlib.Path("/sys/fs/cgroup")
PODS_GROUP = "kubepods"
KILL_SECONDS = 20


def strays(known: set[int]) -> None:
    """End processes of the cluster that no pid file knows: what a start that was killed half-way leaves."""
    _kill([pid for pid, words in _ours() if pid not in known and pathlib.Path(words[0]).name != SHIM])


def containers() -> None:
    """End every container of the node: the children of our containerd's shims, then the shims."""
    shims = [pid for pid, words in _ours() if pathlib.Path(words[0]).name == SHIM]
    _kill([child for shim in shims for child in _children(shim)])
    _kill(shims)


def files() -> None:
    """Remove namespaces, mounts, control groups and links that the node's programs made."""
    _namespaces()
    mounts.unmount_below(paths.CLUSTER)
    _control_groups()
    shutil.rmtree(paths.CLUSTER / "cni" / "addresses", ignore_errors=True)
    shutil.rmtree(paths.CLUSTER / "containerd" / "state", ignore_errors=True)
    if CONTAINER_LOGS.is_dir():
        for link in CONTAINER_LOGS.iterdir():
            if link.is_symlink() and link.readlink().is_relative_to(paths.CLUSTER):
                link.unlink()
    for file in ("kubelet.sock", "DEPRECATION", "kubelet_internal_checkpoint"):
        (DEVICE_PLUGINS / file).unlink(missing_ok=True)
    for folder in (DEVICE_PLUGINS, DEVICE_PLUGINS.parent, CONTAINER_LOGS, CNI_RESULTS, CNI_RESULTS.parent):
        # One that is not empty belongs to somebody else as well.
        with contextlib.suppress(OSError):
            folder.rmdir()


def _ours() -> Iterator[tuple[int, list[str]]]:
    """Processes that are one of our programs and were given a path below .lab/cluster, with their command lines."""
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        program = pathlib.Path(words[0]).name
        if (program in PROGRAMS or volumes.PROGRAM in words) and any(f"{paths.CLUSTER}/" in word for word in words[1:]):
            yield int(entry.name), words


def _children(parent: int) -> list[int]:
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[1]) == parent:
                    found.append(int(entry.name))
    return found


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def all_gone() -> bool:
        return not any(_lives(pid) for pid in pids)

    process.wait_for(all_gone, KILL_SECONDS, f"killed processes {pids} to end")


def _lives(pid: int) -> bool:
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX"


def _namespaces() -> None:
    """Unmount and remove the network namespaces of our pods, whose veth pairs go with them."""
    if not CNI_RESULTS.is_dir():
        return
    for file in CNI_RESULTS.glob(f"{network.NETWORK_NAME}-*"):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            for interface in json.loads(file.read_text())["result"]["interfaces"]:
                if interface.get("sandbox"):
                    mounts.unmount(interface["sandbox"])
                    pathlib.Path(interface["sandbox"]).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        pod = file.name.removeprefix(f"{network.NETWORK_NAME}-").partition("-")[0]
        (CNI_RESULTS / f"cni-loopback-{pod}-lo").unlink(missing_ok=True)


def _control_groups() -> None:
    """Remove the pods' control groups, which are empty by now; with cgroup v1 there is one tree per controller."""
    roots = [CONTROL_GROUPS / PODS_GROUP, *CONTROL_GROUPS.glob(f"*/{PODS_GROUP}")]
    for root in roots:
        for folder, _, _ in os.walk(root, topdown=False):
            with contextlib.suppress(OSError):
                pathlib.Path(folder).rmdir()


def refuse_others() -> None:
    """Raise :class:`lab.errors.LabError` when another Kubernetes node runs on this machine: they would fight."""
    mine = {pid for pid, _ in _ours()}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) not in mine:
            with contextlib.suppress(OSError):
                if (
                    pathlib.Path((entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[0]).name
                    == "kubelet"
                ):
                    raise errors.LabError(
                        f"another kubelet runs on this machine (process {entry.name}): stop that Kubernetes first, "
                        "for two of them rewrite each other's packet filter rules"
                    )
