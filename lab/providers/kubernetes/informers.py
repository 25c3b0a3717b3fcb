"""Live views of a namespace's objects, shared by everything that waits on them."""

import threading
from collections.abc import Callable

from . import cluster, errors, objects

_WATCH_SECONDS = 300
_RETRY_SECONDS = 1.0


class Informer:
    """The objects of one kind in one namespace, kept current by a watch in a thread of its own."""

    def __init__(
        self,
        api: cluster.Cluster,
        kind: objects.Kind,
        namespace: str,
        lock: threading.Condition,
        notify: Callable[[], None],
    ) -> None:
        self._api = api
        self._kind = kind
        self._namespace = namespace
        self._lock = lock
        self._notify = notify
        self._objects: dict[str, objects.Object] = {}
        self._stopped = threading.Event()
        self._synced = False
        self.users = 0

    def start(self) -> None:
        """Begin to list and watch."""
        threading.Thread(target=self._run, name=f"watch {self._kind.kind} {self._namespace}", daemon=True).start()

    def stop(self) -> None:
        """End the watch with its next event."""
        self._stopped.set()

    @property
    def synced(self) -> bool:
        """Whether the objects that were there at the start are known."""
        return self._synced

    def all(self) -> list[objects.Object]:
        """Every object."""
        with self._lock:
            return list(self._objects.values())

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow(self._list())
            except (errors.ApiError, errors.NoKindError, errors.UnreachableError, OSError, ValueError):
                self._stopped.wait(_RETRY_SECONDS)

    def _list(self) -> str:
        answer = self._api.listing(self._kind, self._namespace)
        found = {objects.name(item): self._complete(item) for item in answer.get("items") or ()}
        with self._lock:
            self._objects = found
            self._synced = True
            self._notify()
        return str(objects.metadata(answer).get("resourceVersion", ""))

    def _follow(self, version: str) -> None:
        while not self._stopped.is_set():
            for event in self._api.watch(self._kind, self._namespace, version, _WATCH_SECONDS):
                if event.get("type") == "ERROR":
                    return  # The version is too old: list again.
                version = self._take(event)
                if self._stopped.is_set():
                    return

    def _take(self, event: objects.Object) -> str:
        item = self._complete(event["object"])
        with self._lock:
            if event["type"] == "DELETED":
                self._objects.pop(objects.name(item), None)
            else:
                self._objects[objects.name(item)] = item
            self._notify()
        return str(objects.metadata(item).get("resourceVersion", ""))

    def _complete(self, item: objects.Object) -> objects.Object:
        return {"apiVersion": self._kind.api_version, "kind": self._kind.kind, **item}


class Informers:
    """Hands out informers; one watch serves all who wait for the same kind in the same namespace."""

    def __init__(self, api: cluster.Cluster) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._informers: dict[tuple[objects.Kind, str], Informer] = {}
        self._changed = threading.Condition()
        self.count = 0
        """How often any informer has seen something new."""

    def notify(self) -> None:
        """Wake everybody who waits; called by informers, which hold the lock."""
        self.count += 1
        self._changed.notify_all()

    def wait(self, count: int, seconds: float) -> None:
        """Wait until something new was seen since ``count``, at most ``seconds``."""
        with self._changed:
            if self.count == count:
                self._changed.wait(seconds)

    def subscribe(self, kind: objects.Kind, namespace: str) -> Informer:
        """The informer of a kind in a namespace, already listing; give it back with :meth:`release`."""
        with self._lock:
            informer = self._informers.get((kind, namespace))
            if informer is None:
                informer = self._informers[kind, namespace] = Informer(
                    self._api, kind, namespace, self._changed, self.notify
                )
                informer.start()
            informer.users += 1
            return informer

    def release(self, kind: objects.Kind, namespace: str) -> None:
        """Give an informer back; the last user's release ends its watch."""
        with self._lock:
            informer = self._informers[kind, namespace]
            informer.users -= 1
            if informer.users == 0:
                informer.stop()
                del self._informers[kind, namespace]
