"""What can go wrong with an object in the cluster, in the terms the engine needs."""

from .. import values
from . import objects


class ApiError(Exception):
    """The API server refused a request; the text is the server's own message."""

    def __init__(self, code: int, reason: str, message: str, details: objects.Object | None = None) -> None:
        super().__init__(message)
        self.code = code
        """HTTP status."""
        self.reason = reason
        """Kubernetes' reason, such as ``AlreadyExists``, ``Conflict``, ``Invalid``, ``NotFound``, ``Forbidden``."""
        self.details = details or {}
        """The ``details`` of the server's answer."""

    @property
    def namespace_missing(self) -> bool:
        """Whether the object's namespace is what was not found."""
        return self.reason == "NotFound" and self.details.get("kind") == "namespaces"


class NoKindError(Exception):
    """The API server does not serve a kind, usually because its CustomResourceDefinition is not installed."""


class UnreachableError(Exception):
    """No connection to the API server."""


class RefusedError(Exception):
    """A request of the engine that cannot be served; the text goes to the user as it is."""


class NotReadyError(Exception):
    """An object exists but is not ready, or a deletion has not finished; carries its last known state."""

    def __init__(self, message: str, live: objects.Object, reasons: list[str] | None = None) -> None:
        super().__init__(message)
        self.live = live
        self.reasons = reasons or []
        """What is in the way, one sentence each."""


def timed_out(live: objects.Object, reasons: list[str]) -> NotReadyError:
    """The time to get ready has passed."""
    return NotReadyError(f"'{objects.name(live)}' timed out waiting to be Ready", live, reasons)


def cancelled(live: objects.Object, reasons: list[str]) -> NotReadyError:
    """The user did not want to wait any longer."""
    return NotReadyError(f'Resource operation was cancelled for "{objects.name(live)}"', live, reasons)


def not_initialized(live: objects.Object, reasons: list[str]) -> NotReadyError:
    """The object was found unready, or can never become ready."""
    return NotReadyError(f"Resource '{objects.name(live)}' was created but failed to initialize", live, reasons)


class PartialError(Exception):
    """A request that got half way: the engine records the state and tries again in the next update."""

    def __init__(
        self,
        message: str,
        resource_id: str,
        state: values.Properties,
        reasons: list[str],
        inputs: values.Properties | None = None,
    ) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.state = state
        self.reasons = [message, *reasons]
        self.inputs = inputs
