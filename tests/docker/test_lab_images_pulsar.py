"""apachepulsar/pulsar:2.10.2 of the lab: a real broker, told and asked what the program and FATE tell and ask it."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import docker.errors
import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.docker.stand_ins import Box, Service, run

pytestmark = [pytest.mark.seconds(35), pytest.mark.heavy]

PULSAR = "apachepulsar/pulsar:2.10.2"
GUEST, HOST = 9999, 10000
PATIENCE = 90.0
"""Seconds for two brokers to start at once on two busy cores; alone one takes ten."""
NAMESPACE = "fl-tenant/202211251000"
TOPIC = f"{NAMESPACE}/guest-{GUEST}-host-{HOST}-x"
CLUSTERS = f"{fate.pulsar.CLUSTERS_FOLDER}/{fate.pulsar.CLUSTERS_FILE}"
STATS = f"/admin/v2/persistent/{TOPIC}/stats"
_SCHEMA = json.dumps({"name": "", "schema": "", "type": "BYTES", "properties": {}})


def peers(*parties: int) -> dict[int, fate.pulsar.Broker]:
    """Brokers of ``parties`` where this network has them."""
    return {party: fate.pulsar.Broker(host=f"broker-{party}") for party in parties}


def broker(party: int, peer: int) -> Service:
    """The broker of ``party``, which knows ``peer``."""
    conf = fate.pulsar.conf(party_id=party)
    clusters = fate.pulsar.clusters(party_id=party, peers=peers(peer), exchange=None)
    return Service(PULSAR, fate.pulsar.command(party_id=party), {fate.pulsar.CONF_PATH: conf, CLUSTERS: clusters})


def ask(container: Any, path: str, method: str = "GET", body: object = None) -> str:
    """What the broker's HTTP interface answers to a question that it must not refuse."""
    said = (
        "curl",
        "--silent",
        "--show-error",
        "--fail-with-body",
        "-X",
        method,
        "-H",
        "Content-Type: application/json",
    )
    data = () if body is None else ("-d", json.dumps(body))
    return run(container, *said, *data, f"http://localhost:{fate.ports.PULSAR_HTTP}{path}")


def cluster(container: Any, party: int) -> dict[str, Any]:
    """What the broker knows of a peer; empty while it knows nothing, or when Docker has lost the answer."""
    url = f"http://localhost:{fate.ports.PULSAR_HTTP}/admin/v2/clusters/{party}"
    done = container.exec_run(["curl", "--silent", "--fail", url])
    found: dict[str, Any] = json.loads(done.output or b"{}") if done.exit_code == 0 else {}
    return found


def knows(container: Any, party: int, address: str) -> None:
    """Waits until the broker has ``address`` for a peer."""
    process.wait_for(
        lambda: cluster(container, party).get("brokerServiceUrl") == address,
        PATIENCE,
        lambda: f"{party} is at {cluster(container, party)}, not {address}",
    )


def answers(container: Any, party: int) -> None:
    """Waits for the program's own probe to pass."""

    def passes() -> bool:
        try:
            return bool(container.exec_run(list(fate.pulsar.probe(party_id=party))).exit_code == 0)
        except docker.errors.APIError as error:
            raise AssertionError(container.logs(tail=40).decode(errors="replace")) from error

    process.wait_for(passes, PATIENCE, lambda: container.logs(tail=40).decode(errors="replace"))


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A network for the brokers."""
    images.ensure([PULSAR])
    made = Box()
    yield made
    made.close()


@pytest.fixture(scope="module")
def brokers(box: Box) -> dict[int, Any]:
    """Two parties' brokers that know each other, as the program starts them with the least memory it allows."""
    memory = fate.pulsar.environment(memory=fate.pulsar.SMALLEST)
    started = {
        party: box.start(broker(party, peer), f"broker-{party}", environment=memory, user=str(fate.pulsar.USER))
        for party, peer in ((GUEST, HOST), (HOST, GUEST))
    }
    for party, container in started.items():
        answers(container, party)
    return started


def test_messages_cross_between_parties_as_fate_sends_them(brokers: dict[int, Any]) -> None:
    """Brokers of one cluster name, or ones that send a peer back to its own address, let every job wait for ever."""
    for party, container in brokers.items():
        peer = HOST if party == GUEST else GUEST
        knows(container, peer, f"pulsar://broker-{peer}:6650")
        prepare(container, peer)
    # A receiver that comes first makes its broker look for the topic at the guest's, which makes it there.
    ask(brokers[GUEST], f"/admin/v2/persistent/{TOPIC}", "PUT")
    ask(brokers[HOST], f"/admin/v2/persistent/{TOPIC}/subscription/unique", "PUT", {"ledgerId": -1, "entryId": -1})
    send(brokers[GUEST], "gradients")
    process.wait_for(lambda: arrived(brokers[HOST], "gradients"), 30, lambda: ask(brokers[HOST], STATS))


