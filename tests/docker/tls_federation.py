"""Two parties and their exchange with mutual TLS between real routers.

Party 9999 reaches party 10000 over the exchange; each hop is dialled with the dialler's certificate and checked for the
name that the link says. fateflow of party 10000 is served from this process.
"""

import contextlib
import dataclasses
import json
import pathlib
import threading
from collections.abc import Iterator
from concurrent import futures
from http import server
from typing import Any

import grpc
import pytest

from components.versions import fate_1_11 as fate
from lab import images
from tests.certified import DOMAIN, Anchor, Pair
from tests.docker.stand_ins import Box, Service
from tests.docker.tls_routers import IMAGE, UNARY, Router, answer, client, http, told

PYTHON = "fate-lab/python:bookworm"
GUEST, HOST, HUB = (Anchor("fate-exchange", site) for site in ("fate-9999", "fate-10000", "fate-exchange"))
EVERYBODY = GUEST.pem + HOST.pem + HUB.pem
SHOWN = {
    "guest": GUEST.signs(f"9999.{DOMAIN}"),
    "host": HOST.signs(f"10000.{DOMAIN}", "host.example"),
    "hub": HUB.signs(f"fate-exchange.{DOMAIN}", "hub.example"),
}
FORWARD = """
import socket, sys, threading
def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
def serve(port, host, there):
    listener = socket.create_server(("", port), backlog=512)
    while True:
        one, other = listener.accept()[0], socket.create_connection((host, there))
        for pair in ((one, other), (other, one)):
            threading.Thread(target=copy, args=pair, daemon=True).start()
for port, there in zip(sys.argv[2::2], sys.argv[3::2]):
    threading.Thread(target=serve, args=(int(port), sys.argv[1], int(there))).start()
"""


class Fateflow(server.BaseHTTPRequestHandler):
    """Answers with what it was asked, once it may."""

    may = threading.Event()
    asked = threading.Semaphore(0)

    def do_POST(self) -> None:
        """The name is the library's."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.release()
        self.may.wait(120)
        said = json.dumps({"party": self.headers["dest-party-id"], "through": self.headers["fate-route"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test asks, and the log is nobody's."""


class Server(server.ThreadingHTTPServer):
    """Takes as many requests at once as a test has in flight."""

    request_queue_size = 512


@dataclasses.dataclass
class Federation:
    """Two parties and their exchange."""

    box: Box
    guest: Router
    host: Router
    hub: Router


def fateflow(box: Box) -> Iterator[None]:
    """fateflow of the host, over HTTP and gRPC, under the name that its router dials."""
    box.network.reload()
    here = box.network.attrs["IPAM"]["Config"][0]["Gateway"]
    web = Server((here, 0), Fateflow)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    rpc = grpc.server(futures.ThreadPoolExecutor(4))
    reply: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
        lambda said, _: b"host got " + said
    )
    service, method = UNARY[1:].split("/")
    rpc.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {method: reply}),))
    ports = web.server_port, rpc.add_insecure_port(f"{here}:0")
    rpc.start()
    told_ports = (str(each) for pair in zip((9380, 9360), ports, strict=True) for each in pair)
    box.start(Service(PYTHON, ("python3", "-c", FORWARD, here, *told_ports), {}), "fateflow")
    yield
    web.shutdown()
    web.server_close()
    rpc.stop(None)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Everything, for all tests."""
    images.ensure([IMAGE, f"federatedai/eggroll:{fate.TAG}"])
    folder = tmp_path_factory.mktemp("live")
    box = Box()
    serving = fateflow(box)
    try:
        next(serving)
        Fateflow.may.set()
        yield made(box, folder)
        next(serving, None)
    finally:
        box.close()


def made(box: Box, folder: pathlib.Path) -> Federation:
    """The three routers, each started with the program's own files."""

    def router(name: str, **conf: Any) -> Router:
        return Router(box, fate.nginx.secure_conf(**conf), SHOWN[name], folder / name)

    host = router("host", owner="fate-10000", party_id=10000).start(told(10000, EVERYBODY, peers={}), "host.example")
    routes = {10000: over(host.address, f"10000.{DOMAIN}")}
    hub = router("hub", owner="fate-exchange", party_id=None).start(told(None, EVERYBODY, peers=routes), "hub.example")
    middle = over("hub.example")
    guest = router("guest", owner="fate-9999", party_id=9999).start(
        told(9999, EVERYBODY, peers={}, default=middle), "guest.example"
    )
    return Federation(box, guest, host, hub)


def over(host: str, name: str | None = None) -> fate.nginx.Route:
    """A router that is dialled with TLS."""
    ports = {"http_port": fate.ports.NGINX_HTTP_TLS, "grpc_port": fate.ports.NGINX_GRPC_TLS}
    return fate.nginx.Route(host=host, tls=True, server_name=name, **ports)


def ask(federation: Federation, pair: Pair | None, party: str = "10000", name: str = f"10000.{DOMAIN}") -> bytes:
    """The host's answer to a message that comes straight to its TLS port."""
    context = client(EVERYBODY, pair)
    return answer(federation.host.address, fate.ports.NGINX_HTTP_TLS, context, name, http(party))


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Until the end nobody gets an answer from fateflow."""
    Fateflow.may.clear()
    while Fateflow.asked.acquire(blocking=False):
        pass
    try:
        yield
    finally:
        Fateflow.may.set()
