"""Routers of several sites with mutual TLS on one network, as the program starts them, and clients to try them with."""

import dataclasses
import pathlib
import socket
import ssl
import tempfile
from collections.abc import Mapping
from typing import Any

import grpc

from components.versions import fate_1_11 as fate
from tests.certified import Pair
from tests.docker.stand_ins import Box, Service, ready, run

IMAGE = "nginx:1.22.1"
UNARY = "/com.webank.ai.eggroll.api.networking.proxy.DataTransferService/unaryCall"


@dataclasses.dataclass
class Router:
    """nginx of one site, whose routes and anchors change the way a platform changes them."""

    box: Box
    conf: str
    pair: Pair
    folder: pathlib.Path
    """The live folder, on this machine."""

    def start(self, live: Mapping[str, str], *names: str) -> "Router":
        """Starts it with what it finds in its live folder; the others dial it by any of ``names``."""
        self.folder.mkdir(mode=0o755)
        self.change(live)
        files = {
            fate.nginx.CONF_PATH: self.conf,
            fate.nginx.KEY_PAIR.certificate: self.pair.certificate,
            fate.nginx.KEY_PAIR.key: self.pair.key,
        }
        self.container = self.box.start(
            Service(IMAGE, fate.nginx.command(tls=True), files),
            *names,
            binds=[f"{self.folder}:{fate.nginx.ROUTES_FOLDER}:ro"],
        )
        ready(self.container, fate.nginx.probe())
        self.container.reload()
        (network,) = self.container.attrs["NetworkSettings"]["Networks"].values()
        self.address = str(network["IPAddress"])
        return self

    def change(self, live: Mapping[str, str]) -> None:
        """Every file in place by rename, as Docker's carrier puts it."""
        for name, text in live.items():
            new = self.folder / f".{name}.new"
            new.write_text(text, encoding="utf-8")
            new.rename(self.folder / name)

    @property
    def process(self) -> str:
        """Id of nginx's first process: another after a restart."""
        return run(self.container, "cat", "/run/nginx.pid")

    def post(self, party: str, *, port: int = fate.ports.NGINX_HTTP, also: tuple[str, ...] = ()) -> str:
        """A message of FATE-Flow inside the site to ``party``; status and answer."""
        url = f"http://127.0.0.1:{port}/v1/party/x"
        said = ("curl", "-s", "-w", " %{http_code}", "-d", "{}", "-H", f"DEST-PARTY-ID: {party}", *also, url)
        return run(self.container, *said)

    def call(self, party: str) -> bytes:
        """The same over gRPC."""
        with grpc.insecure_channel(f"{self.address}:{fate.ports.NGINX_GRPC}") as channel:
            ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(UNARY)
            return ask(b"hello", metadata=(("dest-party-id", party),), timeout=30)


def client(anchors: str, pair: Pair | None) -> ssl.SSLContext:
    """One that believes ``anchors`` and shows ``pair``, if it has one."""
    context = ssl.create_default_context(cadata=anchors)
    if pair is not None:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
            both.write(pair.certificate + pair.key)
            both.flush()
            context.load_cert_chain(both.name)
    return context


def answer(address: str, port: int, context: ssl.SSLContext | None, name: str, said: bytes) -> bytes:
    """What a server answers until it ends the connection. ``context`` of ``None``: the client speaks plain text."""
    try:
        with socket.create_connection((address, port), timeout=120) as plain:
            connection = context.wrap_socket(plain, server_hostname=name) if context else plain
            with connection:
                connection.sendall(said)
                return b"".join(iter(lambda: connection.recv(65536), b""))
    except (ssl.SSLError, ConnectionError) as error:
        if isinstance(error, ssl.SSLCertVerificationError):
            raise
        return b""


def http(party: str) -> bytes:
    """A message of FATE-Flow to ``party`` as it goes over a connection."""
    head = f"POST /v1/party/x HTTP/1.1\r\nHost: x\r\nDEST-PARTY-ID: {party}\r\nContent-Length: 2\r\n"
    return head.encode() + b"Connection: close\r\n\r\n{}"


def told(owner: int | None, anchors: str, **routes: Any) -> dict[str, str]:
    """A live folder's files."""
    return {**fate.nginx.routes(owner=owner, tls=True, **routes), fate.ANCHORS_FILE: anchors}
