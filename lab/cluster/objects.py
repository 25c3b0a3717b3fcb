"""What a usable cluster has besides its programs: storage class, DNS service, rights of the lab's clients, nodes."""

from collections.abc import Iterable
from typing import Any

from .. import errors, process
from . import addresses, api, control

STORAGE_CLASS = "standard"
TAINT = {"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}
"""Keeps ordinary pods off simulated nodes: only a pod that tolerates it can land there."""
SIMULATED_SECONDS = 60

NODE_SIZE = {"cpu": "32", "memory": "128Gi"}
"""What the real node says it has, whatever the machine has: sites ask for what a production site needs, and several of
them must fit on a laptop, where they do little."""

ADMISSION = "admissionregistration.k8s.io"
RBAC = "rbac.authorization.k8s.io"
READ = ["get", "list", "watch"]
WRITE = [*READ, "create", "update", "patch", "delete"]
RIGHTS = {
    "system:coredns": [
        {"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": READ},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": READ},
    ],
    "system:kwok": [
        {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": WRITE},
        {"apiGroups": [""], "resources": ["nodes/status", "pods/status"], "verbs": ["get", "update", "patch"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "update", "patch"]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": WRITE},
    ],
}
"""Rights by user name; the other components have the ones Kubernetes itself defines."""


def apply() -> None:
    """Make the cluster's own objects as they should be. Raises :class:`lab.errors.LabError`."""
    for path, content in _objects():
        api.apply(path, content)


def size_node() -> None:
    """Give the node its size now: a kubelet that registered before the policy was in force would wait for minutes."""
    _, node = _object("", "v1", "Node", addresses.NODE, status={"capacity": NODE_SIZE, "allocatable": NODE_SIZE})
    api.apply(f"/api/v1/nodes/{addresses.NODE}/status", node)


def simulate(count: int) -> None:
    """Have at least ``count`` simulated nodes and wait until they are ready. Raises :class:`lab.errors.LabError`."""
    names = [f"kwok-{index}" for index in range(count)]
    for name in names:
        api.apply(f"/api/v1/nodes/{name}", _simulated(name))

    def all_ready() -> bool:
        return not set(names) - set(ready_nodes())

    process.wait_for(all_ready, SIMULATED_SECONDS, lambda: f"simulated nodes to be ready; so far {ready_nodes()}")


def ready_nodes() -> list[str]:
    """Names of the nodes that are ready, real and simulated."""
    listed = api.get("/api/v1/nodes") or {}
    return [node["metadata"]["name"] for node in listed.get("items", []) if _is_ready(node)]


def _is_ready(node: dict[str, Any]) -> bool:
    conditions = node["status"].get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def wait_for_service_accounts(seconds: float) -> None:
    """Wait until pods can be made in the default namespace: they are refused before its service account is there."""
    path = "/api/v1/namespaces/default/serviceaccounts/default"
    try:
        process.wait_for(lambda: api.get(path), seconds, "the service account of namespace default")
    except errors.LabTimeoutError as error:
        raise errors.LabError(
            f"controller-manager: {error} (log: {process.log_file('cluster-controller-manager')})"
        ) from error


def _objects() -> Iterable[tuple[str, dict[str, object]]]:
    yield _object(
        "/apis/storage.k8s.io/v1/storageclasses",
        "storage.k8s.io/v1",
        "StorageClass",
        STORAGE_CLASS,
        annotations={"storageclass.kubernetes.io/is-default-class": "true"},
        provisioner="kubernetes.io/host-path",
        reclaimPolicy="Delete",
        volumeBindingMode="Immediate",
    )
    for user, rules in RIGHTS.items():
        yield _object(f"/apis/{RBAC}/v1/clusterroles", f"{RBAC}/v1", "ClusterRole", user, rules=rules)
        yield _object(
            f"/apis/{RBAC}/v1/clusterrolebindings",
            f"{RBAC}/v1",
            "ClusterRoleBinding",
            user,
            roleRef={"apiGroup": RBAC, "kind": "ClusterRole", "name": user},
            subjects=[{"apiGroup": RBAC, "kind": "User", "name": user}],
        )
    if addresses.real_node():
        yield from _dns_service()
        yield from _node_size()


def _dns_service() -> Iterable[tuple[str, dict[str, object]]]:
    """A Service for the DNS server, which is no pod: its endpoints are written by hand."""
    ports = [("dns", "UDP"), ("dns-tcp", "TCP")]
    yield _object(
        "/api/v1/namespaces/kube-system/services",
        "v1",
        "Service",
        "kube-dns",
        spec={
            "clusterIP": addresses.DNS_SERVICE,
            "ports": [{"name": name, "protocol": protocol, "port": 53} for name, protocol in ports],
        },
    )
    yield _object(
        "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices",
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "kube-dns-lab",
        labels={"kubernetes.io/service-name": "kube-dns", "endpointslice.kubernetes.io/managed-by": "lab"},
        addressType="IPv4",
        endpoints=[{"addresses": [addresses.BRIDGE_ADDRESS], "conditions": {"ready": True}}],
        ports=[{"name": name, "protocol": protocol, "port": 53} for name, protocol in ports],
    )


def _node_size() -> Iterable[tuple[str, dict[str, object]]]:
    """A policy that corrects the size in what the kubelet reports; scheduler and kubelet both go by the result."""
    name = "lab-node-size"
    patches = ", ".join(
        f'JSONPatch{{op: "add", path: "/status/{kind}/{resource}", value: "{amount}"}}'
        for kind in ("capacity", "allocatable")
        for resource, amount in NODE_SIZE.items()
    )
    reports = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"]}
    yield _object(
        f"/apis/{ADMISSION}/v1beta1/mutatingadmissionpolicies",
        f"{ADMISSION}/v1beta1",
        "MutatingAdmissionPolicy",
        name,
        spec={
            "matchConstraints": {"resourceRules": [{**reports, "resources": ["nodes", "nodes/status"]}]},
            "matchConditions": [
                {"name": "real-node", "expression": f"object.metadata.name == '{addresses.NODE}'"},
                {"name": "sized", "expression": "has(object.status.capacity) && has(object.status.allocatable)"},
            ],
            "failurePolicy": "Ignore",
            "reinvocationPolicy": "Never",
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": f"[{patches}]"}}],
        },
    )
    yield _object(
        f"/apis/{ADMISSION}/v1beta1/mutatingadmissionpolicybindings",
        f"{ADMISSION}/v1beta1",
        "MutatingAdmissionPolicyBinding",
        name,
        spec={"policyName": name},
    )


def _object(
    collection: str,
    version: str,
    kind: str,
    name: str,
    *,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    **content: object,
) -> tuple[str, dict[str, object]]:
    """Where an object is, and the object."""
    metadata = {"name": name, "labels": labels or {}, "annotations": annotations or {}}
    return f"{collection}/{name}", {"apiVersion": version, "kind": kind, "metadata": metadata, **content}


def _simulated(name: str) -> dict[str, object]:
    key, _, value = control.FAKE_LABEL.partition("=")
    labels = {key: value, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
    _, node = _object("", "v1", "Node", name, labels=labels, spec={"taints": [TAINT]})
    return node
