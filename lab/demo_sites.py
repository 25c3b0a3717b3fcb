"""The sites of the demo: an exchange and two eggroll parties, as each platform wants them told."""

import ipaddress
import json
import pathlib
import socket
import subprocess
from collections.abc import Mapping

from . import errors, packages, paths, progress, toolchain
from .stack import Stack

FOLDER = paths.LAB / "demo"
MANIFESTS = FOLDER / "render" / "manifests"
EXCHANGE = "exchange"
PARTIES = ("9999", "10000")
NAMES = (EXCHANGE, *(f"party-{party}" for party in PARTIES))
"""Stacks, in the order in which they are brought up."""
ORGANIZATION = "organization/fate"
"""What a file backend puts before a stack's name."""
HOST_PORTS: Mapping[str, Mapping[str, int]] = {
    EXCHANGE: {"rollsite": 9370},
    "party-9999": {"rollsite": 9371, "fateboard": 8080, "notebook": 20000},
    "party-10000": {"rollsite": 9372, "fateboard": 8081, "notebook": 20001},
}
"""Ports on the one Docker host; another free port is taken where one is in use."""
NODE_PORTS = {EXCHANGE: 30370, "party-9999": 30371, "party-10000": 30372}
"""Of the rendered sites: only a cluster can pick one."""

Settings = Mapping[str, str]
"""Configuration by dotted path below the namespace."""


def stack(place: str, name: str) -> Stack:
    """One site of the demo on one platform; the sites of a place share a state, so that they find each other."""
    variables = {"KUBECONFIG": str(paths.KUBECONFIG)} if place == "cluster" else {}
    return Stack(FOLDER / place, name, variables=variables)


def stacks(place: str) -> list[Stack]:
    """All sites of the demo on one platform, in order."""
    return [stack(place, name) for name in NAMES]


def manifests(name: str) -> pathlib.Path:
    """Where the YAML of a site is written when no cluster is used."""
    return MANIFESTS / name


def roles() -> dict[str, Settings]:
    """What each site is and whom it knows: the same on every platform."""
    known = {f"parties.{party}.stack": f"{ORGANIZATION}/party-{party}" for party in PARTIES}
    found: dict[str, Settings] = {EXCHANGE: {"role": "exchange", "transport": "rollsite", **known}}
    for party in PARTIES:
        link = {"exchange.stack": f"{ORGANIZATION}/{EXCHANGE}"}
        found[f"party-{party}"] = {"partyId": party, "backend": "eggroll", "retainData": "false", **link}
    return found


def rendered() -> dict[str, Settings]:
    """Settings of sites that become YAML on disk, as if each had a cluster of its own."""
    return {
        name: {
            "platform": "kubernetes",
            "kubernetes.renderTo": str(manifests(name)),
            "kubernetes.nodePorts.rollsite": str(NODE_PORTS[name]),
            "advertise.host": f"{name}.example.org",
        }
        for name in NAMES
    }


def on_cluster() -> dict[str, Settings]:
    """Settings of sites that share the lab's cluster, which is made ready."""
    from . import cluster, images
    from .cluster import addresses

    toolchain.ensure(["kubernetes", "kwok", "coredns", "etcd"])
    with progress.step("lab images", "minutes the first time"):
        images.ensure()
    with progress.step("lab cluster"):
        kubeconfig = cluster.up()
        cluster.load(images.NAMES)
    common = {"platform": "kubernetes", "kubernetes.kubeconfig": str(kubeconfig)}
    return {name: {**common, "advertise.host": addresses.BRIDGE_ADDRESS} for name in NAMES}


def on_docker() -> dict[str, Settings]:
    """Settings of sites that share the lab's Docker engine, which is made ready."""
    from . import dockerd, images

    with progress.step("Docker engine"):
        host = dockerd.up()
    with progress.step("lab images", "minutes the first time"):
        images.ensure()
    common = {"platform": "docker", "docker.host": host, "advertise.host": host_address(host)}
    taken: set[int] = set()
    found: dict[str, Settings] = {}
    for name in NAMES:
        ports = {} if stack("docker", name).exists() else _free_ports(HOST_PORTS[name], taken)
        found[name] = {**common, **ports}
    return found


def host_address(engine: str) -> str:
    """The address at which every container reaches the host's published ports: that of Docker's default bridge."""
    docker = packages.program("docker") or "docker"
    asked = ("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}")
    done = subprocess.run([docker, "--host", engine, *asked], capture_output=True, text=True, check=False)
    if done.returncode:
        raise errors.LabError(f"the engine at {engine} shows no default bridge: {done.stderr.strip()}")
    (config, *_) = json.loads(done.stdout)
    return str(config.get("Gateway") or ipaddress.ip_network(config["Subnet"])[1])


def _free_ports(wanted: Mapping[str, int], taken: set[int]) -> Settings:
    found: dict[str, str] = {}
    for name, port in wanted.items():
        number = free_port(port, taken)
        taken.add(number)
        found[f"docker.ports.{name}"] = str(number)
    return found


def free_port(wanted: int, taken: set[int] | frozenset[int] = frozenset()) -> int:
    """`wanted`, or the next port above it on which nothing listens and that is not `taken`."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            # As a server would bind: without this, a connection of an earlier run that lingers counts as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                continue
        if port not in taken:
            return port
    return wanted
