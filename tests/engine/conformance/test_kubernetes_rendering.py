"""YAML files instead of a cluster, by the `kubernetes` plugin, stand-in or official."""

import base64
import pathlib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from .conftest import Stack

pytestmark = pytest.mark.seconds(20)

PROGRAM = """
import pulumi, pulumi_kubernetes as k8s
files = k8s.Provider("files", render_yaml_to_directory={folder!r})
on = pulumi.ResourceOptions(provider=files)
site = k8s.core.v1.Namespace("site", metadata={{"name": "fate-9999"}}, opts=on)
here = {{"namespace": site.metadata.name}}
k8s.core.v1.ConfigMap("settings", metadata={{"name": "settings"}},
    data={{"port": "9999", "text": "a\\nb: c\\n"}}, opts=on)
password = pulumi.Output.secret("{password}")
k8s.core.v1.Secret("login", metadata={{"name": "login", **here}}, string_data={{"password": password}}, opts=on)
k8s.apps.v1.StatefulSet("mysql", metadata={{"name": "mysql", **here}}, spec={{
    "serviceName": "mysql", "selector": {{"matchLabels": {{"app": "a"}}}},
    "template": {{"metadata": {{"labels": {{"app": "a"}}}}, "spec": {{"containers": [{{
        "name": "a", "image": "a", "imagePullPolcy": "Never", "stdin": False, "tty": True,
        "resources": {{"requests": {{"cpu": "1000m", "memory": "2048Mi"}}, "limits": {{"cpu": 0.5}}}}}}]}}}}}}, opts=on)
service = k8s.core.v1.Service("service", metadata={{"name": "mysql", **here}}, spec={{
    "type": "NodePort", "ports": [{{"port": {port}}}]}}, opts=on)
pulumi.export("address", service.spec.cluster_ip)
pulumi.export("status", service.status)
"""
PASSWORD = "Conformance-7412-word"
FILES = [
    "0-crd",
    "1-manifest",
    "1-manifest/apps_v1-statefulset-fate-9999-mysql.yaml",
    "1-manifest/v1-configmap-default-settings.yaml",
    "1-manifest/v1-namespace-default-fate-9999.yaml",
    "1-manifest/v1-secret-fate-9999-login.yaml",
    "1-manifest/v1-service-fate-9999-mysql.yaml",
]


def listing(folder: pathlib.Path) -> list[str]:
    """Everything below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def load(folder: pathlib.Path, name: str) -> Any:
    """A rendered object."""
    return yaml.safe_load((folder / "1-manifest" / name).read_text())


def test_objects_are_files(stack: "Stack", tmp_path: pathlib.Path) -> None:
    """Who hands the files to another tool needs every object, complete, under the same name each time."""
    stack.environment.pop("KUBECONFIG", None)  # the SDK hands it to the provider, which refuses it beside a folder
    stack.environment["HOME"] = str(tmp_path)  # with a cluster in reach, a preview would already write
    first, second = tmp_path / "first", tmp_path / "second"
    stack.write(PROGRAM.format(folder=str(first), password=PASSWORD, port=3306))
    previewed = stack.preview()
    assert not first.exists()
    result = stack.up()
    assert listing(first) == FILES
    assert "contains a secret value in plaintext" in result.text
    for text in (previewed.text, result.text, stack.export()):
        assert PASSWORD not in text
    assert base64.b64decode(load(first, "v1-secret-fate-9999-login.yaml")["data"]["password"]).decode() == PASSWORD
    assert load(first, "v1-configmap-default-settings.yaml")["data"] == {"port": "9999", "text": "a\nb: c\n"}
    container = load(first, "apps_v1-statefulset-fate-9999-mysql.yaml")["spec"]["template"]["spec"]["containers"][0]
    resources = {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"cpu": "500m"}}
    assert container == {"name": "a", "image": "a", "tty": True, "resources": resources}, (
        "canonical, and only known fields"
    )
    assert stack.outputs().get("address") is None, "nobody has assigned one"
    assert stack.outputs().get("status") is None

    changed = stack.up(PROGRAM.format(folder=str(first), password=PASSWORD, port=3307))
    assert changed.did("service") == ["update"]
    assert load(first, "v1-service-fate-9999-mysql.yaml")["spec"]["ports"] == [{"port": 3307}]
    assert "unreachable cluster" in stack.refresh(ok=False).text, "even files are only read back beside a cluster"

    moved = stack.up(PROGRAM.format(folder=str(second), password=PASSWORD, port=3307))
    assert moved.did("site") == ["create-replacement", "replace", "delete-replaced"]
    assert listing(second) == FILES
    assert listing(first) == FILES[:2]
    stack.destroy()
    assert listing(second) == FILES[:2]
