"""What the program registers for an eggroll party, on both platforms."""

import json
from typing import Any

import pytest

from tests import mocked

pytestmark = pytest.mark.mocks
PLATFORMS = ("kubernetes", "docker")


def text(value: object) -> str:
    """``value`` as it would be searched for a secret."""
    return json.dumps(value, default=str, sort_keys=True)


def pod(run: mocked.Run, kind: str, name: str) -> dict[str, Any]:
    """Pod spec of a Deployment or StatefulSet."""
    spec: dict[str, Any] = run.named(kind, f"fate-9999-{name}").inputs["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_but_secret_files_and_outputs_holds_a_password(platform: str) -> None:
    """A password in a ConfigMap, a variable, a label or a name would be read by anybody with view rights."""
    run = mocked.run(platform=platform)
    for resource in run.resources:
        inputs = dict(resource.inputs)
        if resource.type.endswith(":Secret"):
            inputs.pop("stringData")
        inputs.pop("uploads", None)
        for upload in mocked.uploads(resource):
            assert mocked.SECRET not in text(upload) or upload["permissions"] == "0400", resource.name
        assert mocked.SECRET not in text(inputs), resource.name


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_password_is_generated_and_different(platform: str) -> None:
    """One password for several users would give each the others' rights."""
    run = mocked.run(platform=platform)
    shown = run.outputs["credentials"]
    passwords = [
        shown["mysql"]["password"],
        shown["mysql"]["rootPassword"],
        shown["fateboard"]["password"],
        shown["notebook"]["password"],
    ]
    assert all(each.startswith(mocked.SECRET) for each in passwords)
    assert len(set(passwords)) == len(passwords)


def test_a_given_password_is_used_and_nothing_is_generated_for_it() -> None:
    """An operator's own password that is ignored locks the operator out."""
    run = mocked.run(fateboard=json.dumps({"password": "of-my-own-choice"}))
    assert run.outputs["credentials"]["fateboard"]["password"] == "of-my-own-choice"
    assert "fate-9999-fateboard-password" not in {each.name for each in run.of("RandomPassword")}


def test_only_peers_reach_a_docker_host_from_outside() -> None:
    """A board or a database on 0.0.0.0 is open to the whole network."""
    run = mocked.run(platform="docker")
    published = {
        each.name: [(port["ip"], port["external"]) for port in each.inputs.get("ports") or []]
        for each in run.of("Container")
    }
    assert {name: ports for name, ports in published.items() if ports} == {
        "fate-9999-rollsite": [("0.0.0.0", 9370)],
        "fate-9999-fateboard": [("127.0.0.1", 8080)],
        "fate-9999-notebook": [("127.0.0.1", 20000)],
    }


def test_the_pages_of_a_remote_docker_host_come_with_the_way_to_them() -> None:
    """They are open on that machine alone, so that an address without a tunnel is of no use to anybody."""
    run = mocked.run(platform="docker", docker=json.dumps({"host": "ssh://fate@gpu7.example.org:2222"}))
    assert run.outputs["interfaces"]["fateboard"] == {
        "url": "http://127.0.0.1:8080",
        "how": "ssh -N -L 8080:127.0.0.1:8080 gpu7.example.org",
    }
    assert run.outputs["link"]["endpoints"]["rollsite"]["host"] == "gpu7.example.org"


def test_docker_binds_nothing_of_the_host() -> None:
    """Bind mounts leave root's files behind and break on a remote engine."""
    for container in mocked.run(platform="docker").of("Container"):
        assert not container.inputs.get("mounts")
        assert all("hostPath" not in volume for volume in container.inputs.get("volumes") or [])


def test_nodemanagers_on_docker_have_names_and_data_of_their_own() -> None:
    """Two nodemanagers on one volume corrupt each other's tables; KubeFATE could not run several at all."""
    run = mocked.run(platform="docker", eggroll=json.dumps({"nodemanager": {"replicas": 3}}))
    nodes = ["fate-9999-nodemanager", "fate-9999-nodemanager-1", "fate-9999-nodemanager-2"]
    volumes = [[volume["volumeName"] for volume in run.named("Container", node).inputs["volumes"]] for node in nodes]
    assert [each[0] for each in volumes] == [f"{node}-data" for node in nodes]
    aliases = [run.named("Container", node).inputs["networksAdvanced"][0]["aliases"] for node in nodes]
    assert aliases == [["nodemanager"], ["nodemanager", "nodemanager-1"], ["nodemanager", "nodemanager-2"]]


def test_pods_run_as_they_should() -> None:
    """A pod without requests is evicted first; one without a probe is called ready while it is not."""
    run = mocked.run()
    for workload in [*run.of("StatefulSet"), *run.of("Deployment")]:
        spec = workload.inputs["spec"]["template"]["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            assert container["resources"]["requests"], container["name"]
        assert "exec" in spec["containers"][0]["readinessProbe"]
        assert "exec" in spec["containers"][0]["startupProbe"]


def test_pods_wait_for_what_they_need_by_name() -> None:
    """After a node restart no engine orders the start; clustermanager would die of a missing MySQL."""
    run = mocked.run()
    (mysql_wait, schema) = pod(run, "Deployment", "clustermanager")["initContainers"]
    assert mysql_wait["command"][-2:] == ["mysql", "3306"]
    assert schema["name"] == "schema"
    waits = pod(run, "StatefulSet", "fateflow")["initContainers"][0]["command"]
    assert {"mysql", "clustermanager", "nodemanager", "rollsite"} <= set(waits)


def test_data_is_claimed_and_route_tables_are_mounted_whole() -> None:
    """Data on an emptyDir is lost with the pod; a subPath mount of a route table never changes."""
    run = mocked.run()
    claiming = {each.name for each in run.of("StatefulSet") if each.inputs["spec"].get("volumeClaimTemplates")}
    assert claiming == {f"fate-9999-{name}" for name in ("mysql", "nodemanager", "fateflow", "notebook")}
    mounts = pod(run, "Deployment", "rollsite")["containers"][0]["volumeMounts"]
    (table,) = [mount for mount in mounts if mount["mountPath"].endswith("route_table")]
    assert "subPath" not in table


def test_network_policy_admits_the_site_and_its_peers_only() -> None:
    """A policy that forgets a port cuts the party off; one that admits all protects nothing."""
    policies = {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in mocked.run().of("NetworkPolicy")}
    mine = {"matchLabels": {"app.kubernetes.io/instance": "fate-9999"}}
    assert policies["site"]["podSelector"] == mine
    assert policies["site"]["ingress"] == [{"from": [{"podSelector": mine}]}]
    assert policies["rollsite-peers"]["ingress"] == [{"ports": [{"port": 9370, "protocol": "TCP"}]}]
    assert set(policies) == {"site", "rollsite-peers"}


def test_registry_prefix_covers_every_image() -> None:
    """An air-gapped site that still asks Docker Hub for one image never starts."""
    prefix = "mirror.example.org/fate"
    images = json.dumps({"registry": prefix})
    docker = mocked.run(platform="docker", images=images)
    assert all(each.inputs["name"].startswith(prefix) for each in docker.of("RemoteImage"))
    kubernetes = mocked.run(images=images)
    for workload in [*kubernetes.of("StatefulSet"), *kubernetes.of("Deployment")]:
        spec = workload.inputs["spec"]["template"]["spec"]
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            assert container["image"].startswith(prefix)
    assert all(each.startswith(prefix) for each in kubernetes.outputs["images"])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_link_is_complete_and_free_of_secrets(platform: str) -> None:
    """A link is sent to competitors: a secret in it is published, a missing field stops them."""
    run = mocked.run(platform=platform, advertise=json.dumps({"host": "fate.example.org"}))
    link = run.outputs["link"]
    assert mocked.SECRET not in text(link)
    assert (link["version"], link["role"], link["partyId"], link["transport"]) == (1, "party", 9999, "rollsite")
    assert link["endpoints"]["rollsite"]["host"] == "fate.example.org"


def changed(before: mocked.Run, after: mocked.Run) -> set[str]:
    """Names of resources whose inputs differ, appear or disappear."""

    def index(run: mocked.Run) -> dict[tuple[str, str], str]:
        return {(each.type, each.name): text(each.inputs) for each in run.resources}

    old, new = index(before), index(after)
    return {name for kind, name in old.keys() | new.keys() if old.get((kind, name)) != new.get((kind, name))}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_log_level_touches_fateflow_only(platform: str) -> None:
    """A harmless setting that restarts the engine kills running jobs."""
    before = mocked.run(platform=platform)
    after = mocked.run(platform=platform, fateflow=json.dumps({"logLevel": "DEBUG"}))
    assert changed(before, after) == {"fate-9999-fateflow"}


def test_a_peer_changes_the_route_table_only() -> None:
    """Adding a party must not restart anything."""
    before = mocked.run()
    peer = json.dumps({"10000": {"host": "fate.example.net", "port": 9370, "tls": False}})
    assert changed(before, mocked.run(peers=peer)) == {"fate-9999-rollsite-route-table"}


def test_a_peer_on_docker_replaces_the_carrier_only() -> None:
    """On Docker changed files replace a container, so the table travels in one of its own."""
    before = mocked.run(platform="docker")
    peer = json.dumps({"10000": {"host": "fate.example.net", "port": 9370, "tls": False}})
    assert changed(before, mocked.run(platform="docker", peers=peer)) == {"fate-9999-rollsite-route-table"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_scaling_out_leaves_the_running_nodes_and_the_router_alone(platform: str) -> None:
    """Restarting a nodemanager or rollsite to add another kills every running job."""
    before = mocked.run(platform=platform)
    after = mocked.run(platform=platform, eggroll=json.dumps({"nodemanager": {"replicas": 3}}))
    restarted = {"docker": {"fate-9999-clustermanager", "fate-9999-fateflow"}, "kubernetes": set()}[platform]
    touched = changed(before, after)
    assert restarted <= touched
    assert not {name for name in touched if name.startswith("fate-9999-rollsite")}
    if platform == "docker":
        assert "fate-9999-nodemanager" not in touched
    else:
        templates = [pod(run, "StatefulSet", "nodemanager") for run in (before, after)]
        assert templates[0] == templates[1]


def test_who_runs_the_tests_changes_nothing_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Golden files written beside a remote engine would name it, and fail on every other machine."""
    for name in mocked.FROM_ENVIRONMENT:
        monkeypatch.setenv(name, "/somebody/elses")
    for platform in ("docker", "kubernetes"):
        assert "/somebody/elses" not in str(mocked.run(platform=platform).resources), platform
