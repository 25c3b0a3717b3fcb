"""Waiting for an object: the loop that all kinds share."""

import abc
import dataclasses
import threading
import time
from collections.abc import Sequence
from typing import ClassVar

from .. import cluster, engine, errors, informers, objects

POD = objects.Kind("", "v1", "Pod")
_TICK = 1.0
"""Seconds until a look is taken again although nothing was seen to change."""


@dataclasses.dataclass(kw_only=True)
class Wait:
    """What is waited for, and with what means."""

    api: cluster.Cluster
    informers: informers.Informers
    voice: engine.Voice
    cancelled: threading.Event
    live: objects.Object
    """The answer to the create or update, or the live object that a read found."""
    inputs: objects.Object = dataclasses.field(default_factory=dict)
    before: objects.Object | None = None
    """The live object before an update; ``None`` for a create and a read."""
    timeout: float = 600.0
    """Seconds."""

    @property
    def name(self) -> str:
        """Name of the object."""
        return objects.name(self.live)

    @property
    def namespace(self) -> str:
        """Namespace of the object."""
        return objects.namespace(self.live)


class View:
    """The objects of a namespace at one moment."""

    def __init__(self, contents: dict[objects.Kind, list[objects.Object]]) -> None:
        self._contents = contents

    def all(self, kind: objects.Kind) -> list[objects.Object]:
        """Every object of a kind."""
        return self._contents.get(kind, [])

    def named(self, kind: objects.Kind, name: str) -> objects.Object | None:
        """The object of a kind and name."""
        return next((obj for obj in self.all(kind) if objects.name(obj) == name), None)


class Awaiter(abc.ABC):
    """Knows when objects of one kind are ready."""

    related: ClassVar[tuple[objects.Kind, ...]] = ()
    """Other kinds to look at."""
    restarts: ClassVar[bool] = False
    """Whether everything seen of the kind starts the timeout anew, as the official plugin does for Jobs and Pods."""

    def __init__(self, wait: Wait, *, reading: bool = False) -> None:
        self.wait = wait
        self.live = wait.live
        self.reading = reading
        """A single look at what is there, instead of waiting for it."""

    @property
    def kind(self) -> objects.Kind:
        """Kind of the object."""
        return objects.kind_of(self.wait.live)

    @abc.abstractmethod
    def ready(self, view: View) -> bool:
        """Whether the object is ready; says what it waits for. Raises ``NotReadyError`` when it can never be."""

    @abc.abstractmethod
    def reasons(self, view: View) -> list[str]:
        """What is in the way, after :meth:`ready` has said no."""

    def ready_at_the_end(self) -> bool:
        """Whether the object counts as ready when the time is up all the same."""
        return False

    def current(self, view: View) -> objects.Object | None:
        """The object in ``view``, unless it is older than what the server answered; remembered as ``live``."""
        found = view.named(self.kind, self.wait.name)
        if found is None or _generation(found) < _generation(self.wait.live):
            return None
        self.live = found
        return found


def until_ready(awaiter: Awaiter) -> objects.Object:
    """Wait; returns the live object. Raises ``NotReadyError`` when time is up or the user cancelled."""
    wait = awaiter.wait
    kinds = (awaiter.kind, *awaiter.related)
    subscribed = {kind: wait.informers.subscribe(kind, wait.namespace) for kind in kinds}
    try:
        return _loop(awaiter, subscribed)
    finally:
        for kind in kinds:
            wait.informers.release(kind, wait.namespace)


def read(awaiter: Awaiter) -> None:
    """Take one look; raises ``NotReadyError`` when the object is not ready."""
    view = View({kind: _list(awaiter.wait, kind) for kind in (awaiter.kind, *awaiter.related)})
    if not awaiter.ready(view):
        raise errors.not_initialized(awaiter.live, awaiter.reasons(view))


def _loop(awaiter: Awaiter, subscribed: dict[objects.Kind, informers.Informer]) -> objects.Object:
    wait = awaiter.wait
    deadline = time.monotonic() + wait.timeout
    seen: Sequence[str] = ()
    while True:
        count = wait.informers.count
        view = View({kind: informer.all() for kind, informer in subscribed.items()})
        if all(informer.synced for informer in subscribed.values()) and awaiter.ready(view):
            return awaiter.live
        if awaiter.restarts and (versions := _versions(view.all(awaiter.kind))) != seen:
            seen, deadline = versions, time.monotonic() + wait.timeout
        left = deadline - time.monotonic()
        if wait.cancelled.is_set() or left <= 0:
            if awaiter.ready_at_the_end():
                return awaiter.live
            reasons = awaiter.reasons(view)
            raise errors.cancelled(awaiter.live, reasons) if left > 0 else errors.timed_out(awaiter.live, reasons)
        wait.informers.wait(count, min(left, _TICK))


def _versions(found: list[objects.Object]) -> list[str]:
    return [str(objects.pluck(obj, "metadata", "resourceVersion")) for obj in found]


def _generation(obj: objects.Object) -> int:
    return int(objects.pluck(obj, "metadata", "generation") or 0)


def _list(wait: Wait, kind: objects.Kind) -> list[objects.Object]:
    try:
        items = wait.api.listing(kind, wait.namespace).get("items") or []
    except (errors.ApiError, errors.NoKindError):
        return []
    return [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in items]
