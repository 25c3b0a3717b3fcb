"""Every backend and both exchanges with mutual TLS, on both platforms: what is shown, and where the key lies."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi
import pytest

from components import args, eggroll, exchange, mysql, nginx, part, pulsar, rabbitmq, trust
from components.platform import docker, kubernetes, workload
from components.versions import fate_1_11 as fate
from tests import mocked

pytestmark = pytest.mark.mocks
KEY, LEAF, ANCHOR, MORE = "-----the key-----", "-----the leaf-----", "-----one anchor-----", "-----another anchor-----"
SERVICE: dict[str, Any] = {"image": "some:1", "resources": workload.Resources(cpu=1, memory=2048)}
STORAGE = args.StorageArgs(size="1Gi")
PLAIN = args.ServiceArgs(**SERVICE)
PEERS = {2: fate.Hop(host="peer.example", port=9371, is_secure=True)}
ROUTES = {2: fate.nginx.Route(host="10.0.0.2", http_port=9301, tls=True, server_name="2.fate.internal")}
BROKERS = {2: fate.pulsar.Broker(host="10.0.0.2", tls_port=30651, tls=True, server_name="2.fate.internal")}
PLATFORMS = ("kubernetes", "docker")
Made = Mapping[str, pulumi.Output[workload.Endpoint]]


def believed(anchors: str = ANCHOR) -> trust.Trust:
    """A trust as the stack has it: known only while it runs."""
    key, leaf = pulumi.Output.secret(KEY), pulumi.Output.from_input(LEAF)
    return trust.Trust(private_key=key, certificate=leaf, anchors=pulumi.Output.from_input(anchors))


def parts(backend: str, anchors: str) -> list[part.PartFactory]:
    """What a party of ``backend`` shows to peers."""
    told = believed(anchors)
    if backend == "eggroll":
        engine = eggroll.EggrollArgs(
            clustermanager=PLAIN,
            nodemanager=PLAIN,
            rollsite=PLAIN,
            companion=PLAIN,
            storage=STORAGE,
            compute_cores=4,
            routes=PEERS,
            trust=told,
            front=PLAIN,
        )
        return [lambda foundation, opts: eggroll.EggrollEngine("s-eggroll", engine, foundation, opts)]
    plain_broker = rabbitmq.RabbitMQArgs(**SERVICE, storage=STORAGE)
    broker = pulsar.PulsarArgs(**SERVICE, storage=STORAGE, peers=BROKERS, trust=told)
    behind = None if backend == "spark_rabbitmq" else fate.pulsar.INSIDE
    router = nginx.NginxArgs(**SERVICE, routes=ROUTES, trust=told, broker=behind)
    transport: part.PartFactory = (
        (lambda foundation, opts: rabbitmq.RabbitMQTransport("s-rabbitmq", plain_broker, foundation, opts))
        if behind is None
        else (lambda foundation, opts: pulsar.PulsarTransport("s-pulsar", broker, foundation, opts))
    )
    return [transport, lambda foundation, opts: nginx.NginxRouter("s-nginx", router, foundation, opts)]


def party(backend: str, anchors: str, platform: workload.Platform) -> Made:
    """Runs the parts of party 1."""
    site = pulumi.ComponentResource("fate:site:Party", "s", {}, pulumi.ResourceOptions(providers=[platform.provider]))
    platform.open(site)
    opts = pulumi.ResourceOptions(parent=site)
    database = mysql.MySQL("s-mysql", mysql.MySQLArgs(**SERVICE, storage=STORAGE), platform, opts)
    engines = fate.Engines(computing="eggroll", federation="eggroll", storage="eggroll", proxy="rollsite")
    foundation = part.Foundation(site="fate-1", party_id=1, platform=platform, mysql=database, engines=engines)
    found: Sequence[part.Part] = [each(foundation, opts) for each in parts(backend, anchors)]
    return {name: where for each in found for name, where in each.peers.items()}


def middle(transport: str, anchors: str, platform: workload.Platform) -> Made:
    """Runs an exchange."""
    told: exchange.RollsiteExchangeArgs | exchange.PulsarExchangeArgs = exchange.PulsarExchangeArgs(
        **SERVICE, domain="fate.internal", routers=ROUTES, trust=believed(anchors)
    )
    if transport == "rollsite":
        front = PLAIN
        told = exchange.RollsiteExchangeArgs(**SERVICE, routes=PEERS, trust=believed(anchors), front=front)
    opts = pulumi.ResourceOptions(providers=[platform.provider])
    return exchange.Exchange("s", exchange.ExchangeArgs(site="fate-exchange", transport=told), platform, opts).peers


ROUTER = {"nginx": 9301, "nginx-grpc": 9311}
SITES: dict[str, tuple[Callable[[str, workload.Platform], Made], dict[str, int]]] = {
    "eggroll": (functools.partial(party, "eggroll"), {"rollsite": 9371}),
    "spark_rabbitmq": (functools.partial(party, "spark_rabbitmq"), ROUTER),
    "spark_pulsar": (functools.partial(party, "spark_pulsar"), {**ROUTER, "pulsar": 6651}),
    "exchange of rollsites": (functools.partial(middle, "rollsite"), {"rollsite": 9371}),
    "exchange of brokers": (functools.partial(middle, "pulsar"), {**ROUTER, "pulsar": 443}),
}
"""Every kind of site, with the ports on which others dial it. Both Pulsar backends have the same parts for this."""
CELLS = [(name, platform) for name in SITES for platform in PLATFORMS]


def run(site: str, platform: str, anchors: str = ANCHOR) -> mocked.Run:
    """The site on the platform, with its endpoints for peers as outputs."""

    def program() -> Made:
        made: workload.Platform = docker.DockerPlatform(docker.DockerArgs(site="s", advertise="fate.example.org"))
        if platform == "kubernetes":
            made = kubernetes.KubernetesPlatform(kubernetes.KubernetesArgs(site="s", namespace="ns"))
        return SITES[site][0](anchors, made)

    return mocked.registered(program)


def text(value: object) -> str:
    """``value`` as it would be searched."""
    return json.dumps(value, default=str, sort_keys=True)


@pytest.mark.parametrize(("site", "platform"), CELLS)
def test_other_sites_find_tls_ports_only(site: str, platform: str) -> None:
    """A plain port that is published too would let in everybody whom TLS keeps out."""
    made, ports = run(site, platform), dict(SITES[site][1])
    if platform == "docker":
        published = {
            int(port["internal"])
            for each in made.of("Container")
            for port in each.inputs.get("ports") or []
            if port["ip"] == "0.0.0.0"
        }
    else:
        published = {
            int(port["port"])
            for each in made.of("NetworkPolicy")
            if each.inputs["metadata"]["name"].endswith("-peers")
            for port in each.inputs["spec"]["ingress"][0]["ports"]
        }
    amqp = {5672} if site == "spark_rabbitmq" else set()
    assert published == {*ports.values()} | amqp, "RabbitMQ's data alone knows no TLS"
    assert {name for name, where in made.outputs.items() if where.tls} == set(ports)


@pytest.mark.parametrize(("site", "platform"), CELLS)
def test_the_key_lies_in_secret_files_only(site: str, platform: str) -> None:
    """Whoever may look at configuration could pass for the site."""
    held = []
    for each in run(site, platform).resources:
        inputs = dict(each.inputs)
        files = [*(inputs.pop("stringData", None) or {}).values()]
        for upload in mocked.uploads(each):
            assert KEY not in text(upload) or upload["permissions"] == "0400", each.name
            files.append(upload["content"])
        inputs.pop("uploads", None)
        assert KEY not in text(inputs), each.name
        held += [each.name] if KEY in text(files) else []
    readers = {
        "eggroll": ["rollsite", "nginx"],
        "spark_rabbitmq": ["nginx"],
        "spark_pulsar": ["pulsar", "nginx"],
        "exchange of rollsites": ["rollsite", "nginx"],
        "exchange of brokers": ["nginx"],
    }[site]
    kind = "-secret-files" if platform == "kubernetes" else ""
    assert sorted(held) == sorted(f"s-{name}{kind}" for name in readers)


@pytest.mark.parametrize(("site", "platform"), CELLS)
def test_whoever_is_admitted_or_removed_restarts_nothing(site: str, platform: str) -> None:
    """A restart for each party that comes or goes interrupts the jobs of all the others."""
    before, after = (
        {(each.type, each.name): text(each.inputs) for each in run(site, platform, anchors).resources}
        for anchors in (ANCHOR, MORE)
    )
    assert before.keys() == after.keys()
    differ = {name for kind, name in before if before[kind, name] != after[kind, name]}
    assert differ and all(name.endswith(("-routes", "-route-table", "-pulsar-clusters")) for name in differ)


def test_a_site_that_admits_nobody_yet_still_starts() -> None:
    """No server starts with an empty bundle, and the first `up` of a site comes before any other site's."""
    (routes,) = [each for each in run("spark_rabbitmq", "kubernetes", "\n").of("ConfigMap") if "routes" in each.name]
    assert routes.inputs["data"][fate.ANCHORS_FILE] == f"{LEAF}\n"


def test_the_broker_s_own_user_reads_its_key() -> None:
    """A key that is root's alone keeps a broker that is not root from ever dialling anybody."""
    (broker,) = [each for each in run("spark_pulsar", "docker").of("Container") if each.name == "s-pulsar"]
    keys = {each["file"]: each for each in mocked.uploads(broker)}
    assert keys[fate.pulsar.KEY_PAIR.key]["owner"] == str(fate.pulsar.USER)
    pods = [each for each in run("spark_pulsar", "kubernetes").of("StatefulSet") if each.name == "s-pulsar"]
    assert pods[0].inputs["spec"]["template"]["spec"]["securityContext"]["fsGroup"] == fate.pulsar.USER


def test_rollsite_needs_a_server_in_front() -> None:
    """rollsite itself would speak plain text on the port that others are told is TLS."""

    def bare() -> Made:
        exchange.RollsiteExchangeArgs(**SERVICE, trust=believed())
        return {}

    with pytest.raises(ValueError, match="nginx in front"):
        mocked.registered(bare)
