"""The provider itself of the `kubernetes` plugin, stand-in or official: which cluster, and what if it is not there."""

import pathlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stack
    from .kubernetes_lab import Kubectl

pytestmark = pytest.mark.seconds(30)

NOWHERE = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u, namespace: from-context}}]
current-context: x
"""
PROGRAM = """
import pulumi, pulumi_kubernetes as k8s
cluster = k8s.Provider("cluster", kubeconfig={kubeconfig!r}{more})
k8s.core.v1.ConfigMap("one", data={{"a": "1"}}, opts=pulumi.ResourceOptions(provider=cluster))
"""


def test_unusable_provider_is_said_clearly(stack: "Stack", tmp_path: pathlib.Path) -> None:
    """A forgotten VPN must not look like a fault of the program; a preview of new objects needs no cluster."""
    stack.write(PROGRAM.format(kubeconfig=NOWHERE, more=""))
    previewed = stack.preview("--diff")
    assert previewed.did("one") == ["create"]
    assert 'namespace  : "from-context"' in previewed.text or 'namespace: "from-context"' in previewed.text
    failed = stack.up(ok=False)
    assert "configured Kubernetes cluster is unreachable" in failed.text
    stack.write(PROGRAM.format(kubeconfig=NOWHERE, more=f", render_yaml_to_directory={str(tmp_path / 'out')!r}"))
    refused = stack.preview(ok=False)
    assert '"kubeconfig" arg is not compatible with "renderYamlToDirectory" arg' in refused.text


def test_cluster_by_path_content_and_environment(
    stack: "Stack", kubeconfig: pathlib.Path, namespace: str, kubectl: "Kubectl"
) -> None:
    """However a user names the same cluster, nothing on it may be replaced; another cluster gets everything anew."""
    more = f", namespace={namespace!r}"
    stack.up(PROGRAM.format(kubeconfig=str(kubeconfig), more=more))
    name = stack.resource("one")["outputs"]["metadata"]["name"]
    same = stack.up(PROGRAM.format(kubeconfig=kubeconfig.read_text(), more=more))
    assert same.did("one") == []
    stack.environment["KUBECONFIG"] = str(kubeconfig)
    ambient = stack.up(PROGRAM.format(kubeconfig=None, more=more))
    assert ambient.did("one") == []
    assert kubectl("get", "configmap", name, "--namespace", namespace, "--output", "jsonpath={.data.a}") == "1"
    stack.write(PROGRAM.format(kubeconfig=NOWHERE, more=more))
    assert stack.preview().did("one")[0] == "create-replacement", "another cluster has none of the objects"
