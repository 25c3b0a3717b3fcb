"""How a workload is said in Kubernetes' and Docker's words, where it is a matter of plain functions."""

import pytest

from components import notebook
from components.platform import docker, docker_spelling, kubernetes_explain, kubernetes_network, remedies, workload
from components.platform import kubernetes_pod as pod

pytestmark = pytest.mark.unit

PEERS = workload.Port(name="rollsite", number=9370, audience=workload.Audience.PEERS)
SPEC = {"ports": [{"port": 9370, "node_port": 31234}]}


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5s"), (60, "1m0s"), (300, "5m0s"), (3600, "1h0m0s"), (3725, "1h2m5s"), (0, "0s")]
)
def test_durations_are_spelt_as_docker_reads_them_back(seconds: int, text: str) -> None:
    """Any other spelling shows a change at every preview."""
    assert docker_spelling.duration(seconds) == text


@pytest.mark.parametrize(("cores", "text"), [(0.25, "250m"), (1, "1"), (1.5, "1500m"), (0.01, "10m"), (2.0, "2")])
def test_cores_are_spelt_as_the_api_server_reads_them_back(cores: float, text: str) -> None:
    """Any other spelling shows a change at every preview."""
    assert pod.quantity(cores) == text


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (None, None),
        ("unix:///var/run/docker.sock", None),
        ("ssh://fate@gpu7.example.org:2222", "gpu7.example.org"),
        ("tcp://192.0.2.7:2376", "192.0.2.7"),
    ],
)
def test_a_remote_engine_says_where_its_ports_are(host: str | None, address: str | None) -> None:
    """A link with a wrong or made-up address is dialled by a partner in vain."""
    assert docker.engine_address(host) == address


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("mysql:8.0.28", "mysql"),
        ("mirror.example.org:5000/federatedai/fateflow-spark-nn:1.11.2-release", "fateflow-spark-nn"),
        ("fluent/fluent-bit@sha256:0123", "fluent-bit"),
    ],
)
def test_images_are_told_apart_by_their_last_part(reference: str, name: str) -> None:
    """A resource named after the registry would be replaced when the mirror moves."""
    assert docker.image_name(reference) == name


def test_a_node_port_is_known_once_the_cluster_assigned_it() -> None:
    """The link must carry the port that peers dial, and no guess before that."""
    exposure = kubernetes_network.Exposure(advertise="fate.example.org")
    endpoint = kubernetes_network.outside_endpoint(PEERS, exposure, SPEC, None)
    assert (endpoint.host, endpoint.port) == ("fate.example.org", 31234)
    rendered = kubernetes_network.outside_endpoint(PEERS, exposure, {"ports": [{"port": 9370}]}, None)
    assert rendered.port is None
    assert kubernetes_network.outside_endpoint(PEERS, exposure, None, None).port is None


def test_a_load_balancers_own_address_gives_way_to_the_advertised_one() -> None:
    """Where a NAT stands before the balancer, its own address reaches nobody."""
    status = {"load_balancer": {"ingress": [{"ip": "192.0.2.9"}]}}
    plain = kubernetes_network.Exposure(type="LoadBalancer")
    assert kubernetes_network.outside_endpoint(PEERS, plain, SPEC, status).host == "192.0.2.9"
    told = kubernetes_network.Exposure(type="LoadBalancer", advertise="fate.example.org")
    assert kubernetes_network.outside_endpoint(PEERS, told, SPEC, status).host == "fate.example.org"
    assert kubernetes_network.outside_endpoint(PEERS, plain, SPEC, {"load_balancer": {}}).host is None


@pytest.mark.parametrize(("limit", "text"), [(1, "1.0"), (2.0, "2.0"), (0.5, "0.5"), (0.25, "0.25"), (1.5, "1.5")])
def test_limits_are_spelt_as_dockers_plugin_reads_them_back(limit: float, text: str) -> None:
    """Any other spelling replaces the container at every up."""
    assert docker_spelling.cores(limit) == text


def test_a_pod_that_does_not_start_says_what_it_waits_for() -> None:
    """'timed out waiting to be Ready' alone sends an operator through every pod of the namespace."""
    backing_off = {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}
    pod = {
        "status": {
            "conditions": [{"type": "PodScheduled", "status": "False", "message": "Insufficient memory"}],
            "initContainerStatuses": [{"name": "await", "image": "eggroll:x", "ready": False, "state": backing_off}],
            "containerStatuses": [
                {"name": "rollsite", "image": "y", "ready": False, "state": {"waiting": {"reason": "PodInitializing"}}},
                {"name": "mysql", "image": "z", "ready": False, "state": {"running": {}}},
            ],
        }
    }
    assert list(kubernetes_explain.stuck(pod)) == [
        "not scheduled: Insufficient memory",
        "await waits: ImagePullBackOff: not found (image eggroll:x)",
    ]
    assert kubernetes_explain.running_unready(pod) == ["mysql"]


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        ("Bind for 0.0.0.0:9370 failed: port is already allocated", "fate:docker.ports"),
        ("spec.ports[0].nodePort: provided port is already allocated", "fate:kubernetes.nodePorts"),
        ("Unable to read Docker image: unable to pull image x", "fate:images.tag"),
        ('conflict with "other": .metadata.annotations.fate/stack', "fate:kubernetes.namespace"),
    ],
)
def test_an_error_of_a_platform_gets_the_setting_that_mends_it(error: str, setting: str) -> None:
    """A platform's own words name no key of ours, and a newcomer does not know which one it was."""
    assert setting in (remedies.remedy("rollsite", [error]) or "")
    assert remedies.remedy("rollsite", ["something unheard of"]) is None


def test_a_notebooks_hash_is_stable_and_jupyters_own() -> None:
    """A hash that changes at every run would restart the notebook at every up."""
    first = notebook.hashed("correct horse", "0123456789abcdef")
    assert first == notebook.hashed("correct horse", "0123456789abcdef")
    assert first != notebook.hashed("correct horse", "fedcba9876543210")
    assert first.startswith("argon2:$argon2id$")


def test_a_port_that_a_workload_does_not_have_is_named() -> None:
    """A typo in a port name should say itself, not fail somewhere in a manifest."""
    service = workload.Workload(
        name="rollsite", containers=(workload.Container(name="rollsite", image="eggroll"),), ports=(PEERS,)
    )
    assert service.port("rollsite") is PEERS
    with pytest.raises(KeyError, match="workload rollsite has no port grpc"):
        service.port("grpc")


def test_a_workload_with_data_that_forgot_to_be_stable_is_refused() -> None:
    """Its pods would name a volume that only a StatefulSet gives them, and never be made."""
    data = workload.Volume(name="data", paths=("/data",), size="1Gi")
    container = workload.Container(name="mysql", image="mysql")
    with pytest.raises(ValueError, match="workload mysql has data, so it must be stable"):
        workload.Workload(name="mysql", containers=(container,), volumes=(data,))
