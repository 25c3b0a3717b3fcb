"""Names, secrets, drift and conflicts of the `kubernetes` plugin, stand-in or official."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stack
    from .kubernetes_lab import Kubectl

pytestmark = pytest.mark.seconds(35)

Header = Callable[..., str]

OBJECTS = """
settings = k8s.core.v1.ConfigMap("settings", data={{"level": "{level}"}}, opts=on)
fixed = k8s.core.v1.ConfigMap("fixed", metadata={{"name": "fixed"}}, data={{"level": "{level}"}}, opts=on)
password = pulumi.Output.secret("{password}")
login = k8s.core.v1.Secret("login", metadata={{"name": "login"}}, string_data={{"password": password}}, opts=on)
pulumi.export("data", login.data)
"""
PASSWORD = "Conformance-7412-word"
ENCODED = "Q29uZm9ybWFuY2UtNzQxMi13b3Jk"


def test_names_secrets_and_replaced_data(stack: "Stack", header: Header, namespace: str) -> None:
    """A password in the state, or a name that changes by itself, would reach every user of a site."""
    program = header() + OBJECTS
    stack.write(program.format(level="info", password=PASSWORD))
    previewed = stack.preview()
    assert previewed.did("settings") == ["create"]
    result = stack.up()
    for text in (previewed.text, result.text, stack.export()):
        assert PASSWORD not in text
        assert ENCODED not in text
    settings = stack.resource("settings")
    name = settings["outputs"]["metadata"]["name"]
    assert re.fullmatch(r"settings-[0-9a-f]{8}", name)
    assert settings["id"] == f"{namespace}/{name}", "the provider's namespace is the default"
    assert settings["inputs"]["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}

    changed = stack.up(program.format(level="debug", password=PASSWORD))
    assert changed.did("login") == []
    assert changed.did("settings") == ["create-replacement", "replace", "delete-replaced"]
    assert changed.changes("settings")["data.level"] == "update-replace"
    assert changed.did("fixed")[0] == "delete-replaced", "two objects cannot have one name"
    assert stack.resource("settings")["outputs"]["metadata"]["name"] != name
    again = stack.up()
    assert not [step for step in again.steps if step.operation not in ("same", "refresh")], "nothing changed"


def test_mutable_data_changes_in_place_and_misspelled_fields_vanish(
    stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str
) -> None:
    """Route tables change without a restart, unless they say that they are immutable; spelling is not checked."""
    more = """
frozen = k8s.core.v1.ConfigMap("frozen", immutable=True, data={{"level": "{level}"}}, opts=on)
budget = k8s.policy.v1.PodDisruptionBudget("budget", spec={{
    "minAvailable": 1, "selector": {{"matchLabels": {{"app": "a"}}}}, {extra}}}, opts=on)
"""
    program = header("enable_config_map_mutable=True, enable_secret_mutable=True") + OBJECTS + more
    stack.up(program.format(level="info", password=PASSWORD, extra=""))
    result = stack.up(program.format(level="debug", password=PASSWORD + "2", extra='"minAvailabel": 2'))
    assert [result.did(name) for name in ("settings", "fixed", "login")] == [["update"]] * 3
    assert result.did("frozen")[0] == "create-replacement"
    assert result.did("budget") == []
    data = kubectl("get", "configmap", "fixed", "--namespace", namespace, "--output", "jsonpath={.data.level}")
    assert data == "debug"


def test_drift_shows_after_a_refresh_and_is_repaired(
    stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str
) -> None:
    """A change by hand must neither be missed nor survive the next update."""
    program = (
        header()
        + """
kept = k8s.core.v1.ServiceAccount("kept", metadata={"name": "kept", "labels": {"a": "1"}}, opts=on)
lost = k8s.core.v1.ServiceAccount("lost", metadata={"name": "lost"}, opts=on)
"""
    )
    stack.up(program)
    here = ("--namespace", namespace)
    kubectl("label", "serviceaccount", "kept", *here, "--overwrite", "a=2", "b=3")
    kubectl("delete", "serviceaccount", "lost", *here)
    unaware = stack.preview()
    assert not unaware.did("kept")
    assert not unaware.did("lost")
    stack.refresh()
    repaired = stack.up()
    assert repaired.did("kept") == ["update"]
    assert repaired.changes("kept") == {"metadata.labels.a": "update"}, "fields nobody asked for are not looked at"
    assert repaired.did("lost") == ["create"]
    assert kubectl("get", "serviceaccount", "kept", *here, "--output", "jsonpath={.metadata.labels.a}") == "1"


def test_nothing_of_somebody_elses_is_taken_over_unasked(
    stack: "Stack", header: Header, kubectl: "Kubectl", namespace: str
) -> None:
    """Two programs that claim one name or field must find out, instead of undoing each other's work."""
    program = """
account = k8s.core.v1.ServiceAccount("account", metadata={{
    "name": "account", "labels": {{"a": "{label}"}}, "annotations": {{{annotations}}}}}, opts=on)
"""
    claim = """k8s.core.v1.ConfigMap("claimed", metadata={"name": "claimed"}, data={"level": "theirs"}, opts=on)"""
    stack.up(header() + program.format(label="1", annotations=""))
    here = ("--namespace", namespace)
    kubectl("create", "configmap", "claimed", *here, "--from-literal", "level=theirs")
    theirs = {"name": "account", "namespace": namespace, "labels": {"a": "theirs"}}
    apply = ("apply", "--server-side", "--force-conflicts", "--field-manager", "somebody", "--filename", "-")
    kubectl(*apply, stdin=json.dumps({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": theirs}))

    failed = stack.up(header() + program.format(label="2", annotations="") + claim, "--continue-on-error", ok=False)
    assert set(failed.failed) == {"account", "claimed"}
    assert "field conflict detected" in failed.text
    assert 'conflict with "somebody": .metadata.labels.a' in failed.text
    assert "was not successfully created by the Kubernetes API server" in failed.text
    assert 'configmaps "claimed" already exists' in failed.text
    assert "upsertExistingObjects" in failed.text

    asked = header("upsert_existing_objects=True")
    stack.up(asked + program.format(label="2", annotations='"pulumi.com/patchForce": "true"') + claim)
    assert kubectl("get", "serviceaccount", "account", *here, "--output", "jsonpath={.metadata.labels.a}") == "2"
    assert stack.resource("claimed")["id"] == f"{namespace}/claimed"
