"""The lab's kubernetes plugin waits for a deletion through whatever the API server answers meanwhile."""

import dataclasses
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from lab.providers.kubernetes import awaiting, cluster, engine, errors, informers, objects

GONE = errors.ApiError(404, "NotFound", 'statefulsets.apps "store" not found')


def store(uid: str = "first") -> objects.Object:
    """A StatefulSet that is being deleted, until its finalizers have done their work."""
    meta = {"name": "store", "namespace": "fate-9999", "uid": uid, "finalizers": ["foregroundDeletion"]}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta}


@dataclasses.dataclass
class Server:
    """Gives the prepared answers one after the other, the last one for good."""

    answers: list[objects.Object | Exception]
    asked: int = 0

    def get(self, kind: objects.Kind, namespace: str, name: str) -> objects.Object:
        """The next answer."""
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


class Quick(threading.Event):
    """An event that never comes, and that nobody has to wait for."""

    def wait(self, timeout: float | None = None) -> bool:
        """Not cancelled."""
        return False


@pytest.fixture
def nobody() -> Iterator[engine.Voice]:
    """Messages to no engine."""
    yield engine.Voice(engine.Engine(""), "urn:pulumi:test::test::kubernetes:apps/v1:StatefulSet::store")


def wait_for(voice: engine.Voice, timeout: float, *answers: objects.Object | Exception) -> int:
    """Wait for the deletion; how often the server was asked."""
    server = Server(list(answers))
    api: Any = server
    seen = informers.Informers(cast(cluster.Cluster, api))
    awaiting.until_gone(
        awaiting.Wait(api=api, informers=seen, voice=voice, cancelled=Quick(), live=store(), timeout=timeout)
    )
    return server.asked


def test_wait_holds_while_the_server_still_has_the_object(nobody: engine.Voice) -> None:
    """The replacement would be refused: "object is being deleted"."""
    assert wait_for(nobody, 60, store(), store(), GONE) == 3


def test_busy_server_does_not_end_the_wait(nobody: engine.Voice) -> None:
    """An update under load would fail half way, although the deletion went on all the while."""
    busy = errors.ApiError(429, "TooManyRequests", "the server has received too many requests")
    cut = errors.UnreachableError("connect: connection refused")
    assert wait_for(nobody, 60, busy, cut, store(), GONE) == 4


def test_another_object_of_the_name_is_not_the_deleted_one(nobody: engine.Voice) -> None:
    """The wait would last until its timeout, because a controller had already made the next one."""
    assert wait_for(nobody, 60, store(), store("second")) == 2


def test_object_that_stays_is_reported_with_its_last_state(nobody: engine.Voice) -> None:
    """The engine would forget an object that is still there, and nobody would ever delete it."""
    with pytest.raises(errors.NotReadyError, match="timed out") as caught:
        wait_for(nobody, 0, errors.UnreachableError("connect: connection refused"))
    assert caught.value.live == store()