def prepare(container: Any, peer: int) -> None:
    """What FATE makes before a job, once the peer is known."""
    process.wait_for(lambda: cluster(container, peer), PATIENCE, f"{peer} to be known")
    tenant = {"adminRoles": [], "allowedClusters": [str(GUEST), str(HOST)]}
    ask(container, "/admin/v2/tenants/fl-tenant", "PUT", tenant)
    ask(container, f"/admin/v2/namespaces/{NAMESPACE}", "PUT", {"replication_clusters": [str(GUEST), str(HOST)]})


def send(container: Any, text: str, topic: str = TOPIC) -> None:
    """A message of FATE's."""
    sent = {"valueSchema": _SCHEMA, "producerName": "unique_producer", "messages": [{"payload": text}]}
    ask(container, f"/topics/persistent/{topic}", "POST", sent)


def arrived(container: Any, text: str, topic: str = TOPIC) -> bool:
    """Whether the next message of the receiver is that one, from the guest."""
    peek = f"http://localhost:{fate.ports.PULSAR_HTTP}/admin/v2/persistent/{topic}/subscription/unique/position/1"
    said = container.exec_run(["curl", "--silent", "--include", peek]).output.decode()
    return f"X-Pulsar-replicated-from: {GUEST}" in said and said.endswith(text)


def test_a_peer_that_moves_or_goes_is_followed_while_the_broker_runs(brokers: dict[int, Any]) -> None:
    """FATE never changes an address that a broker knows: jobs would go on dialling where nobody is."""
    guest = brokers[GUEST]
    elsewhere = {20000: fate.pulsar.Broker(host="10.0.0.5", port=30105, proxy="proxy.example:443")}
    told = {
        "moved": (elsewhere, "pulsar://10.0.0.5:30105", "pulsar+ssl://proxy.example:443"),
        "gone": ({}, "", ""),
    }
    for table, address, proxy in told.values():
        tell(guest, {**peers(HOST), **table})
        knows(guest, 20000, address)
        assert cluster(guest, 20000)["proxyServiceUrl"] == proxy
    assert cluster(guest, HOST)["brokerServiceUrl"] == f"pulsar://broker-{HOST}:6650"


def tell(container: Any, known: dict[int, fate.pulsar.Broker]) -> None:
    """Changes what the guest's broker finds in its live folder."""
    content = fate.pulsar.clusters(party_id=GUEST, peers=known, exchange=None)
    written = container.exec_run(["bash", "-c", 'printf %s "$1" > "$2"', "bash", content, CLUSTERS], user="root")
    assert written.exit_code == 0


def test_a_stop_is_quick_and_loses_nothing(brokers: dict[int, Any]) -> None:
    """A broker that is killed after 30 s, or that starts empty, loses the messages of running jobs."""
    host = brokers[HOST]
    host.stop(timeout=30)
    assert host.wait()["StatusCode"] == 143, "killed, not ended"
    host.start()
    answers(host, HOST)
    assert NAMESPACE in json.loads(ask(host, "/admin/v2/namespaces/fl-tenant"))
    assert TOPIC in ask(host, f"/admin/v2/persistent/{NAMESPACE}")


def test_another_name_is_not_taken_for_ready(brokers: dict[int, Any]) -> None:
    """A broker on data of another party answers, but no peer's messages would ever arrive."""
    probe = fate.pulsar.probe(party_id=20001)
    assert brokers[GUEST].exec_run(list(probe)).exit_code != 0


def test_an_unknown_command_is_refused(box: Box) -> None:
    """The image plays nothing that the official one can do and it cannot."""
    tool = dataclasses.replace(broker(GUEST, HOST), command=("bin/pulsar", "broker"))
    assert "only" in box.refuses(tool, environment={})


def test_a_broker_that_was_dialled_before_it_moved_is_dialled_anew(brokers: dict[int, Any], box: Box) -> None:
    """A broker keeps to an address that it has dialled, so that all jobs after a move would wait for ever."""
    guest = brokers[GUEST]
    brokers[HOST].kill("SIGKILL")
    memory = fate.pulsar.environment(memory=fate.pulsar.SMALLEST)
    moved = box.start(broker(HOST, GUEST), "elsewhere", environment=memory, user=str(fate.pulsar.USER))
    answers(moved, HOST)
    prepare(moved, GUEST)
    tell(guest, {HOST: fate.pulsar.Broker(host="elsewhere")})
    knows(guest, HOST, "pulsar://elsewhere:6650")
    process.wait_for(lambda: "R:elsewhere/" in ask(guest, STATS), 120, lambda: ask(guest, STATS))
    after = f"{TOPIC}-after"
    ask(moved, f"/admin/v2/persistent/{after}/subscription/unique", "PUT", {"ledgerId": -1, "entryId": -1})
    send(guest, "after the move", after)
    process.wait_for(lambda: arrived(moved, "after the move", after), 120, lambda: ask(guest, STATS))
