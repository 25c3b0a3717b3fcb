"""Starting, stopping and asking the lab cluster."""

import argparse
import os
import pathlib
import shutil
import sys
from collections.abc import Sequence

from .. import daemon, errors, packages, paths
from . import addresses, certificates, component, containerd, control, network, node, objects, sweep, volumes

LOCK = paths.LAB / "cluster.lock"
STOP_ORDER = (
    "kubelet",
    "proxy",
    "volumes",
    "kwok",
    "dns",
    "scheduler",
    "controller-manager",
    "api-server",
    "etcd",
    "containerd",
)
"""Nobody is stopped while something that needs it runs; containerd comes last, when its containers are gone."""
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
NODE_PROGRAMS = ("kubelet", "kube-proxy", "coredns")
SERVICE_ACCOUNT_SECONDS = 30


def up(nodes: int = 0) -> pathlib.Path:
    """Start what is not running and wait until it serves; returns the administrator's kubeconfig.

    ``nodes``: simulated nodes to have at least; those of earlier calls stay. Without root there is no real node: pods
    run on simulated nodes only. Raises :class:`lab.errors.LabError` with the component that failed and its last words.
    """
    _refuse_other_owner()
    with daemon.exclusively(LOCK):
        _require_programs()
        real = addresses.real_node()
        _clean_half_start()
        if real:
            sweep.refuse_others()
            node.prepare()
        volumes.up()
        certificates.ensure()
        kubeconfig = certificates.kubeconfig("admin")
        for one in control.components():
            one.up()
        objects.apply()
        control.simulator().up()
        if real:
            volumes.component_of().up()
            node.up()
            objects.size_node()
        objects.simulate(nodes)
        objects.wait_for_service_accounts(SERVICE_ACCOUNT_SECONDS)
        if not real:
            print("not root: control plane and simulated nodes only; pods run for real only with root", file=sys.stderr)
        return kubeconfig


def down(purge: bool = False) -> None:
    """Stop everything and remove what it made on the machine: processes, containers, mounts, interfaces, filter rules.

    The cluster's memory (objects, claimed volumes, images) stays in .lab/cluster for the next :func:`up`, unless
    ``purge``.
    """
    _refuse_other_owner()
    with daemon.exclusively(LOCK):
        for name in STOP_ORDER[:-1]:
            component.process_of(name).stop()
        if addresses.real_node():
            sweep.containers()
            component.process_of(STOP_ORDER[-1]).stop()
            sweep.strays(set())
            sweep.files()
            if packages.program("iptables") is not None and packages.program("ip") is not None:
                network.down()
        else:
            sweep.strays(set())
        volumes.down()
        if purge:
            shutil.rmtree(paths.CLUSTER, ignore_errors=True)


def load(images: Sequence[str]) -> None:
    """Copy images from the lab's Docker engine into the node, so that pods find them; unchanged ones are skipped.

    Raises :class:`lab.errors.LabError` for an image the engine lacks, and when there is no node to load into.
    """
    if not addresses.real_node() or not component.process_of("containerd").running():
        raise errors.LabError("the lab cluster's node is not running: `python -m lab cluster up` as root first")
    with daemon.exclusively(paths.LAB / "cluster-images.lock"):
        containerd.load(images)


def status() -> str:
    """A few lines for people: each component, and the nodes that are ready."""
    lines = [
        f"{name:<20}{'running' if component.process_of(name).running() else 'stopped'}" for name in STOP_ORDER[::-1]
    ]
    if component.process_of("api-server").running():
        lines.append(f"{'ready nodes':<20}{', '.join(objects.ready_nodes()) or 'none'}")
        lines.append(f"{'kubeconfig':<20}{paths.KUBECONFIG}")
    return "\n".join(lines)


def _refuse_other_owner() -> None:
    for place in (LOCK, paths.CLUSTER):
        if place.exists() and not os.access(place, os.W_OK):
            raise errors.LabError(
                f"{place} belongs to another user: run this as that user, or purge the cluster as that user"
            )


def _require_programs() -> None:
    wanted = (*PROGRAMS, *(NODE_PROGRAMS if addresses.real_node() else ()))
    missing = [name for name in wanted if not (paths.BIN / name).exists()]
    if missing:
        raise errors.LabError(f"{', '.join(missing)} missing in {paths.BIN}: run `python -m lab toolchain`")


def _clean_half_start() -> None:
    """End processes that no pid file knows, for they hold the ports of the ones to be started.

    When neither runtime nor kubelet runs, what there is of containers, mounts and namespaces is a crash's (or from
    before a reboot) and goes too; beside a kubelet that runs, containers outlive their runtime.
    """
    sweep.strays({pid for name in STOP_ORDER if (pid := component.process_of(name).pid()) is not None})
    if addresses.real_node() and not any(component.process_of(name).running() for name in ("containerd", "kubelet")):
        sweep.containers()
        sweep.files()


def main(argv: Sequence[str]) -> int:
    """``python -m lab cluster up [--nodes N] | down [--purge] | status | load IMAGE...``; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lab cluster", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    starting = actions.add_parser("up", help="start what is not running; prints the kubeconfig")
    starting.add_argument("--nodes", type=int, default=0, help="simulated nodes to have at least (default 0)")
    stopping = actions.add_parser("down", help="stop everything")
    stopping.add_argument("--purge", action="store_true", help="also forget objects, claimed data and images")
    actions.add_parser("status", help="what runs; exit code 1 unless the control plane does")
    loading = actions.add_parser("load", help="copy images from the lab's Docker engine into the node")
    loading.add_argument("images", nargs="+", metavar="IMAGE")
    chosen = parser.parse_args(argv)
    if chosen.action == "up":
        print(up(chosen.nodes))
    elif chosen.action == "down":
        down(chosen.purge)
    elif chosen.action == "load":
        load(chosen.images)
    else:
        print(status())
        return 0 if component.process_of("api-server").running() else 1
    return 0
