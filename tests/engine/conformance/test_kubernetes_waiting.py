"""What the `kubernetes` plugin, stand-in or official, waits for, and what it says when it waited in vain."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stack
    from .kubernetes_lab import Kubectl

pytestmark = pytest.mark.seconds(40)

Header = Callable[..., str]

PODS = """
def pod(command, probe, **more):
    check = {{"exec": {{"command": ["sh", "-c", probe]}}, "periodSeconds": 1}}
    container = {{"name": "main", "image": "{image}", "imagePullPolicy": "Never", "readinessProbe": check,
                 "command": ["sh", "-c", command], "securityContext": {{"runAsUser": 0}}}}
    return {{"terminationGracePeriodSeconds": 0, "containers": [container | more.pop("container", {{}})], **more}}

def template(name, command="sleep 3600", probe="true", **more):
    return {{"selector": {{"matchLabels": {{"app": name}}}}, "template": {{
        "metadata": {{"labels": {{"app": name}}}}, "spec": pod(command, probe, **more)}}}}
"""

READY = """
k8s.core.v1.PersistentVolumeClaim("claim", metadata={{"name": "claim"}}, spec={{
    "accessModes": ["ReadWriteOnce"], "resources": {{"requests": {{"storage": "1Mi"}}}}}}, opts=on)
k8s.apps.v1.Deployment("web", metadata={{"name": "web"}}, spec={{"replicas": {replicas}, **template("web")}}, opts=on)
k8s.core.v1.Service("web-service", metadata={{"name": "web"}}, spec={{
    "selector": {{"app": "web"}}, "ports": [{{"port": 80}}]}}, opts=on)
k8s.apps.v1.StatefulSet("store", metadata={{"name": "store"}}, spec={{
    "serviceName": "store", **template("store")}}, opts=on)
k8s.core.v1.Service("store-service", metadata={{"name": "store"}}, spec={{
    "clusterIP": "None", "selector": {{"app": "nothing"}}, "ports": [{{"port": 80}}]}}, opts=on)
k8s.batch.v1.Job("job", metadata={{"name": "job"}}, spec={{"template": {{"spec": pod(
    "true", "true", restartPolicy="Never")}}}}, opts=on)
"""


def test_everything_is_ready_when_up_returns(stack: "Stack", header: Header, shell_image: str) -> None:
    """What starts after a component finds it serving."""
    program = header() + PODS + READY
    started = time.monotonic()
    stack.up(program.format(image=shell_image, replicas=1))
    assert time.monotonic() - started > 10, "a Service with a selector gives its endpoints ten seconds to settle"
    outputs = {name: stack.resource(name)["outputs"]["status"] for name in ("claim", "job")}
    assert outputs["claim"]["phase"] == "Bound"
    assert outputs["job"]["succeeded"] == 1
    assert stack.resource("web")["outputs"]["status"]["readyReplicas"] == 1
    assert stack.resource("store")["outputs"]["status"]["readyReplicas"] == 1
    result = stack.up(program.format(image=shell_image, replicas=2))
    assert result.changes("web") == {"spec.replicas": "update"}
    assert [step.name for step in result.steps if step.operation not in ("same", "refresh")] == ["web"]
    assert stack.resource("web")["outputs"]["status"]["readyReplicas"] == 2
    gone = stack.destroy()
    assert gone.did("web") == ["delete"]


UNREADY = """
soon = {{"pulumi.com/timeoutSeconds": "{seconds}"}}
k8s.apps.v1.Deployment("probe", metadata={{"name": "probe", "annotations": soon}},
    spec=template("probe", probe="{probe}"), opts=on)
k8s.apps.v1.Deployment("image", metadata={{"name": "image", "annotations": soon}},
    spec=template("image", container={{"image": "{picture}"}}), opts=on)
k8s.apps.v1.StatefulSet("store", metadata={{"name": "store", "annotations": soon}}, spec={{
    "serviceName": "store", "podManagementPolicy": "Parallel", **template("store", probe="{probe}")}}, opts=on)
k8s.core.v1.Service("balancer", metadata={{"name": "balancer", "annotations": soon}}, spec={{
    "type": "{service}", "selector": {{"app": "store"}}, "ports": [{{"port": 80}}]}}, opts=on)
k8s.apps.v1.Deployment("unwatched", metadata={{"name": "unwatched", "annotations": {{"pulumi.com/skipAwait": "true"}}}},
    spec=template("unwatched", probe="false"), opts=on)
k8s.batch.v1.Job("job", metadata={{"name": "job"}}, spec={{"backoffLimit": 0, "template": {{"spec": pod(
    "exit {code}", "true", restartPolicy="Never")}}}}, opts=on)
"""


def test_unready_objects_are_named_kept_and_tried_again(
    stack: "Stack", header: Header, shell_image: str, kubectl: "Kubectl", namespace: str
) -> None:
    """After a failed update the user has to know which pod waits for what, and `up` has to go on from there."""
    program = header() + PODS + UNREADY
    bad = {"seconds": 12, "probe": "false", "picture": "conformance/nowhere:1", "service": "LoadBalancer", "code": 3}
    failed = stack.up(program.format(image=shell_image, **bad), "--continue-on-error", ok=False)
    assert set(failed.failed) == {"probe", "image", "store", "balancer", "job"}
    assert "[BackoffLimitExceeded]" in failed.text, "a Job that can never complete ends its wait at once"
    assert "'probe' timed out waiting to be Ready" in failed.text
    assert "containers with unready status: [main]" in failed.text
    assert "[ErrImageNeverPull]" in failed.text
    assert "0 out of 1 replicas succeeded readiness checks" in failed.text
    assert "Service was not allocated an IP address" in failed.text
    assert stack.resource("unwatched")["outputs"]["metadata"]["uid"]
    kept = stack.resource("probe")
    assert kept["id"] == f"{namespace}/probe"
    assert kept["initErrors"]

    refreshed = stack.refresh()
    assert "'probe' was created but failed to initialize" in refreshed.text
    good = {"seconds": 60, "probe": "true", "picture": shell_image, "service": "ClusterIP", "code": 0}
    mended = stack.up(program.format(image=shell_image, **good))
    assert mended.did("job")[0] == "delete-replaced"
    assert [mended.did(name) for name in ("probe", "image", "store", "balancer")] == [["update"]] * 4
    assert "initErrors" not in stack.resource("probe")
