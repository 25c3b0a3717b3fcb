"""How a workload with ports for everybody is reached: RabbitMQ's shape, with peers and a page for operators."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.platform import docker, docker_engine, kubernetes, kubernetes_ingress, kubernetes_network, workload
from tests import mocked

pytestmark = pytest.mark.mocks
SHOWN = kubernetes_network.Exposure(node_ports={"management": 31672}, advertise="10.0.0.9")
BALANCED = kubernetes_network.Exposure(
    type="LoadBalancer", ports={"rabbitmq": 443}, node_ports={"tracing": 30001}, advertise="fate.example.org"
)
PAGE = kubernetes_ingress.Ingress(
    hosts=("mq.example.org", "mq.example.net"),
    path="/mq",
    tls_secret="mq-tls",
    annotations={"nginx.ingress.kubernetes.io/rewrite-target": "/"},
)


def broker(*volumes: workload.Volume) -> workload.Workload:
    """Two ports for peers, two for operators."""
    peers, operators = workload.Audience.PEERS, workload.Audience.OPERATORS
    return workload.Workload(
        name="rabbitmq",
        containers=(
            workload.Container(
                name="rabbitmq",
                image="rabbitmq",
                user=999,
                files=(workload.File(path="/word", content="hush", secret=True), workload.File(path="/a", content="a")),
            ),
        ),
        ports=(
            workload.Port(name="rabbitmq", number=5672, audience=peers),
            workload.Port(name="tracing", number=5673, audience=peers),
            workload.Port(name="management", number=15672, audience=operators),
            workload.Port(name="metrics", number=15692, audience=operators),
        ),
        volumes=volumes,
        stable=True,
    )


def run(platform: workload.Platform, service: workload.Workload) -> Mapping[str, Any]:
    """Runs ``service`` below a site; its endpoints are the outputs."""
    site = pulumi.ComponentResource("fate:site:Party", "s", {}, pulumi.ResourceOptions(providers=[platform.provider]))
    platform.open(site)
    return dict(platform.run(service, parent=site).endpoints)


def on_kubernetes(*volumes: workload.Volume, **told: Any) -> mocked.Run:
    """The broker on Kubernetes."""
    args = kubernetes.KubernetesArgs(site="s", namespace="ns", **told)
    return mocked.registered(lambda: run(kubernetes.KubernetesPlatform(args), broker(*volumes)))


def on_docker(*volumes: workload.Volume, **told: Any) -> mocked.Run:
    """The broker on Docker."""
    args = docker.DockerArgs(site="s", advertise="fate.example.org", **told)
    return mocked.registered(lambda: run(docker.DockerPlatform(args), broker(*volumes)))


def admitted(made: mocked.Run) -> dict[str, list[int]]:
    """Ports that each policy of the workload opens to anybody."""
    return {
        each.name: [int(port["port"]) for port in each.inputs["spec"]["ingress"][0]["ports"]]
        for each in made.of("NetworkPolicy")
        if each.name != "s-site"
    }


def test_each_port_has_a_number_of_its_own_outside() -> None:
    """One node port for two ports is refused by the cluster; a swapped one sends peers to the wrong service."""
    made = on_kubernetes(exposures={"rabbitmq": BALANCED})
    ports = made.named("Service", "s-rabbitmq-peers").inputs["spec"]["ports"]
    assert [(port["port"], port["targetPort"], port.get("nodePort")) for port in ports] == [
        (443, 5672, None),
        (5673, 5673, 30001),
    ]
    where = {name: (each.host, each.port) for name, each in made.outputs.items()}
    assert where["rabbitmq"] == ("fate.example.org", 443)
    assert where["tracing"] == ("fate.example.org", 5673)
    assert where["management"] == ("127.0.0.1", 15672)
    assert admitted(made) == {"s-rabbitmq-peers-policy": [5672, 5673]}


def test_operators_ports_leave_the_cluster_only_when_asked() -> None:
    """A management page on every node is open to whoever reaches one of them."""
    assert "s-rabbitmq-operators" not in {each.name for each in on_kubernetes().of("Service")}
    made = on_kubernetes(operators={"rabbitmq": SHOWN})
    spec = made.named("Service", "s-rabbitmq-operators").inputs["spec"]
    assert [(port["name"], port.get("nodePort")) for port in spec["ports"]] == [
        ("management", 31672),
        ("metrics", None),
    ]
    assert (made.outputs["management"].host, made.outputs["management"].port) == ("10.0.0.9", 31672)
    assert admitted(made)["s-rabbitmq-operators-policy"] == [15672, 15692]


def test_an_ingress_has_hosts_a_path_and_a_certificate() -> None:
    """A page that is shown without the certificate that was named sends passwords in the clear."""
    made = on_kubernetes(ingresses={"rabbitmq": PAGE})
    ingress = made.named("Ingress", "s-rabbitmq-ingress").inputs
    assert ingress["spec"]["tls"] == [{"hosts": ["mq.example.org", "mq.example.net"], "secretName": "mq-tls"}]
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["mq.example.org", "mq.example.net"]
    assert "ingressClassName" not in ingress["spec"]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/rewrite-target"] == "/"
    assert made.outputs["management"] == workload.Endpoint(host="mq.example.org", port=443, tls=True, path="/mq")
    assert made.outputs["metrics"].how is not None
    assert admitted(made)["s-rabbitmq-operators-policy"] == [15672]


def test_docker_publishes_each_port_where_its_audience_is() -> None:
    """Two ports of one service on one number fail the start; a page for operators on 0.0.0.0 is everybody's."""
    made = on_docker(ports={"rabbitmq/tracing": 6673, "rabbitmq/management": 16672})
    published = made.named("Container", "s-rabbitmq").inputs["ports"]
    assert [(each["internal"], each["external"], each["ip"]) for each in published] == [
        (5672, 5672, "0.0.0.0"),
        (5673, 6673, "0.0.0.0"),
        (15672, 16672, "127.0.0.1"),
        (15692, 15692, "127.0.0.1"),
    ]
    assert (made.outputs["tracing"].host, made.outputs["tracing"].port) == ("fate.example.org", 6673)


