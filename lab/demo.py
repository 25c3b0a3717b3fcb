"""`python -m lab demo up|down|status`: an eggroll party brought up by the real engine, from nothing.

`--on render` (the default) writes the Kubernetes YAML to disk and needs no cluster; `cluster` and `docker` run it.
"""

import argparse
import pathlib
import shutil
import socket
from collections.abc import Callable, Mapping, Sequence

from . import demo_report, paths, progress, toolchain
from .stack import Stack

FOLDER = paths.LAB / "demo"
PARTY = "9999"
NAME = f"party-{PARTY}"
QUIET = ("--suppress-outputs", "--suppress-progress")
"""The report shows the outputs, and dots are no progress."""
HOST_PORTS = {"rollsite": 9370, "fateboard": 8080, "notebook": 20000}
"""The program's defaults on Docker; another free port is taken where one is in use."""


def main(argv: Sequence[str]) -> int:
    """Runs the command; exit code 0 when all went well."""
    parser = argparse.ArgumentParser(prog="python -m lab demo", description=__doc__)
    parser.add_argument("action", choices=["up", "down", "status"])
    parser.add_argument("--on", choices=[*PLACES], default="render", help="where the party runs; default: render")
    arguments = parser.parse_args(argv)
    if arguments.action == "up":
        up(arguments.on)
    elif arguments.action == "down":
        down()
    else:
        for place in PLACES:
            progress.say(f"demo on {place}: {'there' if stack(place).exists() else 'none'}")
    return 0


def up(place: str) -> None:
    """Prepares, previews and brings up the party, and says what was made. Raises `LabError`."""
    toolchain.ensure(["pulumi", "plugins"])
    settings = PLACES[place]()
    site = stack(place)
    with progress.step(f"stack {NAME} with a state of its own"):
        site.create()
        site.configure({"partyId": PARTY, "backend": "eggroll", "retainData": "false", **settings})
    with progress.step("pulumi preview"):
        site.run("preview", *QUIET)
    with progress.step("pulumi up"):
        site.run("up", "--yes", "--skip-preview", *QUIET)
    demo_report.show(site, place, manifests(place))


def down() -> None:
    """Destroys and removes the demo on every platform where there is one."""
    there = [place for place in PLACES if stack(place).exists()]
    for place in there:
        site = stack(place)
        with progress.step(f"destroying the demo on {place}"):
            site.run("destroy", "--yes", "--skip-preview", *QUIET)
            site.remove()
        shutil.rmtree(site.folder)
    progress.say(f"demo: {', '.join(there)} destroyed" if there else "demo: there is none")


def stack(place: str) -> Stack:
    """The demo's stack on one platform."""
    variables = {"KUBECONFIG": str(paths.KUBECONFIG)} if place == "cluster" else {}
    return Stack(FOLDER / place, NAME, variables=variables)


def manifests(place: str) -> pathlib.Path:
    """Where the YAML is written when no cluster is used."""
    return FOLDER / place / "manifests"


def _render() -> Mapping[str, str]:
    return {"platform": "kubernetes", "kubernetes.renderTo": str(manifests("render"))}


def _cluster() -> Mapping[str, str]:
    from . import cluster, images

    toolchain.ensure(["kubernetes", "kwok", "coredns", "etcd"])
    with progress.step("lab images", "minutes the first time"):
        images.ensure()
    with progress.step("lab cluster"):
        kubeconfig = cluster.up()
        cluster.load(images.NAMES)
    return {"platform": "kubernetes", "kubernetes.kubeconfig": str(kubeconfig)}


def _docker() -> Mapping[str, str]:
    from . import dockerd, images

    with progress.step("Docker engine"):
        host = dockerd.up()
    with progress.step("lab images", "minutes the first time"):
        images.ensure()
    ports: dict[str, str] = {}
    if not stack("docker").exists():
        ports = {f"docker.ports.{name}": str(free_port(port)) for name, port in HOST_PORTS.items()}
    return {"platform": "docker", "docker.host": host, **ports}


def free_port(wanted: int) -> int:
    """`wanted`, or the next port above it on which nothing listens."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            # As a server would bind: without this, a connection of an earlier run that lingers counts as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return port
    return wanted


PLACES: Mapping[str, Callable[[], Mapping[str, str]]] = {"render": _render, "cluster": _cluster, "docker": _docker}
"""Each platform with what prepares it; the answer is the configuration that is special to it."""
