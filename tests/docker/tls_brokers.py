"""Real brokers of several parties, each behind its own nginx, that meet at an exchange; and messages for them."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import docker.errors

from components.versions import fate_1_11 as fate
from lab import process
from tests.certified import DOMAIN, Anchor
from tests.docker.stand_ins import Box, Service, run
from tests.docker.tls_routers import Router, told

PULSAR = "apachepulsar/pulsar:2.10.2"
PATIENCE = 240.0
"""Seconds for three brokers to start at once on two busy cores."""
MEMORY = 3072
HUB = "hub.example"
_CLIENT = "/pulsar/fate-lab/PulsarMessages.java"
_SOURCE = pathlib.Path(__file__).with_name("PulsarMessages.java")


def anchor(party: int | str) -> Anchor:
    """Whom others believe of a site."""
    return Anchor("fate-exchange", f"fate-{party}")


def name(party: int) -> str:
    """The name in a broker's certificate, by which it is asked for."""
    return f"{party}.{DOMAIN}"


EXCHANGE = fate.pulsar.Exchange(host=HUB, port=fate.ports.EXCHANGE_PULSAR, domain=DOMAIN)


@dataclasses.dataclass
class Broker:
    """The broker of one party, with nginx in front."""

    party: int
    container: Any
    front: Router

    def ask(self, path: str, method: str = "GET", body: object = None) -> str:
        """What the broker's HTTP interface answers to a question that it must not refuse."""
        data = () if body is None else ("-d", json.dumps(body))
        said = ("curl", "-sS", "--fail-with-body", "-X", method, "-H", "Content-Type: application/json", *data)
        return run(self.container, *said, f"http://localhost:{fate.ports.PULSAR_HTTP}/admin/v2/{path}")

    def tell(self, peers: Mapping[int, fate.pulsar.Broker]) -> None:
        """Peers that are dialled directly, the way a platform changes them; the exchange leads to all others."""
        text = fate.pulsar.clusters(party_id=self.party, peers=peers, exchange=EXCHANGE)
        path = f"{fate.pulsar.CLUSTERS_FOLDER}/{fate.pulsar.CLUSTERS_FILE}"
        done = self.container.exec_run(["bash", "-c", 'printf %s "$1" > "$2"', "bash", text, path], user="root")
        assert done.exit_code == 0

    def prepare(self, namespace: str, parties: Sequence[int]) -> None:
        """What FATE makes in its own broker before a job: the others as clusters, the tenant, a namespace."""
        known = json.loads(process.wait_for(lambda: self.ask("clusters"), 60, "the broker's clusters"))
        for party in {*map(str, parties)} - {*known}:
            self.ask(f"clusters/{party}", "PUT", entry(int(party)))
        clusters = [*map(str, parties)]
        tenants = json.loads(process.wait_for(lambda: self.ask("tenants"), 60, "the broker's tenants"))
        method = "POST" if fate.pulsar.TENANT in tenants else "PUT"
        self.ask(f"tenants/{fate.pulsar.TENANT}", method, {"adminRoles": [], "allowedClusters": clusters})
        self.ask(f"namespaces/{namespace}", "PUT", {"replication_clusters": clusters})

    def expects(self, topic: str) -> None:
        """Makes the subscription of the receiver, which keeps what comes before it asks."""
        self.ask(f"persistent/{topic}/subscription/unique", "PUT", {"ledgerId": -1, "entryId": -1})

    def messages(self, *words: str) -> list[str]:
        """What Pulsar's own client sent or received, a line for each message."""
        heap = ("-Xmx900m", "-XX:MaxDirectMemorySize=600m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        client = ("java", *heap, "-cp", "/pulsar/lib/*", _CLIENT, *words)
        said = run(self.container, "timeout", "420", *client)
        return [line.removeprefix("message ") for line in said.splitlines() if line.startswith("message ")]


def entry(party: int) -> Mapping[str, str]:
    """What FATE writes of a party that the exchange leads to."""
    told_default = json.loads(fate.pulsar.clusters(party_id=1, peers={}, exchange=EXCHANGE))["default"]
    return {key: value.replace("@PARTY@", str(party)) for key, value in told_default.items()}


def begin(box: Box, folder: pathlib.Path, party: int, anchors: str) -> Broker:
    """Starts one party's broker and its nginx with the program's own files."""
    pair = anchor(party).signs(name(party))
    clusters = fate.pulsar.clusters(party_id=party, peers={}, exchange=EXCHANGE)
    files = {
        fate.pulsar.CONF_PATH: fate.pulsar.conf(party_id=party, tls=True),
        fate.pulsar.KEY_PAIR.certificate: pair.certificate,
        fate.pulsar.KEY_PAIR.key: pair.key,
        f"{fate.pulsar.CLUSTERS_FOLDER}/{fate.pulsar.CLUSTERS_FILE}": clusters,
        f"{fate.pulsar.CLUSTERS_FOLDER}/{fate.ANCHORS_FILE}": anchors,
        _CLIENT: _SOURCE.read_text(encoding="utf-8"),
    }
    service = Service(PULSAR, fate.pulsar.command(party_id=party), files)
    memory = fate.pulsar.environment(memory=MEMORY)
    container = box.start(service, f"pulsar-{party}", environment=memory, user=str(fate.pulsar.USER))
    conf = fate.nginx.secure_conf(owner=f"fate-{party}", party_id=party, broker=True)
    inside = fate.nginx.inside(fate.Hop(host=f"pulsar-{party}", port=fate.ports.PULSAR), port=fate.ports.PULSAR_TLS)
    front = Router(box, conf, pair, folder / f"front-{party}")
    front.start({**told(party, anchors, peers={}), **inside}, f"front-{party}")
    return Broker(party, container, front)


def answers(broker: Broker) -> None:
    """Waits for the program's own probe to pass."""

    def passes() -> bool:
        try:
            return bool(broker.container.exec_run(list(fate.pulsar.probe(party_id=broker.party))).exit_code == 0)
        except docker.errors.APIError as error:
            raise AssertionError(broker.container.logs(tail=40).decode(errors="replace")) from error

    process.wait_for(passes, PATIENCE, lambda: broker.container.logs(tail=40).decode(errors="replace"))


def meet(box: Box, folder: pathlib.Path, anchors: str, parties: Sequence[int]) -> Router:
    """The exchange between them."""
    pair = anchor("exchange").signs(f"fate-exchange.{DOMAIN}")
    conf = fate.nginx.secure_conf(owner="fate-exchange", party_id=None, brokers=fate.ports.EXCHANGE_PULSAR)
    brokers = {name(each): fate.Hop(host=f"front-{each}", port=fate.ports.PULSAR_TLS) for each in parties}
    hub = Router(box, conf, pair, folder / "hub")
    return hub.start(told(None, anchors, peers={}, brokers=brokers), HUB)
