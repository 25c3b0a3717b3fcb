"""Reaches an engine behind `ssh://`, by way of `docker system dial-stdio` on the other side, as the docker client does.

The docker library's own way takes no ssh options and loads paramiko; here the system's `ssh` is enough.
"""

import collections
import contextlib
import socket
import subprocess
import threading
import urllib.parse
from collections.abc import Sequence
from typing import IO, Any

import docker
import requests.adapters
import urllib3
import urllib3.connection

LINES = 5
"""How much of what ssh prints is kept for an error message."""
API_VERSION = "1.41"
"""Spoken until the engine's own version is known."""


def client(host: str, options: Sequence[str], timeout: int) -> Any:
    """A client of the docker library whose connections are `ssh` processes; `OSError` with ssh's words on failure."""
    words: collections.deque[str] = collections.deque(maxlen=LINES)
    made: Any = docker.APIClient(base_url="http://docker.example.com:80", version=API_VERSION, timeout=timeout)
    made.mount("http://", _Adapter(command(host, options), words))
    try:
        made._version = made._retrieve_server_version()  # what version="auto" does, but it needs the connection
    except Exception as error:
        said = " ".join(words)
        raise OSError(
            f"command [ssh] has exited, make sure the URL is valid, and Docker is installed on the remote host: {said}"
            if said
            else str(error)
        ) from None
    return made


def command(host: str, options: Sequence[str]) -> list[str]:
    """The ssh command line for `ssh://[user@]host[:port]`."""
    address = urllib.parse.urlsplit(host)
    line = ["ssh", *options, "-o", "ConnectTimeout=30", "-T"]
    if address.username:
        line += ["-l", address.username]
    if address.port:
        line += ["-p", str(address.port)]
    return [*line, "--", address.hostname or "", "docker", "system", "dial-stdio"]


class _Connection(urllib3.connection.HTTPConnection):
    """An HTTP connection through the standard input and output of a process."""

    line: Sequence[str] = ()
    words: "collections.deque[str]"
    _process: "subprocess.Popen[bytes] | None" = None

    def connect(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            end = theirs.fileno()
            self._process = subprocess.Popen(self.line, stdin=end, stdout=end, stderr=subprocess.PIPE)
        threading.Thread(target=_listen, args=(self._process.stderr, self.words), daemon=True).start()
        if isinstance(self.timeout, int | float):
            ours.settimeout(self.timeout)
        self.sock = ours

    def close(self) -> None:
        super().close()
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process = None


class _Pool(urllib3.HTTPConnectionPool):
    def __init__(self, line: Sequence[str], words: "collections.deque[str]") -> None:
        super().__init__("docker.example.com", maxsize=10)
        self._line = line
        self._words = words

    def _new_conn(self) -> Any:
        connection = _Connection(self.host, timeout=self.timeout.connect_timeout)
        connection.line, connection.words = self._line, self._words
        return connection


class _Adapter(requests.adapters.HTTPAdapter):
    def __init__(self, line: Sequence[str], words: "collections.deque[str]") -> None:
        self._pool = _Pool(line, words)
        super().__init__()

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:
        return str(request.path_url)

    def close(self) -> None:
        self._pool.close()
        super().close()


def _listen(source: IO[bytes] | None, words: "collections.deque[str]") -> None:
    if source is not None:
        with source:
            words.extend(line.decode(errors="replace").strip() for line in source)
