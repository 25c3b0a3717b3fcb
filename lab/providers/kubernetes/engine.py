"""Messages to the engine: what the user sees next to a resource, or in the diagnostics."""

import enum

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Severity(enum.Enum):
    """How loud a message is."""

    DEBUG = engine_pb2.DEBUG
    INFO = engine_pb2.INFO
    WARNING = engine_pb2.WARNING
    ERROR = engine_pb2.ERROR


class Engine:
    """The engine that started the plugin; messages are dropped when it no longer listens."""

    def __init__(self, address: str) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None

    def log(self, severity: Severity, urn: str, message: str) -> None:
        """A message that stays in the diagnostics."""
        self._send(severity, urn, message, ephemeral=False)

    def status(self, severity: Severity, urn: str, message: str) -> None:
        """A message that is shown while the resource is worked on; an empty one clears it."""
        self._send(severity, urn, message, ephemeral=True)

    def _send(self, severity: Severity, urn: str, message: str, *, ephemeral: bool) -> None:
        if self._stub is None:
            return
        request = engine_pb2.LogRequest(severity=severity.value, message=message, urn=urn, ephemeral=ephemeral)
        try:
            self._stub.Log(request, timeout=10)
        except grpc.RpcError:
            return


class Voice:
    """Messages about one resource, each said once in a row."""

    def __init__(self, engine: Engine, urn: str) -> None:
        self._engine = engine
        self._urn = urn
        self._said: set[tuple[Severity, str]] = set()

    def log(self, severity: Severity, message: str) -> None:
        """A message that stays in the diagnostics."""
        if self._new(severity, message):
            self._engine.log(severity, self._urn, message)

    def status(self, severity: Severity, message: str) -> None:
        """A message that is shown while the resource is worked on."""
        if self._new(severity, message):
            self._engine.status(severity, self._urn, message)

    def clear(self) -> None:
        """Take the shown message away."""
        if self._said:
            self._engine.status(Severity.INFO, self._urn, "")

    def _new(self, severity: Severity, message: str) -> bool:
        new = (severity, message) not in self._said
        self._said.add((severity, message))
        return new
