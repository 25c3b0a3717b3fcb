"""nginx with the program's own files: it routes by party, changes its routes in place, and refuses in words."""

import json
import pathlib
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent import futures
from http import server
from typing import Any

import grpc
import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.docker.stand_ins import Box, Service, ready, run

pytestmark = pytest.mark.seconds(20)
IMAGE = "nginx:1.22.1"
PYTHON = "fate-lab/python:bookworm"
BROKERS = 8443
UNARY = "/com.webank.ai.eggroll.api.networking.proxy.DataTransferService/unaryCall"
FATEFLOW = """
import http.server, json
class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = json.dumps({"retcode": 0, "path": self.path, "size": len(body)}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said)
http.server.HTTPServer(("", 9380), Answer).serve_forever()
"""


class Peer(server.BaseHTTPRequestHandler):
    """Another party's router: answers with what it was asked."""

    def do_POST(self) -> None:
        """The name is the library's."""
        self.rfile.read(int(self.headers["Content-Length"]))
        said = {"party": self.headers["dest-party-id"], "through": self.headers["fate-route"], "path": self.path}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test asks, and the log is nobody's."""


def peer_answers(request: bytes, context: grpc.ServicerContext) -> bytes:
    """The peer over gRPC."""
    return b"peer got " + request


class Site:
    """A party's router beside a peer that runs in this process, on the address that containers know this host by."""

    def __init__(self, box: Box, routes: pathlib.Path) -> None:
        self.box, self.routes = box, routes
        box.network.reload()
        self.host = box.network.attrs["IPAM"]["Config"][0]["Gateway"]
        self.http = server.ThreadingHTTPServer((self.host, 0), Peer)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.grpc = grpc.server(futures.ThreadPoolExecutor(2))
        answer: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(peer_answers)
        service, method = UNARY[1:].split("/")
        self.grpc.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {method: answer}),))
        ports = self.http.server_port, self.grpc.add_insecure_port(f"{self.host}:0")
        self.grpc.start()
        self.peer = fate.nginx.Route(host=self.host, http_port=ports[0], grpc_port=ports[1])
        self.change({})
        files = {fate.nginx.CONF_PATH: fate.nginx.conf(owner="fate-9999", brokers=BROKERS)}
        self.nginx = box.start(
            Service(IMAGE, fate.nginx.command(), files), "nginx", binds=[f"{routes}:{fate.nginx.ROUTES_FOLDER}:ro"]
        )
        ready(self.nginx, fate.nginx.probe())
        self.nginx.reload()
        self.address = next(iter(self.nginx.attrs["NetworkSettings"]["Networks"].values()))["IPAddress"]

    def change(self, peers: dict[int, fate.nginx.Route], **more: Any) -> None:
        """New routes, put in place the way Docker's carrier does."""
        for name, text in fate.nginx.routes(owner=9999, peers=peers, **more).items():
            new = self.routes / f".{name}.new"
            new.write_text(text, encoding="utf-8")
            new.rename(self.routes / name)

    def post(self, party: str, *, size: int = 2, headers: tuple[str, ...] = ()) -> dict[str, Any]:
        """A message of FATE-Flow to ``party``, and the answer."""
        sent = [option for header in (f"DEST-PARTY-ID: {party}", *headers) for option in ("-H", header)]
        made = f'head -c {size} /dev/zero | curl -s --data-binary @- "$@" http://127.0.0.1:9300/v1/party/x'
        return dict(json.loads(run(self.nginx, "bash", "-c", made, "post", *sent)))

    def call(self, party: str) -> bytes:
        """The same over gRPC."""
        with grpc.insecure_channel(f"{self.address}:9310") as channel:
            metadata = (("dest-party-id", party),)
            ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(UNARY)
            return ask(b"hello", metadata=metadata, timeout=20)

    def close(self) -> None:
        """Ends the peer."""
        self.http.shutdown()
        self.http.server_close()
        self.grpc.stop(None)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One router for all tests."""
    images.ensure([IMAGE, f"federatedai/eggroll:{fate.TAG}"])
    routes = tmp_path_factory.mktemp("routes")
    routes.chmod(0o755)
    box = Box()
    try:
        made = Site(box, routes)
        yield made
        made.close()
    finally:
        box.close()


def test_an_unlinked_party_is_refused_by_name(site: Site) -> None:
    """FATE-Flow logs `retmsg` of an answer, and only the number of a bad status: the operator must read the cause."""
    assert site.post("777") == {"retcode": 104, "retmsg": "fate-9999 has no route to party 777: link the two parties"}
    for wrong in ("", 'x"}'):
        assert "dest-party-id" in site.post(wrong)["retmsg"]
    with pytest.raises(grpc.RpcError, match=r"NOT_FOUND[\s\S]*no route to party 777"):
        site.call("777")


def test_a_new_peer_is_routed_without_a_restart(site: Site) -> None:
    """Adding a party must not interrupt the jobs of the others."""
    process_of = run(site.nginx, "cat", "/run/nginx.pid")
    site.change({10000: site.peer})
    process.wait_for(lambda: "party" in site.post("10000"), 10, "the route to be in force")
    assert site.post("10000") == {"party": "10000", "through": ",fate-9999", "path": "/v1/party/x"}
    assert site.call("10000") == b"peer got hello"
    assert run(site.nginx, "cat", "/run/nginx.pid") == process_of


def test_a_party_without_a_route_goes_to_the_exchange(site: Site) -> None:
    """In a star only the exchange is known; its own refusal must come back as it is."""
    site.change({}, default=site.peer)
    process.wait_for(lambda: site.post("31").get("party") == "31", 10, "the route to be in force")
    circle = site.post("31", headers=("Fate-Route: ,fate-1,fate-9999",))
    assert circle["retcode"] == 104 and "circle" in circle["retmsg"]


def test_the_own_fateflow_is_found_by_name_whenever_it_comes(site: Site) -> None:
    """fateflow starts after its router, and comes back with another address."""
    assert site.post("9999") == {"retcode": 105, "retmsg": "fate-9999 gets no answer for party 9999 from fateflow:9380"}
    with pytest.raises(grpc.RpcError, match=r"UNAVAILABLE[\s\S]*no answer for party 9999"):
        site.call("9999")
    fateflow = Service(PYTHON, ("python3", "-c", FATEFLOW), {})
    first = site.box.start(fateflow, "fateflow")
    process.wait_for(lambda: site.post("9999")["retcode"] == 0, 20, "fateflow to be found")
    assert site.post("9999", size=80_000_000)["size"] == 80_000_000, "models travel this way"
    first.kill()
    blocker = site.box.start(Service(PYTHON, ("sleep", "60"), {}))  # takes the old address
    site.box.start(fateflow, "fateflow")
    process.wait_for(lambda: site.post("9999")["retcode"] == 0, 20, "fateflow to be found again")
    blocker.kill()


def test_names_are_completed_as_the_system_does(site: Site) -> None:
    """nginx knows no search list, and on Kubernetes `fateflow` is a name only with the namespace behind it."""
    table = fate.nginx.routes(owner=None, peers={2: fate.nginx.Route(host="partner", http_port=9380)})
    files = {f"{fate.nginx.ROUTES_FOLDER}/{name}": text for name, text in table.items()}
    conf = {fate.nginx.CONF_PATH: fate.nginx.conf(owner="exchange")}
    router = site.box.start(
        Service(IMAGE, fate.nginx.command(), {**files, **conf}),
        dns_search=["site.svc.test", "svc.test"],
        dns_opt=["ndots:5"],
    )
    ready(router, fate.nginx.probe())
    site.box.start(Service(PYTHON, ("python3", "-c", FATEFLOW), {}), "partner.svc.test")
    ask = ("curl", "-sd", "{}", "-H", "dest-party-id: 2", "http://127.0.0.1:9300/v1/party/x")
    process.wait_for(lambda: json.loads(run(router, *ask))["retcode"] == 0, 20, "the partner to be found")
    assert '"partner.svc.test:9310"' in run(router, "cat", f"{fate.nginx.RUN_FOLDER}/names.conf")
    router.kill("SIGKILL")


def test_tls_for_a_broker_is_passed_on_unopened(site: Site, tmp_path: pathlib.Path) -> None:
    """An exchange that opened the connection, or picked a broker by address, would break every certificate."""
    with socket.create_server((site.host, 0)) as broker:
        port = broker.getsockname()[1]
        site.change({}, brokers={"10000.fate.org": fate.Hop(host=site.host, port=port)})
        broker.settimeout(10)
        hello = process.wait_for(lambda: greeting(site, broker), 10, "the name to be routed")
    assert b"10000.fate.org" in hello


def greeting(site: Site, broker: socket.socket) -> bytes:
    """What the broker hears first of a client that asks for its name; nothing while the router refuses."""
    tls = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = tls.wrap_bio(incoming, outgoing, server_hostname="10000.fate.org")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with socket.create_connection((site.address, BROKERS), timeout=10) as connection:
        connection.sendall(outgoing.read())
        broker.settimeout(1)
        try:
            heard, _ = broker.accept()
        except TimeoutError:
            return b""
        with heard:
            return heard.recv(4096)


def test_it_stops_at_once(site: Site) -> None:
    """A router that waits out its grace period costs half a minute at every `up` that replaces it."""
    site.nginx.kill("SIGQUIT")
    process.wait_for(lambda: site.nginx.wait(timeout=8)["StatusCode"] == 0, 10, "a clean end")
