"""What Kubernetes gives to every workload: its user, its volumes, its folder that changes, its ports, its names."""

import pathlib
from collections.abc import Callable, Iterator

import pytest

from lab import cluster as lab_cluster
from lab import process
from tests import sites
from tests.cluster.conftest import Kubectl
from tests.engine.conformance.conftest import Stack
from tests.engine.conformance.conftest import busybox as busybox
from tests.engine.conformance.conftest import docker_cli as docker_cli
from tests.engine.conformance.conftest import docker_host as docker_host
from tests.engine.conformance.conftest import empty_stack as empty_stack
from tests.engine.conformance.conftest import stack as stack

pytestmark = [pytest.mark.cluster, pytest.mark.seconds(40)]
SECONDS = 150
"""A kubelet looks at a changed ConfigMap about once a minute."""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: of-the-bank}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 16Mi}}}
"""


@pytest.fixture
def site(namespace: str, kubectl: Kubectl) -> Iterator[str]:
    """A namespace of the test's own, which the site takes."""
    kubectl("delete", "namespace", namespace)
    yield namespace
    kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


@pytest.fixture
def made(cluster: pathlib.Path, site: str, busybox: str) -> Callable[[str], str]:
    """Makes the expression of the platform, with further arguments; the image is in the node."""
    lab_cluster.load([busybox])
    args = f"site={site!r}, namespace={site!r}, kubeconfig={str(cluster)!r}"
    return lambda more: f"kubernetes.KubernetesPlatform(kubernetes.KubernetesArgs({args}, {more}))"


def test_a_workload_that_is_not_root_has_its_secret_its_volume_and_a_table_that_changes(
    stack: Stack, site: str, busybox: str, kubectl: Kubectl, made: Callable[[str], str]
) -> None:
    """RabbitMQ and Pulsar do not run as root: a secret or a volume that only root can open stops them."""
    platform = made(
        "exposures={'keeper': kubernetes.kubernetes_network.Exposure(node_ports={'store-grpc': 31701})}, "
        "operators={'keeper': kubernetes.kubernetes_network.Exposure()}"
    )

    def program(routes: str, replicas: int = 1) -> str:
        return sites.program("kubernetes", platform, site=site, image=busybox, routes=routes, replicas=replicas)

    def read(file: str, of: str = "keeper") -> str:
        return kubectl("--namespace", site, "exec", "keeper-0", "--container", of, "--", "cat", file).stdout.strip()

    stack.up(program("one"))
    assert (read("/data/user"), read("/data/word"), read("/data/first")) == ("10000", "hunter2", "one")
    ends = stack.outputs()["ends"]
    assert ends["store-grpc"]["port"] == 31701
    assert len({ends[name]["port"] for name in ("store", "store-grpc", "page")} - {None}) == 3

    moved = stack.up(program("two"))
    assert moved.touched() == {f"{site}-keeper-table"}, "a route must not restart what reads it"
    tables = ("/table/routes", "keeper"), ("/table/routes", "reader")
    process.wait_for(lambda: [read(*table) for table in tables] == ["two", "two"], SECONDS, "the new table in both")

    grown = stack.up(program("two", replicas=2))
    assert grown.touched() == {f"{site}-keeper", f"{site}-data-keeper-1"}
    dialled = ("nc", "-w", "2", "keeper-1.keeper-nodes", "7000")
    assert kubectl("--namespace", site, "exec", "keeper-0", "--", *dialled).stdout.strip() == "ok"


def test_replicas_share_somebody_elses_claim_in_folders_of_their_own(
    stack: Stack, site: str, busybox: str, kubectl: Kubectl, made: Callable[[str], str]
) -> None:
    """Two that write into one folder ruin both; a claim that goes with the stack takes the bank's data along."""

    def program(existing: str | None, replicas: int) -> str:
        return sites.program(
            "kubernetes", made(""), site=site, image=busybox, routes="one", existing=existing, replicas=replicas
        )

    stack.up(program(None, 1))
    kubectl("--namespace", site, "apply", "--filename", "-", stdin=CLAIM)
    stack.up(program("of-the-bank", 2))
    mount = kubectl("--namespace", site, "exec", "keeper-1", "--", "grep", " /data ", "/proc/self/mountinfo").stdout
    assert "/keeper-1/data /data " in mount
    refused = stack.up(program(None, 1), ok=False)
    assert "up --refresh makes it anew" in refused.text
    stack.destroy()
    phase = kubectl("--namespace", site, "get", "pvc", "of-the-bank", "--output", "jsonpath={.status.phase}").stdout
    assert phase == "Bound"
