"""Names, secrets, drift and conflicts of the `kubernetes` plugin, stand-in or official."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Stack
    from .kubernetes_lab import Kubectl

Header = Callable[..., str]

OBJECTS = """
settings = k8s.core.v1.ConfigMap("settings", data={{"level": "{level}"}}, opts=on)
fixed = k8s.core.v1.ConfigMap("fixed", metadata={{"name": "fixed"}}, data={{"level": "{level}"}}, opts=on)
password = pulumi.Output.secret("{password}")
login = k8s.core.v1.Secret("login", metadata={{"name": "login"}}, string_data={{"password": password}}, opts=on)
pulumi.export("name", settings.metadata.name)
pulumi.export("namespace", settings.metadata.namespace)
"""
PASSWORD = "Conformance-7412-word"
ENCODED = "Q29uZm9ybWFuY2UtNzQxMi13b3Jk"


def test_names_secrets_and_replacement_of_data(stack: "Stack", header: Header, namespace: str) -> None:
    """A password in the state, or a name that changes by itself, would reach every user of a site."""
    program = header() + OBJECTS
    stack.write(program.format(level="info", password=PASSWORD))
    previewed = stack.preview()
    assert previewed.did("settings") == ["create"]
    result = stack.up()
    outputs = stack.outputs()
    assert re.fullmatch(r"settings-[0-9a-f]{8}", outputs["name"])
    assert outputs["namespace"] == namespace, "the provider's namespace is the default"
    state = stack.export()
    for text in (previewed.text, result.text, state):
        assert PASSWORD not in text
        assert ENCODED not in text
    settings = stack.resource("settings")
    assert settings["id"] == f"{namespace}/{outputs['name']}"
    assert settings["inputs"]["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    again = stack.up()
    assert not [step for step in again.steps if step.operation not in ("same", "refresh")], "nothing changed"

    changed = stack.up(program.format(level="debug", password=PASSWORD))
    assert changed.did("settings") == ["create-replacement", "replace", "delete-replaced"]
    assert changed.did("fixed")[0] == "delete-replaced", "one name at a time"
    assert changed.did("login") == []
    assert changed.changes("settings")["data.level"] == "update-replace"
    assert stack.outputs()["name"] != outputs["name"]


def test_mutable_data_changes_in_place(stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str) -> None:
    """Route tables change without a restart, unless they say that they are immutable."""
    program = header("enable_config_map_mutable=True, enable_secret_mutable=True") + OBJECTS + """
frozen = k8s.core.v1.ConfigMap("frozen", immutable=True, data={{"level": "{level}"}}, opts=on)
"""
    stack.up(program.format(level="info", password=PASSWORD))
    result = stack.up(program.format(level="debug", password=PASSWORD + "2"))
    assert [result.did(name) for name in ("settings", "fixed", "login")] == [["update"]] * 3
    assert result.did("frozen")[0] == "create-replacement"
    data = kubectl("get", "configmap", "fixed", "--namespace", namespace, "--output", "jsonpath={.data.level}")
    assert data == "debug"


def test_existing_object_is_never_taken_over(
    stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str
) -> None:
    """Two programs that claim one name must find out, instead of deleting each other's object in the end."""
    kubectl("create", "configmap", "fixed", "--namespace", namespace, "--from-literal", "level=theirs")
    program = """fixed = k8s.core.v1.ConfigMap("fixed", metadata={"name": "fixed"}, data={"level": "ours"}, opts=on)"""
    stack.write(header() + program)
    stack.preview()
    failed = stack.up(ok=False)
    assert 'configmaps "fixed" already exists' in failed.text
    assert "was not successfully created by the Kubernetes API server" in failed.text
    assert "upsertExistingObjects" in failed.text
    level = ("get", "configmap", "fixed", "--namespace", namespace, "--output", "jsonpath={.data.level}")
    assert kubectl(*level) == "theirs"


def test_drift_shows_after_a_refresh_and_is_repaired(
    stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str
) -> None:
    """A change by hand must neither be missed nor survive the next update."""
    program = header() + """
kept = k8s.core.v1.ServiceAccount("kept", metadata={"name": "kept", "labels": {"a": "1"}}, opts=on)
lost = k8s.core.v1.ServiceAccount("lost", metadata={"name": "lost"}, opts=on)
"""
    stack.up(program)
    kubectl("label", "serviceaccount", "kept", "--namespace", namespace, "--overwrite", "a=2", "b=3")
    kubectl("delete", "serviceaccount", "lost", "--namespace", namespace)
    unaware = stack.preview()
    assert not unaware.did("kept")
    assert not unaware.did("lost")
    stack.refresh()
    repaired = stack.up()
    assert repaired.did("kept") == ["update"]
    assert repaired.changes("kept") == {"metadata.labels.a": "update"}, "fields nobody asked for are not looked at"
    assert repaired.did("lost") == ["create"]
    labels = kubectl("get", "serviceaccount", "kept", "--namespace", namespace, "--output", "jsonpath={.metadata.labels}")
    assert json.loads(labels) == {"a": "1", "b": "3"}


def test_fields_of_another_manager_are_a_conflict(
    stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str
) -> None:
    """Who else writes a field has to be named, and is overruled only on request."""
    program = header() + """
account = k8s.core.v1.ServiceAccount("account", metadata={{
    "name": "account", "labels": {{"a": "{value}"}}, "annotations": {{{annotations}}}}}, opts=on)
"""
    stack.up(program.format(value="1", annotations=""))
    theirs = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "account", "namespace": namespace, "labels": {"a": "theirs"}},
    }
    apply = ("apply", "--server-side", "--force-conflicts", "--field-manager", "somebody", "--filename", "-")
    kubectl(*apply, stdin=json.dumps(theirs))
    failed = stack.up(program.format(value="2", annotations=""), ok=False)
    assert "field conflict detected" in failed.text
    assert 'conflict with "somebody": .metadata.labels.a' in failed.text
    stack.up(program.format(value="2", annotations='"pulumi.com/patchForce": "true"'))
    label = kubectl("get", "serviceaccount", "account", "--namespace", namespace, "--output", "jsonpath={.metadata.labels.a}")
    assert label == "2"


def test_misspelled_field_vanishes(stack: "Stack", header: Header) -> None:
    """A program that relies on a field has to check its spelling itself: the plugin does not."""
    program = header() + """
budget = k8s.policy.v1.PodDisruptionBudget("budget", spec={{
    "minAvailable": 1, "selector": {{"matchLabels": {{"app": "a"}}}}{more}}}, opts=on)
"""
    stack.up(program.format(more=""))
    result = stack.up(program.format(more=', "minAvailabel": 2'))
    assert result.did("budget") == []
