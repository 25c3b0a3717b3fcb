"""gRPC between rollsites: packets as eggroll's proxy service carries them, in plain text or with TLS.

A packet is a JSON object here, and eggroll's own message there; everything below it is the same.
"""

import json
import socket
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc

from . import service, tls_files

SERVICE, METHOD = "com.webank.ai.eggroll.api.networking.proxy.DataTransferService", "unaryCall"
SECONDS = 20.0
CALLS = 64
"""At once, of one rollsite."""

Packet = dict[str, Any]
Deliver = Callable[[Packet], Packet]


def send(host: str, port: int, files: tls_files.ClientFiles | None, packet: Packet) -> Packet:
    """What the rollsite at ``host`` answers to ``packet``; raises `RefusedError` when it does not or refuses.

    ``files``: with what TLS is spoken; ``None``: in plain text.
    """
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    channel = grpc.secure_channel(address, _credentials(files)) if files else grpc.insecure_channel(address)
    with channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{SERVICE}/{METHOD}")
        try:
            answer = call(json.dumps(packet).encode(), timeout=SECONDS)
        except grpc.RpcError as error:
            raise service.RefusedError(f"the hop to {host}:{port} failed: {error}") from error
    return dict(json.loads(answer))


def _credentials(files: tls_files.ClientFiles) -> grpc.ChannelCredentials:
    files.check()
    own = (files.key.read_bytes(), files.certificate.read_bytes()) if files.certificate and files.key else (None, None)
    return grpc.ssl_channel_credentials(files.anchors.read_bytes(), *own)


class Server:
    """Takes packets on connections that somebody else has accepted."""

    def __init__(self, deliver: Deliver) -> None:
        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            try:
                return json.dumps(deliver(dict(json.loads(request)))).encode()
            except (ValueError, service.RefusedError) as error:
                context.abort(grpc.StatusCode.UNKNOWN, str(error))
                raise

        handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(answer)
        self._server = grpc.server(futures.ThreadPoolExecutor(CALLS))
        handlers = grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler})
        self._server.add_generic_rpc_handlers((handlers,))
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def take(self, connection: socket.socket) -> None:
        """Carries one connection to its end."""
        with socket.create_connection(("127.0.0.1", self._port)) as inside:
            back = threading.Thread(target=_copy, args=(inside, connection), daemon=True)
            back.start()
            _copy(connection, inside)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
