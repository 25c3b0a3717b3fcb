"""A Pulsar exchange and two slim parties on Docker by the real engine: mutual TLS whose certificates come by links."""

import dataclasses
import json
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import demo_sites, dockerd, process
from tests import parties
from tests.docker import test_lab_images_pulsar as pulsar

pytestmark = [pytest.mark.seconds(185), pytest.mark.heavy]
GUEST, HOST = 9131, 9132
NAME = "meet-9130"
PATIENCE = 180
"""Seconds for what two busy processors do in ten: a broker that takes up another's address, a reload."""
NAMESPACE = "fl-tenant/202211251130"
TOPIC = f"{NAMESPACE}/guest-{GUEST}-host-{HOST}-x"
ASKED = b"GET / HTTP/1.1\r\nHost: x\r\nDEST-PARTY-ID: 9132\r\nConnection: close\r\n\r\n"


@dataclasses.dataclass(frozen=True)
class Federation:
    """An exchange and its parties."""

    exchange: parties.Exchange
    members: dict[int, parties.Party]
    client: Any

    @property
    def sites(self) -> tuple[parties.Site, ...]:
        """All of them, the exchange first."""
        return (self.exchange, *self.members.values())

    def container(self, site: parties.Site, service: str) -> Any:
        """The container of a service."""
        return self.client.containers.get(f"{site.site}-{service}")

    def round(self) -> list[list[str]]:
        """Every site up once; what each waits for then."""
        return [(site.up(), site.pending)[1] for site in self.sites]

    def read(self, site: parties.Site, file: str) -> str:
        """A file of the site's router."""
        asked = ["cat", f"/etc/nginx/{file}"]
        # A busy engine answers nothing now and then.
        return process.wait_for(
            lambda: str(self.container(site, "nginx").exec_run(asked, user="root").output.decode()), PATIENCE, file
        )

    def shake(self, site: parties.Site, service: str, name: str, *, shown: bool = True) -> str:
        """What the guest is answered with that dials a service of ``site`` by ``name``, with its certificate or
        without; the error where there is no connection."""
        guest, there = self.members[GUEST], site.link["endpoints"][service]
        context = ssl.create_default_context(cadata=self.read(guest, "fate-routes/anchors.pem"))
        if shown:
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
                both.write(self.read(guest, "fate-tls/certificate.pem") + self.read(guest, "fate-tls/key.pem"))
                both.flush()
                context.load_cert_chain(both.name)
        try:
            with (
                socket.create_connection((there["host"], there["port"]), timeout=60) as plain,
                context.wrap_socket(plain, server_hostname=name) as secure,
            ):
                # A server of TLS 1.3 refuses a certificate after the handshake, at the first read.
                if service == "pulsar":
                    secure.settimeout(20)
                else:
                    secure.sendall(ASKED)
                return secure.recv(4096).decode(errors="replace") or "closed"
        except TimeoutError:
            return "open"
        except OSError as error:
            return f"{type(error).__name__}: {error}"


@pytest.fixture(scope="module")
def federation(
    tmp_path_factory: pytest.TempPathFactory, sweep: Callable[[str], None], client: Any
) -> Iterator[Federation]:
    """Created, not up."""
    folder = tmp_path_factory.mktemp("secure")
    here: dict[str, Any] = {"platform": "docker", "advertise": {"host": demo_sites.host_address(dockerd.up())}}

    def docker(number: int, *more: str) -> dict[str, Any]:
        shown = ("nginx", "nginxGrpc", "pulsar", *more)
        ports = {name: 20000 + 10 * (number - 9000) + place for place, name in enumerate(shown)}
        return {"ports": ports, "timeout": 300, "host": dockerd.up()}

    state = folder / "state"
    exchange = parties.Exchange(
        folder / "exchange", NAME, state=state, transport="pulsar", domain="fed.example", docker=docker(9130), **here
    )
    members = {
        number: parties.Party(
            folder / str(number),
            number,
            state=state,
            backend="spark_local_pulsar",
            notebook={"enabled": False},
            exchange=exchange.reference,
            docker=docker(number, "pulsarHttp", "fateboard"),
            **here,
        )
        for number in (GUEST, HOST)
    }
    exchange.change(parties={str(number): each.reference for number, each in members.items()})
    made = Federation(exchange, members, client)
    for site in made.sites:
        sweep(site.site)
    try:
        yield made
    finally:
        for site in made.sites:
            sweep(site.site)


def test_certificates_go_round_and_then_nothing_changes(federation: Federation) -> None:
    """Each up works with what is known so far, says what it waits for, and the last finds nothing to do."""
    middle, *members = federation.round()
    assert len(middle) == 2
    assert all("has not signed the certificate" in line for (line,) in members)
    assert federation.round() == [[], [], []]
    for site in federation.sites:
        assert site.up().touched() == set(), site.site


def test_the_key_leaves_no_site(federation: Federation) -> None:
    """A link is sent to competitors; a state is read by whoever operates the stack."""
    for site in federation.sites:
        assert "PRIVATE KEY" not in json.dumps(site.link)
        assert "PRIVATE KEY" not in site.export()


