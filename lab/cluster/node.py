"""The real node: containerd, kubelet, kube-proxy, and CoreDNS beside them, all with their state below .lab/cluster."""

import datetime
import json
import pathlib
import socket
import struct
from typing import Any

from .. import daemon, packages, paths, process
from . import addresses, api, archive, certificates, component, containerd, network

LONGEST_SOCKET = paths.CLUSTER / "kubelet" / "pod-resources" / "kubelet.sock"
READY_SECONDS = 90
"""A node is ready 5 to 15 seconds after its kubelet starts; a loaded machine takes longer."""
PROGRAMS = {
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "mount": "mount",
    f"{containerd.CNI_PROGRAMS}/bridge": "containernetworking-plugins",
}
OFF = {
    f"{signal}": "0%"
    for signal in (
        "memory.available",
        "nodefs.available",
        "nodefs.inodesFree",
        "imagefs.available",
        "imagefs.inodesFree",
    )
}
"""A lab's disk is often nearly full, and an image that the kubelet throws away cannot be pulled again."""


def components() -> list[component.Component]:
    """In the order they start."""
    return [_dns(), containerd.component_of(), _kubelet(), _proxy()]


def prepare() -> None:
    """Install what is missing and make the network: before the control plane, which serves on the bridge."""
    daemon.require_short(LONGEST_SOCKET)
    packages.require(PROGRAMS)
    network.up()


def ready() -> bool:
    """Whether the API server counts the node as ready, by word of the kubelet that runs now."""
    node = api.get(f"/api/v1/nodes/{addresses.NODE}")
    conditions = node["status"].get("conditions", []) if node else []
    return any(one["type"] == "Ready" and one["status"] == "True" and _is_new(one) for one in conditions)


def _is_new(condition: dict[str, Any]) -> bool:
    """Whether a condition was reported after the kubelet's start: the store remembers an earlier run's as well."""
    reported = datetime.datetime.fromisoformat(condition["lastHeartbeatTime"])
    started = (process.RUN / "cluster-kubelet.pid").stat().st_mtime
    return reported.timestamp() >= int(started)


def up() -> None:
    """Start the node's programs, as far as they do not run, and its sandbox image. Raises LabError."""
    dns, runtime, kubelet, proxy = components()
    dns.up()
    runtime.up()
    if archive.SANDBOX not in containerd.images():
        containerd.import_archive(archive.sandbox())
    kubelet.up()
    proxy.up()


def _kubelet_configuration() -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": addresses.BRIDGE_ADDRESS,
        "port": addresses.KUBELET_PORT,
        "healthzBindAddress": addresses.LOOPBACK,
        "healthzPort": addresses.KUBELET_HEALTH_PORT,
        "tlsCertFile": str(certificates.certificate("kubelet-server")),
        "tlsPrivateKeyFile": str(certificates.key("kubelet-server")),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates.certificate(certificates.CLUSTER_CA))},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{containerd.SOCKET}",
        "cgroupDriver": "cgroupfs",
        "failSwapOn": False,
        "failCgroupV1": False,
        "localStorageCapacityIsolation": False,
        "oomScoreAdj": 0,
        "maxPods": 200,
        "clusterDomain": addresses.DOMAIN,
        "clusterDNS": [addresses.BRIDGE_ADDRESS],
        # No search domain of the machine's own: a name must mean the same in every lab.
        "resolvConf": "",
        "podLogsDir": str(component.folder("logs")),
        "volumePluginDir": str(component.folder("plugins")),
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": OFF,
        # Changed ConfigMaps reach mounted folders within seconds instead of a minute and a half.
        "syncFrequency": "10s",
    }


def _kubelet() -> component.Component:
    file = component.settings("kubelet.json", json.dumps(_kubelet_configuration(), indent=2))
    flags = (
        f"--config={file}",
        f"--kubeconfig={certificates.kubeconfig('kubelet')}",
        f"--hostname-override={addresses.NODE}",
        f"--node-ip={addresses.BRIDGE_ADDRESS}",
        f"--root-dir={component.folder('kubelet')}",
    )
    health = f"http://{addresses.LOOPBACK}:{addresses.KUBELET_HEALTH_PORT}/healthz"
    return component.Component(
        "kubelet",
        (component.binary("kubelet"), *flags),
        lambda: api.answers(health) and ready(),
        READY_SECONDS,
    )


def _proxy() -> component.Component:
    configuration = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clusterCIDR": addresses.POD_NETWORK,
        "clientConnection": {"kubeconfig": str(certificates.kubeconfig("proxy"))},
        "hostnameOverride": addresses.NODE,
        "healthzBindAddress": f"{addresses.LOOPBACK}:{addresses.PROXY_HEALTH_PORT}",
        "metricsBindAddress": f"{addresses.LOOPBACK}:{addresses.PROXY_METRICS_PORT}",
        "nodePortAddresses": list(addresses.NODE_PORTS),
        # The machine's connection table is not ours to resize.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }
    file = component.settings("proxy.json", json.dumps(configuration, indent=2))
    health = f"http://{addresses.LOOPBACK}:{addresses.PROXY_HEALTH_PORT}/healthz"
    command = (component.binary("kube-proxy"), f"--config={file}")
    return component.Component("proxy", command, lambda: api.answers(health) and network.foreign_kubernetes())


def _dns() -> component.Component:
    forward = "    forward . /etc/resolv.conf\n" if pathlib.Path("/etc/resolv.conf").exists() else ""
    file = component.settings(
        "Corefile",
        f""".:53 {{
    bind {addresses.BRIDGE_ADDRESS}
    errors
    kubernetes {addresses.DOMAIN} in-addr.arpa ip6.arpa {{
        kubeconfig {certificates.kubeconfig("dns")}
        pods insecure
        ttl 5
    }}
{forward}    cache 5
    loadbalance
}}
""",
    )
    command = (component.binary("coredns"), f"-conf={file}")
    return component.Component("dns", command, lambda: resolves(f"kubernetes.default.svc.{addresses.DOMAIN}"))


def resolves(name: str) -> bool:
    """Whether the cluster's DNS gives an address for a name, asked as a pod asks."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1)
        try:
            asking.sendto(query, (addresses.BRIDGE_ADDRESS, 53))
            answer = asking.recv(512)
        except OSError:
            return False
    flags, found = struct.unpack_from(">HxxH", answer, 2)
    return bool(flags & 0xF == 0 and found)
