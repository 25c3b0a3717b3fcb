"""HTTP for the stand-ins: one request, one reply, on exactly the address that the configuration names."""

import http.server
import json
import socket
import socketserver
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import service

LONGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    method: str
    path: str
    """With the query."""
    headers: Any
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is none."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())


def as_json(content: object, status: int = 200) -> Reply:
    """A JSON reply."""
    return Reply(status, json.dumps(content).encode(), "application/json")


def redirect(place: str, *headers: tuple[str, str]) -> Reply:
    """Sends the browser elsewhere."""
    return Reply(302, headers=(("Location", place), *headers))


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Answers every request with what ``answer`` returns."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, name: str, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.software = name
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise service.RefusedError(f"{host or '*'}:{port} cannot be opened: {error.strerror}") from error

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away in the middle is not worth a traceback."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _reply(self) -> None:
        assert isinstance(self.server, Server)
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            self.send_error(413)
            return
        reply = self.server.answer(Request(self.command, self.path, self.headers, self.rfile.read(length)))
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        for key, value in reply.headers:
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _reply

    def version_string(self) -> str:
        """What the reply calls its server."""
        assert isinstance(self.server, Server)
        return self.server.software

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: a probe every few seconds would bury everything else."""


class Acceptor(socketserver.ThreadingTCPServer):
    """Accepts connections and says nothing: for a port whose protocol nobody speaks here."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        try:
            super().__init__((host, port), _Silent)
        except OSError as error:
            raise service.RefusedError(f"{host}:{port} cannot be opened: {error.strerror}") from error

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away is not worth a traceback."""


class _Silent(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.request, socket.socket)
        self.request.settimeout(30)
        while self.request.recv(4096):
            pass
