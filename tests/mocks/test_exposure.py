"""How a party on Kubernetes is reached from outside the cluster, in every way that can be chosen."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests import mocked

pytestmark = pytest.mark.mocks
SKIP_AWAIT = "pulumi.com/skipAwait"
OPTIONS = {
    "annotations": {"metallb.io/address-pool": "partners"},
    "loadBalancerIP": "203.0.113.7",
    "sourceRanges": ["198.51.100.0/24", "2001:db8::/32"],
}


def exposed(service: Mapping[str, object] | None = None, **kubernetes: object) -> mocked.Run:
    """A run with ``kubernetes`` set, and rollsite's Service with the options ``service``."""
    eggroll = {"rollsite": {"service": service}} if service else {}
    return mocked.run(kubernetes=json.dumps(kubernetes), eggroll=json.dumps(eggroll))


def by_name(run: mocked.Run, kind: str) -> dict[str, Any]:
    """Inputs of the objects of ``kind``, by their name on the cluster."""
    return {each.inputs["metadata"]["name"]: each.inputs for each in run.of(kind)}


def annotations(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Annotations of an object."""
    return dict(inputs["metadata"]["annotations"])


def test_a_load_balancer_gets_its_options() -> None:
    """An address that is not asked for changes under the partners; a range that is lost admits everybody."""
    run = exposed(OPTIONS, expose="LoadBalancer", nodePorts={"rollsite": 30370})
    service = by_name(run, "Service")["rollsite-peers"]
    spec = service["spec"]
    assert (spec["type"], spec["loadBalancerIP"]) == ("LoadBalancer", "203.0.113.7")
    assert spec["loadBalancerSourceRanges"] == OPTIONS["sourceRanges"]
    assert [(port["port"], port["nodePort"]) for port in spec["ports"]] == [(9370, 30370)]
    assert annotations(service)["metallb.io/address-pool"] == "partners"
    assert SKIP_AWAIT not in annotations(service), "nobody would wait for the address that partners dial"


def test_only_the_service_of_peers_is_balanced() -> None:
    """A database with a public address is open to the world."""
    services = by_name(exposed(OPTIONS, expose="LoadBalancer"), "Service")
    assert {name for name, each in services.items() if each["spec"]["type"] != "ClusterIP"} == {"rollsite-peers"}
    assert "loadBalancerSourceRanges" not in services["rollsite"]["spec"]
    assert "metallb.io/address-pool" not in annotations(services["rollsite"])


def test_the_service_s_own_type_wins_over_the_site_s() -> None:
    """An operator who asks for one LoadBalancer must not get a NodePort."""
    services = by_name(exposed({"type": "LoadBalancer"}, expose="ClusterIP"), "Service")
    assert services["rollsite-peers"]["spec"]["type"] == "LoadBalancer"


def test_inside_the_cluster_only_there_is_no_service_for_peers() -> None:
    """Sites of one cluster meet inside; a port on every node would be open for nothing."""
    run = exposed(expose="ClusterIP")
    services = by_name(run, "Service")
    assert "rollsite-peers" not in services
    assert {each["spec"]["type"] for each in services.values()} == {"ClusterIP"}
    expected = {"host": "rollsite.fate-9999.svc", "port": 9370, "tls": False}
    assert run.outputs["link"]["endpoints"]["rollsite"] == expected


def test_the_link_names_the_given_namespace() -> None:
    """A partner in the cluster would dial a Service that is somewhere else."""
    run = exposed(expose="ClusterIP", namespace="bank")
    assert run.outputs["link"]["endpoints"]["rollsite"]["host"] == "rollsite.bank.svc"


def test_an_ingress_shows_what_operators_open_and_nothing_else() -> None:
    """A board that the Ingress does not show is unreachable; a database that it shows is everybody's."""
    run = exposed(ingressClass="nginx", ingressDomain="fate.example.org")
    ingresses = by_name(run, "Ingress")
    shown = {}
    for name, inputs in ingresses.items():
        assert inputs["spec"]["ingressClassName"] == "nginx"
        (rule,) = inputs["spec"]["rules"]
        (path,) = rule["http"]["paths"]
        shown[name] = (rule["host"], path["backend"]["service"])
    assert shown == {
        "fateboard": ("fateboard.fate-9999.fate.example.org", {"name": "fateboard", "port": {"number": 8080}}),
        "notebook": ("notebook.fate-9999.fate.example.org", {"name": "notebook", "port": {"number": 20000}}),
    }
    assert run.outputs["interfaces"]["fateboard"] == {"url": "http://fateboard.fate-9999.fate.example.org:80"}


def test_policies_admit_the_ingress_to_what_it_shows() -> None:
    """The site's own policy would shut the Ingress controller out, and its users would see errors."""
    policies = by_name(exposed(ingressClass="nginx", ingressDomain="fate.example.org"), "NetworkPolicy")
    admitted = {
        name: (each["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"], each["spec"]["ingress"])
        for name, each in policies.items()
        if name.endswith("-operators")
    }
    assert admitted == {
        f"{name}-operators": (name, [{"ports": [{"port": port, "protocol": "TCP"}]}])
        for name, port in (("fateboard", 8080), ("notebook", 20000))
    }


def test_without_waiting_no_workload_is_awaited() -> None:
    """One that is awaited all the same holds up a script that asked not to wait."""
    waiting, hasty = (exposed(expose="LoadBalancer", wait=wait) for wait in (True, False))
    for run, skipped in ((waiting, None), (hasty, "true")):
        workloads = by_name(run, "StatefulSet") | by_name(run, "Deployment")
        assert len(workloads) == 7
        assert {name: annotations(each).get(SKIP_AWAIT) for name, each in workloads.items()} == dict.fromkeys(
            workloads, skipped
        )
    assert annotations(by_name(hasty, "Service")["rollsite-peers"])[SKIP_AWAIT] == "true"


@pytest.mark.parametrize("told", [False, True])
def test_the_server_in_front_of_rollsite_runs_where_rollsite_does_unless_told(told: bool) -> None:
    """Partners' firewalls let one machine in: what they dial must not move to another node."""
    outside = {"placement": {"nodeSelector": {"zone": "dmz"}}}
    own = {"placement": {"nodeSelector": {"zone": "edge"}}, "resources": {"memory": "256Mi", "memoryLimit": "512Mi"}}
    eggroll = {"rollsite": outside, **({"nginx": own} if told else {})}
    made = by_name(mocked.run(tls=None, eggroll=json.dumps(eggroll)), "Deployment")
    pod = made["nginx"]["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"zone": "edge" if told else "dmz"}
    assert pod["containers"][0]["resources"].get("limits", {}) == ({"memory": "512Mi"} if told else {})
