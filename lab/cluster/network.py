"""The node's network on this machine: bridge, route to the service network, forwarding and packet filter rules."""

import ipaddress
import json
import pathlib
import subprocess

from .. import errors, packages
from . import addresses, component

CHAIN = "FATE-LAB"
"""Every rule of ours is in a chain of this name, so removing it removes them all."""
NETWORK_NAME = "fate-lab"
"""What the CNI plugins call the pods' network; their own files carry it."""
SWITCHES = ("/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/bridge/bridge-nf-call-iptables")
HOOKS = (("filter", "FORWARD"), ("filter", "INPUT"), ("nat", "POSTROUTING"))
"""Appended at the end of these: kube-proxy's refusals and Docker's isolation come first, then what they left open is
allowed, whatever the policy is (Docker sets FORWARD to DROP)."""


def rules() -> list[tuple[str, str, tuple[str, ...]]]:
    """(table, chain, rule) for each rule of ours."""
    pods = addresses.POD_NETWORK
    return [
        ("filter", f"{CHAIN}-FORWARD", ("-s", pods, "-j", "ACCEPT")),
        ("filter", f"{CHAIN}-FORWARD", ("-d", pods, "-j", "ACCEPT")),
        ("filter", f"{CHAIN}-INPUT", ("-i", addresses.BRIDGE, "-j", "ACCEPT")),
        ("nat", f"{CHAIN}-POSTROUTING", ("-s", pods, "!", "-d", pods, "-j", "MASQUERADE")),
    ]


def up() -> None:
    """Make the bridge and the rules, as far as they are missing.

    Raises :class:`lab.errors.LabError` when another interface has the cluster's addresses.
    """
    _refuse_overlap()
    links = {link["ifname"] for link in json.loads(run("ip", "-json", "link", "show"))}
    if addresses.BRIDGE not in links:
        run("ip", "link", "add", addresses.BRIDGE, "type", "bridge")
    run("ip", "addr", "replace", f"{addresses.BRIDGE_ADDRESS}/{addresses.BRIDGE_PREFIX}", "dev", addresses.BRIDGE)
    run("ip", "link", "set", addresses.BRIDGE, "up")
    # Packets to service addresses need a route to be looked at by kube-proxy's rules: without this the machine itself
    # reaches Services only while it has a default route.
    run("ip", "route", "replace", addresses.SERVICE_NETWORK, "dev", addresses.BRIDGE)
    _switch_on()
    for table, hook in HOOKS:
        chain = f"{CHAIN}-{hook}"
        if not _succeeds("iptables", "-w", "-t", table, "-n", "-L", chain):
            run("iptables", "-w", "-t", table, "-N", chain)
        _append(table, hook, ("-j", chain))
    for table, chain, rule in rules():
        _append(table, chain, rule)


def down() -> None:
    """Remove the bridge, the rules of ours and those that kubelet and kube-proxy left in the packet filters.

    IP forwarding stays on: Docker needs it as well, and nobody knows who had switched it on first.
    """
    if _succeeds("ip", "link", "show", addresses.BRIDGE):
        run("ip", "link", "delete", addresses.BRIDGE)
    for program in ("iptables", "ip6tables"):
        if packages.program(f"{program}-save") is not None:
            for table in ("filter", "nat", "mangle"):
                _remove_chains(program, table)


def foreign_kubernetes() -> bool:
    """Whether service rules of a Kubernetes are in the packet filter (ours, or another one's)."""
    return _succeeds("iptables", "-w", "-t", "nat", "-n", "-L", "KUBE-SERVICES")


def cni_configuration() -> str:
    """Configuration of the pods' network for the CNI plugins, as JSON."""
    bridge = {
        "type": "bridge",
        "bridge": addresses.BRIDGE,
        "isGateway": True,
        # A pod may reach itself through its own Service.
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": {
            "type": "host-local",
            "dataDir": str(component.folder("cni", "addresses")),
            "ranges": [[{"subnet": addresses.POD_NETWORK, "gateway": addresses.BRIDGE_ADDRESS}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    return json.dumps({"cniVersion": "0.4.0", "name": NETWORK_NAME, "plugins": [bridge, portmap]}, indent=2)


def run(*command: str) -> str:
    """Run a system program and return what it prints. Raises :class:`lab.errors.LabError` with its last words."""
    result = _call(*command)
    if result.returncode:
        raise errors.LabError(f"`{' '.join(command)}` failed: {result.stderr.strip() or result.returncode}")
    return result.stdout


def _call(*command: str) -> subprocess.CompletedProcess[str]:
    program = packages.program(command[0])
    if program is None:
        raise errors.LabError(f"{command[0]} is missing on this machine")
    return subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)


def _succeeds(*command: str) -> bool:
    return _call(*command).returncode == 0


def _append(table: str, chain: str, rule: tuple[str, ...]) -> None:
    if not _succeeds("iptables", "-w", "-t", table, "-C", chain, *rule):
        run("iptables", "-w", "-t", table, "-A", chain, *rule)


def _refuse_overlap() -> None:
    ours = [ipaddress.ip_network(text) for text in (addresses.POD_NETWORK, addresses.SERVICE_NETWORK)]
    for link in json.loads(run("ip", "-json", "-4", "addr", "show")):
        if link["ifname"] == addresses.BRIDGE:
            continue
        for entry in link["addr_info"]:
            network = ipaddress.ip_network(f"{entry['local']}/{entry['prefixlen']}", strict=False)
            if any(network.overlaps(one) for one in ours):
                raise errors.LabError(
                    f"interface {link['ifname']} has {network}, which overlaps the lab cluster's networks "
                    f"({', '.join(map(str, ours))}): change them in lab/cluster/addresses.py"
                )


def _switch_on() -> None:
    if not pathlib.Path(SWITCHES[1]).exists() and packages.program("modprobe") is not None:
        _call("modprobe", "br_netfilter")
    for switch in map(pathlib.Path, SWITCHES):
        if not switch.exists():
            raise errors.LabError(f"this kernel lacks {switch}: pods could not reach Services (module br_netfilter)")
        if switch.read_text().strip() != "1":
            switch.write_text("1")


def _remove_chains(program: str, table: str) -> None:
    """Remove the chains of ours, kubelet's, kube-proxy's and the CNI plugins', first the rules that lead to them.

    Only these are named, so rules that Docker changes meanwhile are safe.
    """
    ours = (f"{CHAIN}-", "KUBE-", "CNI-HOSTPORT-", "CNI-DN-")
    chains: list[str] = []
    hooks: list[str] = []
    for line in run(f"{program}-save", "-t", table).splitlines():
        words = line.lstrip(":").split()
        if line.startswith(":") and words[0].startswith(ours):
            chains.append(words[0])
        elif line.startswith("-A") and not words[1].startswith(ours) and any(word.startswith(ours) for word in words):
            hooks.append(line.replace("-A", "-D", 1))
    if chains or hooks:
        emptied = [f"-F {chain}" for chain in chains]
        removed = [f"-X {chain}" for chain in chains]
        _restore(program, "\n".join([f"*{table}", *hooks, *emptied, *removed, "COMMIT", ""]))


def _restore(program: str, script: str) -> None:
    restore = packages.program(f"{program}-restore") or f"{program}-restore"
    result = subprocess.run([restore, "-w", "--noflush"], input=script, capture_output=True, text=True, check=False)
    if result.returncode:
        raise errors.LabError(f"{program}: the cluster's rules could not be removed: {result.stderr.strip()}")
