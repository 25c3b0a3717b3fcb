"""What every stand-in shares: one sentence on failure, an end at once on SIGTERM, questions to others."""

import json
import pathlib
import signal
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

REACH_SECONDS = 5.0
"""How long a dependency may take to accept a connection."""
LONGEST_QUESTION = 65536


class RefusedError(Exception):
    """The configuration is wrong or a dependency does not answer; the text says which and what is expected."""


def run(name: str, main: Callable[[], object]) -> NoReturn:
    """Runs ``main`` until it returns; a refusal becomes one line on stderr and exit code 1."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    try:
        main()
    except RefusedError as error:
        print(f"{name}: {error}", file=sys.stderr, flush=True)
        sys.exit(1)
    sys.exit(0)


def reach(host: str, port: int, what: str) -> None:
    """Connects once to ``what``; raises `RefusedError` when nothing accepts there."""
    try:
        socket.create_connection((host, port), timeout=REACH_SECONDS).close()
    except OSError as error:
        raise RefusedError(f"{what} does not answer at {host}:{port}: {error}") from error


def own_address() -> str:
    """The address that this machine's own name stands for, as Java and Python services register themselves."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError as error:
        raise RefusedError(f"this machine's own name {socket.gethostname()!r} has no address: {error}") from error


class Log:
    """Appends lines to a file, with time and level; the file may be a link to the container's output."""

    def __init__(self, path: pathlib.Path, level: str = "INFO") -> None:
        self._path = path
        self._lowest = _level(level)
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("a").close()
        except OSError as error:
            raise RefusedError(f"log file {path} cannot be written: {error.strerror}") from error

    def write(self, text: str, level: str = "INFO") -> None:
        """Writes one line unless ``level`` is below the log's; a full disk does not stop the service."""
        if _level(level) < self._lowest:
            return
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        with self._lock:
            try:
                with self._path.open("a") as file:
                    file.write(f"[{level}] [{stamp}] {text}\n")
            except OSError as error:
                print(f"log file {self._path}: {error.strerror}", file=sys.stderr, flush=True)


def _level(name: str) -> int:
    levels = {"NOTSET": 0, "DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "FATAL": 50, "CRITICAL": 50}
    if name not in levels:
        raise RefusedError(f"log level {name!r} is none of {', '.join(levels)}")
    return levels[name]


Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a question, gives the answer; both are JSON objects."""


class _Handler(socketserver.StreamRequestHandler):
    """One question, one answer, one line each; a connection that says nothing (a port probe) is closed silently."""

    timeout = REACH_SECONDS

    def handle(self) -> None:
        assert isinstance(self.server, LineServer)
        try:
            line = self.rfile.readline(LONGEST_QUESTION)
            if not line.strip():
                return
            question = json.loads(line)
            if not isinstance(question, dict):
                raise ValueError("the question is not a JSON object")
            answer = self.server.answer(question)
        except (OSError, UnicodeDecodeError):
            return
        except (ValueError, RefusedError) as error:
            answer = {"error": str(error)}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class LineServer(socketserver.ThreadingTCPServer):
    """Serves JSON lines on every address of this machine, as eggroll's gRPC servers do on the same ports."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer) -> None:
        self.answer = answer
        try:
            super().__init__(("", port), _Handler)
        except OSError as error:
            raise RefusedError(f"port {port} cannot be opened: {error.strerror}") from error

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away in the middle is not worth a traceback."""


def ask(host: str, port: int, question: dict[str, Any], what: str) -> dict[str, Any]:
    """Puts a question to another stand-in; raises `RefusedError` when it does not answer or refuses."""
    try:
        with (
            socket.create_connection((host, port), timeout=REACH_SECONDS) as connection,
            connection.makefile("rwb") as file,
        ):
            file.write(json.dumps(question).encode() + b"\n")
            file.flush()
            answer = json.loads(file.readline(LONGEST_QUESTION))
    except (OSError, ValueError) as error:
        raise RefusedError(f"{what} does not answer at {host}:{port}: {error}") from error
    if not isinstance(answer, dict) or "error" in answer:
        raise RefusedError(f"{what} at {host}:{port} refused: {answer}")
    return answer


def every(seconds: float, action: Callable[[], bool | None]) -> None:
    """Calls ``action`` again and again in the background until it returns ``False``."""

    def loop() -> None:
        while True:
            time.sleep(seconds)
            if action() is False:
                return

    threading.Thread(target=loop, daemon=True).start()
