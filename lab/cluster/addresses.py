"""Names, networks and ports of the lab cluster: every number it occupies on the machine is in this file."""

import os

BRIDGE = "fate0"
"""The node's bridge; it is made before the API server, which pods reach at its address."""
POD_NETWORK = "10.213.0.0/16"
"""Far from Docker's 172.16.0.0/12 and from the pools that home and office networks use."""
BRIDGE_ADDRESS = "10.213.0.1"
BRIDGE_PREFIX = 16
SERVICE_NETWORK = "10.214.0.0/16"
API_SERVICE = "10.214.0.1"
"""First address of the service network: Kubernetes gives it to the Service `kubernetes`."""
DNS_SERVICE = "10.214.0.10"
"""Where `kube-dns.kube-system` is found in most clusters, as programs with a resolver setting expect."""
SIMULATED_NETWORK = "10.215.0.1/16"
"""Addresses that kwok gives to simulated pods; nothing answers there."""
NODE_PORTS = ("127.0.0.0/8", "10.213.0.0/16")
"""Node ports answer on the machine itself and to pods, never on its other interfaces."""

LOOPBACK = "127.0.0.1"
API_PORT = 6443
ETCD_PORT = 12379
ETCD_PEER_PORT = 12380
ETCD_HEALTH_PORT = 12381
CONTROLLER_MANAGER_PORT = 10257
SCHEDULER_PORT = 10259
KUBELET_PORT = 10250
KUBELET_HEALTH_PORT = 10248
PROXY_HEALTH_PORT = 10256
PROXY_METRICS_PORT = 10249
KWOK_PORT = 10247

NODE = "lab"
"""Name of the real node."""
DOMAIN = "cluster.local"


def real_node() -> bool:
    """Whether this user can run the node that runs pods: containers, interfaces and packet filters take root."""
    return os.geteuid() == 0


def api_address() -> str:
    """Address the API server binds: the bridge's, for pods dial it; loopback when there is no real node."""
    return BRIDGE_ADDRESS if real_node() else LOOPBACK


def api_url() -> str:
    """What kubeconfigs point at."""
    return f"https://{api_address()}:{API_PORT}"
