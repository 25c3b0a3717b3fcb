"""When the `kubernetes` plugin, stand-in or official, says that a deleted object is gone."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stack
    from .kubernetes_lab import Kubectl

pytestmark = pytest.mark.seconds(20)

Header = Callable[..., str]

HELD = """
def store(name, **annotations):
    k8s.apps.v1.StatefulSet(name, spec={"replicas": 0, "serviceName": name,
        "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "a", "image": "a"}]}}}, opts=on, metadata={
        "name": name, "finalizers": ["example.org/held"], "annotations": annotations})

store("watched", **{"pulumi.com/timeoutSeconds": "5"})
store("unwatched", **{"pulumi.com/skipAwait": "true"})
"""


def test_deletion_lasts_until_the_server_has_let_go(
    stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str
) -> None:
    """A replacement made while the old object is being deleted is refused as "already exists", half way through."""
    stack.up(header() + HELD)
    try:
        left = stack.destroy(ok=False)
        assert left.failed == ("watched",)
        assert "finalizers might be preventing deletion" in left.text
        assert stack.resource("watched")["id"] == f"{namespace}/watched"
        assert "unwatched" not in str(stack.resources()), "skipAwait means: not awaited when it is deleted, either"
        held = kubectl("get", "statefulsets", f"--namespace={namespace}", "--output=name").split()
        assert held == ["statefulset.apps/unwatched", "statefulset.apps/watched"]
    finally:
        for name in ("watched", "unwatched"):
            free = ("--type=json", '--patch=[{"op": "remove", "path": "/metadata/finalizers"}]')
            kubectl("patch", "statefulset", name, f"--namespace={namespace}", *free)
    assert stack.destroy().did("watched") == ["delete"]
