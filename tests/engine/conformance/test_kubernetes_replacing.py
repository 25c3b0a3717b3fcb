"""Which changes the `kubernetes` plugin, stand-in or official, makes in place, and which replace the object."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stack

pytestmark = pytest.mark.seconds(20)

Header = Callable[..., str]

KINDS = """
def fast():
    return {{"annotations": {{"pulumi.com/skipAwait": "true"}}}}

def template(image, **labels):
    return {{"metadata": {{"labels": labels}}, "spec": {{"containers": [{{"name": "a", "image": image}}]}}}}

def claim(size):
    return {{"metadata": {{"name": "data"}}, "spec": {{
        "accessModes": ["ReadWriteOnce"], "resources": {{"requests": {{"storage": size}}}}}}}}

k8s.apps.v1.Deployment("selector", metadata=fast(), spec={{"replicas": 0,
    "selector": {{"matchLabels": {{"app": "{word}"}}}}, "template": template("a", app="{word}")}}, opts=on)
k8s.apps.v1.Deployment("template", metadata=fast(), spec={{"replicas": 0,
    "selector": {{"matchLabels": {{"app": "a"}}}}, "template": template("{word}", app="a")}}, opts=on)
k8s.apps.v1.StatefulSet("service-name", metadata={{"name": "service-name"}}, spec={{
    "replicas": 0, "serviceName": "{word}",
    "selector": {{"matchLabels": {{"app": "a"}}}}, "template": template("a", app="a")}}, opts=on)
k8s.apps.v1.StatefulSet("claims", metadata=fast(), spec={{"replicas": 0, "serviceName": "a",
    "volumeClaimTemplates": [claim("{number}Gi")],
    "selector": {{"matchLabels": {{"app": "a"}}}}, "template": template("a", app="a")}}, opts=on)
k8s.apps.v1.StatefulSet("image", metadata=fast(), spec={{"replicas": 0, "serviceName": "a",
    "selector": {{"matchLabels": {{"app": "a"}}}}, "template": template("{word}", app="a")}}, opts=on)
k8s.batch.v1.Job("job", metadata=fast(), spec={{"suspend": True, "template": {{"spec": {{
    "restartPolicy": "Never", "containers": [{{"name": "a", "image": "{word}"}}]}}}}}}, opts=on)
k8s.core.v1.Service("pods", metadata=fast(), spec={{
    "ports": [{{"port": 80}}], "selector": {{"app": "{word}"}}}}, opts=on)
k8s.core.v1.Service("address", metadata=fast(), spec={{"ports": [{{"port": 80}}]{headless}}}, opts=on)
k8s.core.v1.PersistentVolumeClaim("claim", metadata=fast(), spec={{"storageClassName": "{word}",
    "accessModes": ["ReadWriteOnce"], "resources": {{"requests": {{"storage": "1Gi"}}}}}}, opts=on)
k8s.core.v1.Secret("kind", type="example.org/{word}", opts=on)
k8s.rbac.v1.RoleBinding("binding", role_ref={{
    "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "{word}"}}, opts=on)
k8s.networking.v1.NetworkPolicy("policy", spec={{"podSelector": {{"matchLabels": {{"app": "{word}"}}}}}}, opts=on)
k8s.policy.v1.PodDisruptionBudget("budget", spec={{
    "minAvailable": {number}, "selector": {{"matchLabels": {{"app": "a"}}}}}}, opts=on)
k8s.core.v1.ServiceAccount("renamed", metadata={{"name": "{word}"}}, opts=on)
"""
REPLACED = {
    "selector": "spec.selector.matchLabels.app",
    "service-name": "spec.serviceName",
    "claims": "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
    "job": "spec.template.spec.containers[0].image",
    "address": "spec.clusterIP",
    "claim": "spec.storageClassName",
    "kind": "type",
    "binding": "roleRef.name",
    "renamed": "metadata.name",
}
UPDATED = {
    "template": "spec.template.spec.containers[0].image",
    "image": "spec.template.spec.containers[0].image",
    "pods": "spec.selector.app",
    "policy": "spec.podSelector.matchLabels.app",
    "budget": "spec.minAvailable",
}


def test_immutable_fields_replace_and_others_update(stack: "Stack", header: Header) -> None:
    """A plan that says `update` where Kubernetes refuses one fails half way through."""
    program = header() + KINDS
    stack.up(program.format(word="old", number=1, headless=""))
    stack.write(program.format(word="new", number=2, headless=', "clusterIP": "None"'))
    planned = stack.preview()
    for name, path in REPLACED.items():
        kind = planned.changes(name)[path]
        assert kind.endswith("-replace"), f"{name}: {path} is {kind}"
        first = planned.did(name)[0]
        assert first == ("delete-replaced" if name == "service-name" else "create-replacement"), name
    for name, path in UPDATED.items():
        assert planned.did(name) == ["update"], name
        assert planned.changes(name)[path] == "update"
    done = stack.up()
    assert not done.failed