def test_who_was_admitted_is_let_in_and_nobody_else(federation: Federation) -> None:
    """By handshake, on the port that others dial; a log line proves nothing."""
    for site, name in (
        (federation.exchange, f"fate-{NAME}.fed.example"),
        (federation.members[HOST], "9132.fed.example"),
    ):
        assert "HTTP/1.1" in federation.shake(site, "nginx", name)
        assert "does not admit this certificate" in federation.shake(site, "nginx", name, shown=False)
        wrong = federation.shake(site, "nginx", "9139.fed.example")
        assert "Hostname mismatch" in wrong, wrong


def test_a_broker_is_met_through_the_exchange_by_its_name(federation: Federation) -> None:
    """The exchange passes on what it cannot read: the certificate is the other party's own."""
    # A broker lets whoever is admitted speak first.
    assert federation.shake(federation.exchange, "pulsar", "9132.fed.example") == "open"
    refused = federation.shake(federation.exchange, "pulsar", "9132.fed.example", shown=False)
    assert refused == "closed" or "Error" in refused, refused
    stranger = federation.shake(federation.exchange, "pulsar", "9139.fed.example")
    assert "Error" in stranger, stranger


def test_data_of_one_broker_arrives_in_the_other_through_the_exchange(federation: Federation) -> None:
    """As FATE sends it: tenant, namespace and topic on both, the message in one."""
    brokers = {number: federation.container(site, "pulsar") for number, site in federation.members.items()}
    clusters = [str(number) for number in brokers]
    for number, broker in brokers.items():
        peer = HOST if number == GUEST else GUEST
        _as_fate_does(federation, broker, peer)
        pulsar.ask(broker, "/admin/v2/tenants/fl-tenant", "PUT", {"adminRoles": [], "allowedClusters": clusters})
        pulsar.ask(broker, f"/admin/v2/namespaces/{NAMESPACE}", "PUT", {"replication_clusters": clusters})
    # A receiver that comes first makes its broker look for the topic at the guest's, which makes it there.
    pulsar.ask(brokers[GUEST], f"/admin/v2/persistent/{TOPIC}", "PUT")
    earliest = {"ledgerId": -1, "entryId": -1}
    pulsar.ask(brokers[HOST], f"/admin/v2/persistent/{TOPIC}/subscription/unique", "PUT", earliest)
    schema = json.dumps({"name": "", "schema": "", "type": "BYTES", "properties": {}})
    message = {"valueSchema": schema, "producerName": "unique_producer", "messages": [{"payload": "gradients"}]}
    pulsar.ask(brokers[GUEST], f"/topics/persistent/{TOPIC}", "POST", message)

    def arrived() -> bool:
        peek = f"http://localhost:8080/admin/v2/persistent/{TOPIC}/subscription/unique/position/1"
        said = brokers[HOST].exec_run(["curl", "--silent", "--include", peek]).output.decode(errors="replace")
        return f"X-Pulsar-replicated-from: {GUEST}" in said and said.endswith("gradients")

    process.wait_for(
        arrived,
        PATIENCE,
        lambda: (
            pulsar.ask(brokers[GUEST], f"/admin/v2/persistent/{TOPIC}/stats")
            + federation.container(federation.exchange, "nginx").logs(tail=20).decode(errors="replace")
            + brokers[GUEST].logs(tail=30).decode(errors="replace")
        ),
    )


def _as_fate_does(federation: Federation, broker: Any, peer: int) -> None:
    """Before the first job with ``peer`` FATE writes where it is, from its route table's default entry."""
    there = federation.exchange.link["endpoints"]["pulsar"]
    cluster = {
        "serviceUrl": "",
        "serviceUrlTls": "",
        "brokerServiceUrl": f"pulsar://{peer}.fed.example:6650",
        "brokerServiceUrlTls": f"pulsar+ssl://{peer}.fed.example:6651",
        "proxyServiceUrl": f"pulsar+ssl://{there['host']}:{there['port']}",
        "proxyProtocol": "SNI",
    }
    pulsar.ask(broker, f"/admin/v2/clusters/{peer}", "PUT", cluster)


def test_who_is_taken_out_is_let_in_no_more_and_nothing_restarts(federation: Federation) -> None:
    """A partner that left must not stay connected, and those who stay must not notice."""
    name = f"fate-{NAME}.fed.example"
    nginx = federation.container(federation.exchange, "nginx").id
    host = {str(HOST): federation.members[HOST].reference}
    federation.exchange.change(parties=host)
    federation.exchange.up()
    assert federation.container(federation.exchange, "nginx").id == nginx
    process.wait_for(
        lambda: "does not admit this certificate" in federation.shake(federation.exchange, "nginx", name),
        PATIENCE,
        lambda: federation.shake(federation.exchange, "nginx", name),
    )
    guest = federation.members[GUEST]
    guest.up()
    assert "does not know fate-9131 yet" in guest.pending[0]