def test_a_secret_on_docker_belongs_to_who_reads_it() -> None:
    """RabbitMQ, which is not root, could not read its own password; a mode that lets it lets everybody."""
    container = on_docker().named("Container", "s-rabbitmq")
    files = {each["file"]: (each["permissions"], each.get("owner")) for each in mocked.uploads(container)}
    assert files == {"/word": ("0400", "999"), "/a": ("0644", None)}
    assert container.inputs["user"] == "999"


def test_volumes_of_others_are_looked_for_and_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker makes what is missing, empty and without a word."""
    asked: list[tuple[str, ...]] = []

    def ask(_: docker_engine.Engine, *words: str) -> str:
        asked.append(words)
        return "bank-data\nbank-logs\n"

    monkeypatch.setattr(docker_engine.Engine, "ask", ask)
    made = on_docker(workload.Volume(name="data", paths=("/var/data", "/var/logs"), existing="bank"))
    mounted = [each["volumeName"] for each in made.named("Container", "s-rabbitmq").inputs["volumes"]]
    assert mounted == ["bank-data", "bank-logs"]
    assert made.of("Volume") == []
    assert {words[-1] for words in asked} == {"name=bank-data", "name=bank-logs"}
    with pytest.raises(pulumi.RunError, match="keep its data in the Docker volume safe, and there is none"):
        on_docker(workload.Volume(name="data", paths=("/data",), existing="safe"))
    with pytest.raises(pulumi.RunError, match="Docker mounts whole volumes"):
        on_docker(workload.Volume(name="data", paths=("/data",), existing="bank-data", sub_path="a"))


def test_a_claim_of_others_is_not_lost_with_the_namespace() -> None:
    """`retainData: false` is about the site's own data; the namespace that goes would take the bank's with it."""
    volume = workload.Volume(name="data", paths=("/data",), existing="bank")
    with pytest.raises(pulumi.RunError, match="with it the claim bank, which is not this stack's"):
        on_kubernetes(volume, keep_namespace=False)
    assert on_kubernetes(volume).of("PersistentVolumeClaim") == []
