"""Services and Ingresses, which are ready once traffic has somewhere to go."""

import time

from .. import engine, objects
from . import base

_ENDPOINTS = objects.Kind("", "v1", "Endpoints")
_SERVICE = objects.Kind("", "v1", "Service")
_SETTLE_SECONDS = 10.0
"""Time without news of the endpoints that counts as quiet, as in the official plugin."""
_GRACE_SECONDS = 60.0
"""Time after which an Ingress no longer waits for any endpoints to appear."""


class _Settling:
    """Whether endpoints have been quiet; every change starts a clock, and whichever runs out settles them."""

    def __init__(self) -> None:
        self.settled = False
        self._seen: object = None
        self._clocks: list[float] = []

    def observe(self, state: object) -> None:
        """Take in the endpoints' state; anything comparable, ``None`` while there are none."""
        now = time.monotonic()
        if state != self._seen:
            self._seen = state
            self.settled = False
            self._clocks.append(now + _SETTLE_SECONDS)
        while self._clocks and self._clocks[0] <= now:
            del self._clocks[0]
            self.settled = True


class ServiceAwaiter(base.Awaiter):
    """A Service is ready when its endpoints have settled and none is pending; a LoadBalancer also needs an address."""

    related = (_ENDPOINTS,)

    def __init__(self, wait: base.Wait, *, reading: bool = False) -> None:
        super().__init__(wait, reading=reading)
        self._settling = _Settling()
        self._service_ready = False
        self._targets = False
        self._pending = False

    def ready(self, view: base.View) -> bool:
        """An address where one is needed, settled endpoints where pods are selected."""
        service = view.named(self.kind, self.wait.name)
        self._service_ready = service is not None and (not self._balanced or bool(_addresses(service)))
        self.live = service or self.live
        endpoints = view.named(_ENDPOINTS, self.wait.name)
        subsets = objects.pluck(endpoints, "subsets") or ()
        self._targets = any(subset.get("addresses") for subset in subsets)
        self._pending = any(subset.get("notReadyAddresses") for subset in subsets)
        self._settling.observe(objects.pluck(endpoints, "metadata", "resourceVersion"))
        if not self._selects:
            return self._service_ready
        settled = self.reading or self._settling.settled
        if self._service_ready and settled and not self._pending:
            self.wait.voice.status(engine.Severity.INFO, "✅ Service initialization complete")
            return True
        step = "[1/3] Finding Pods to direct traffic to"
        if settled and self._targets:
            step = "[2/3] Attempting to allocate IP address to Service"
        self.wait.voice.status(engine.Severity.INFO, step)
        return False

    def ready_at_the_end(self) -> bool:
        """Ready although its endpoints never settled."""
        return self._service_ready and not self._pending

    def reasons(self, view: base.View) -> list[str]:
        """No pods, or no address."""
        if self._headless or self._type == "ExternalName":
            return []
        found = []
        if not self._targets:
            found.append(
                "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not "
                "match labels on any Pods"
            )
        if self._balanced and not self._service_ready:
            found.append("Service was not allocated an IP address; does your cloud provider support this?")
        return found

    @property
    def _type(self) -> str:
        return str(objects.pluck(self.wait.live, "spec", "type") or "ClusterIP")

    @property
    def _balanced(self) -> bool:
        return self._type == "LoadBalancer"

    @property
    def _headless(self) -> bool:
        return bool(objects.pluck(self.live, "spec", "clusterIP") == "None")

    @property
    def _selects(self) -> bool:
        special = self._type == "ExternalName" or self._headless
        return not special and bool(objects.pluck(self.live, "spec", "selector"))


class IngressAwaiter(base.Awaiter):
    """An Ingress is ready when it has an address and the Services of its paths have endpoints objects."""

    related = (_ENDPOINTS, _SERVICE)

    def __init__(self, wait: base.Wait, *, reading: bool = False) -> None:
        super().__init__(wait, reading=reading)
        self._settling = _Settling()
        self._grace = time.monotonic() + _GRACE_SECONDS
        self._addressed = False
        self._matched = False

    def ready(self, view: base.View) -> bool:
        """An address, and a target for every path."""
        self.live = view.named(self.kind, self.wait.name) or self.live
        self._addressed = bool(_addresses(self.live))
        known = {objects.name(obj): objects.pluck(obj, "metadata", "resourceVersion") for obj in view.all(_ENDPOINTS)}
        self._settling.observe(known or None)
        settled = self.reading or self._settling.settled or (not known and time.monotonic() >= self._grace)
        external = {
            objects.name(obj) for obj in view.all(_SERVICE) if objects.pluck(obj, "spec", "type") == "ExternalName"
        }
        missing = [name for name in self._targets() if name not in known and name not in external]
        self._matched = settled or not missing
        for name in missing if settled else ():
            self.wait.voice.status(engine.Severity.WARNING, f'No matching service found for ingress rule: -> "{name}"')
        if self._addressed and self._matched:
            self.wait.voice.status(engine.Severity.INFO, "✅ Ingress initialization complete")
            return True
        step = "[1/3] Finding a matching service for each Ingress path"
        if self._matched:
            step = "[2/3] Waiting for update of .status.loadBalancer with hostname/IP"
        self.wait.voice.status(engine.Severity.INFO, step)
        return False

    def ready_at_the_end(self) -> bool:
        """Ready in the last moment."""
        return self._matched and self._addressed

    def reasons(self, view: base.View) -> list[str]:
        """No target, or no address."""
        found = []
        if not self._matched:
            found.append("Ingress has at least one rule with an unavailable target endpoint.")
        if not self._addressed:
            found.append(
                "Ingress .status.loadBalancer field was not updated with a hostname/IP address. "
                "\n    for more information about this error, see https://pulumi.io/xdv72s"
            )
        return found

    def _targets(self) -> list[str]:
        rules = objects.pluck(self.live, "spec", "rules") or ()
        paths = [path for rule in rules for path in objects.pluck(rule, "http", "paths") or ()]
        return [name for path in paths if (name := objects.pluck(path, "backend", "service", "name"))]


def _addresses(obj: objects.Object) -> object:
    return objects.pluck(obj, "status", "loadBalancer", "ingress")
