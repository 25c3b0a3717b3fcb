"""An exchange with mutual TLS as real pods: keys that nginx alone reads, and admissions that change in place."""

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from components.versions import fate_1_11 as fate
from lab import cluster as lab_cluster
from lab import images, paths, process
from tests.certified import Pair
from tests.cluster.conftest import Kubectl
from tests.docker.tls_routers import IMAGE, answer, client, http
from tests.engine.conformance.conftest import Stack
from tests.engine.conformance.conftest import empty_stack as empty_stack
from tests.engine.conformance.conftest import stack as stack

pytestmark = [pytest.mark.cluster, pytest.mark.seconds(25)]
SECONDS = 180
"""A kubelet looks at a changed ConfigMap about once a minute."""
NAME = "fate-exchange.fate.internal"
PROGRAM = f"""
import sys
sys.path.insert(0, {str(paths.ROOT)!r})
import pulumi
from components import certificates, exchange, trust
from components.platform import kubernetes, workload
platform = kubernetes.KubernetesPlatform(
    kubernetes.KubernetesArgs(site=SITE, namespace=SITE, kubeconfig=KUBECONFIG)
)
authority = certificates.Authority("authority", "fate-exchange")
sites = {{"fate-exchange": {NAME!r}, "fate-9999": "9999.fate.internal"}}
own = {{site: certificates.Identity(site, site, [name]) for site, name in sites.items()}}
signed = {{site: authority.admit(site, own[site].request, [name]) for site, name in sites.items()}}
told = exchange.PulsarExchangeArgs(
    image={IMAGE!r}, resources=workload.Resources(cpu=0.05, memory=64), domain="fate.internal",
    trust=trust.Trust(
        private_key=own["fate-exchange"].private_key,
        certificate=signed["fate-exchange"].certificate,
        anchors=pulumi.Output.concat(*[signed[site].anchor for site in ADMITTED]),
    ),
)
site = exchange.Exchange(
    SITE, exchange.ExchangeArgs(site="fate-exchange", transport=told), platform,
    pulumi.ResourceOptions(providers=[platform.provider]),
)
pulumi.export("peers", workload.plain(site.peers))
pulumi.export("guest", dict(
    key=own["fate-9999"].private_key, certificate=signed["fate-9999"].certificate,
    anchors=signed["fate-exchange"].anchor,
))
"""


@pytest.fixture
def site(namespace: str, kubectl: Kubectl) -> Iterator[str]:
    """A namespace of the test's own, which the site takes."""
    kubectl("delete", "namespace", namespace)
    yield namespace
    kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


def ask(outputs: dict[str, Any], *, shown: bool = True) -> bytes:
    """What the exchange answers to the guest, with its certificate or without; no party is linked yet."""
    guest, port = outputs["guest"], outputs["peers"]["nginx"]["port"]
    context = client(guest["anchors"], Pair(guest["certificate"], guest["key"]) if shown else None)
    return answer("127.0.0.1", port, context, NAME, http("10000"))


def test_pods_admit_who_is_admitted_and_no_more_without_a_restart(
    stack: Stack, site: str, cluster: pathlib.Path, kubectl: Kubectl
) -> None:
    """A pod that cannot read its key never starts; one that has to restart for every party cuts off all the others."""
    images.ensure([IMAGE])
    lab_cluster.load([IMAGE])

    def program(*admitted: str) -> str:
        return f"SITE, KUBECONFIG, ADMITTED = {site!r}, {str(cluster)!r}, {admitted!r}\n{PROGRAM}"

    def pods(path: str) -> str:
        return kubectl("--namespace", site, "get", "pods", "--output", f"jsonpath={{.items[*].{path}}}").stdout

    stack.up(program("fate-exchange", "fate-9999"))
    outputs, pod = stack.outputs(), pods("metadata.uid")
    assert {name for name, where in outputs["peers"].items() if where["tls"]} == {"nginx", "nginx-grpc", "pulsar"}
    assert b"fate-exchange has no route to party 10000" in ask(outputs)
    assert b"fate-exchange does not admit this certificate: NONE" in ask(outputs, shown=False)
    mode = kubectl(
        "--namespace", site, "exec", "deploy/nginx", "--", "stat", "-Lc", "%a %U", fate.nginx.KEY_PAIR.key
    ).stdout
    assert mode.strip() == "400 root"
    assert "PRIVATE KEY" not in kubectl("--namespace", site, "get", "configmaps", "--output", "yaml").stdout

    removed = stack.up(program("fate-exchange"))
    assert removed.touched() == {f"{site}-nginx-routes"}
    process.wait_for(lambda: b"does not admit" in ask(outputs), SECONDS, lambda: ask(outputs).decode())
    assert pods("metadata.uid") == pod and pods("status.containerStatuses[0].restartCount") == "0"
