"""An eggroll party as real pods on the lab's node by the real engine: up, changed, damaged, repaired, torn down."""

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import cluster as lab_cluster
from lab import process
from tests import first_up, parties

pytestmark = pytest.mark.seconds(230)

IMAGES = (
    "mysql:8.0.28",
    "nginx:1.22.1",
    *(f"federatedai/{name}:1.11.2-release" for name in ("eggroll", "fateflow", "fateboard", "client")),
    "fluent/fluent-bit:2.1.4",
)
WORKLOADS = ("mysql", "clustermanager", "nodemanager", "rollsite", "nginx", "fateflow", "fateboard", "notebook")
Get = Callable[..., Any]


Begun = tuple[parties.Party, first_up.FirstUp]


@pytest.fixture(scope="module")
def begun(
    tmp_path_factory: pytest.TempPathFactory, cluster: pathlib.Path, sweep: Callable[[str], None]
) -> Iterator[Begun]:
    """A party that is up, and how it came up."""
    lab_cluster.load(IMAGES)
    sweep("fate-9201")
    made = parties.Party(
        tmp_path_factory.mktemp("cluster"),
        9201,
        secrets={"fateboard.password": "chosen-by-operators-of-9201"},
        kubernetes={"kubeconfig": str(cluster)},
        advertise={"host": "fate.example.org"},
    )
    try:
        yield made, first_up.on_kubernetes(made, cluster)
    finally:
        sweep(made.site)


@pytest.fixture(scope="module")
def party(begun: Begun) -> parties.Party:
    """A running party; the tests of this file change it one after the other and put it right again."""
    return begun[0]


@pytest.fixture(scope="module")
def get(party: parties.Party, kubectl: Any) -> Get:
    """Objects of one kind in the party's namespace, by name."""

    def found(kind: str) -> dict[str, Any]:
        listed = kubectl("get", kind, "--namespace", party.site, "--output", "json").stdout
        return {item["metadata"]["name"]: item for item in json.loads(listed)["items"]}

    return found


def uids(get: Get) -> dict[str, str]:
    """Workload to the uid of its (first) pod."""
    found = [pod for pod in get("pods").values() if "deletionTimestamp" not in pod["metadata"]]
    pods = sorted(found, key=lambda pod: str(pod["metadata"]["name"]), reverse=True)
    return {pod["metadata"]["labels"]["app.kubernetes.io/name"]: pod["metadata"]["uid"] for pod in pods}


def query(kubectl: Any, party: parties.Party, password: str, sql: str) -> str:
    """Ask the database from another pod, as fateflow and clustermanager do."""
    command = ("python3", "-c", parties.ASK_DATABASE, password, sql)
    done = kubectl("exec", "--namespace", party.site, "fateflow-0", "--", *command, check=False)
    return str(done.stdout.strip() or done.stderr)


def test_up_ends_when_every_pod_is_ready(party: parties.Party, get: Get) -> None:
    """A run that ends early leaves the operator polling, and a script that follows fails."""
    ready = {
        pod["metadata"]["labels"]["app.kubernetes.io/name"]: all(
            each["ready"] for each in pod["status"]["containerStatuses"]
        )
        for pod in get("pods").values()
    }
    assert ready == dict.fromkeys(WORKLOADS, True)
    assert all(claim["status"]["phase"] == "Bound" for claim in get("pvc").values())


def test_services_start_in_the_order_of_what_they_need(begun: Begun) -> None:
    """An engine that starts before its database ends, and is started again and again while people wait."""
    begun[1].in_order(first_up.EGGROLL)


def test_pods_reach_each_other_by_name_and_mysql_takes_only_its_own_password(
    party: parties.Party, kubectl: Any
) -> None:
    """An engine that cannot find its database, or a database that anybody can enter."""
    password = party.outputs()["credentials"]["mysql"]["password"]
    assert "NODE_MANAGER" in query(kubectl, party, password, "SELECT node_type, status FROM server_node")
    assert "Access denied" in query(kubectl, party, "fate_dev", "SELECT 1")


def test_the_link_names_the_port_that_the_cluster_gave(party: parties.Party, get: Get) -> None:
    """A partner dials what the link says."""
    outputs = party.outputs()
    port = get("services")["nginx-peers"]["spec"]["ports"][0]["nodePort"]
    assert outputs["link"]["endpoints"]["rollsite"] == {"host": "fate.example.org", "port": port, "tls": True}
    assert outputs["requiredPorts"] == [
        {"service": "rollsite", "port": port, "protocol": "TCP", "from": "peers", "tls": True}
    ]


def test_a_second_up_changes_nothing(party: parties.Party) -> None:
    """A plan that always shows something trains people not to read plans."""
    assert party.up().touched() == set()


def test_no_password_stands_anywhere_in_plain(begun: Begun, party: parties.Party, get: Get, kubectl: Any) -> None:
    """State, ConfigMaps, pod specs and logs are read by many who must not know a password."""
    passwords = party.passwords()
    changed = first_up.printed_of_a_change(party, fateflow={"logLevel": "WARNING"}, mysql={"user": "other"})
    assert f"{party.site}-fateflow" in changed
    assert parties.hidden(changed, passwords)
    assert parties.hidden(begun[1].printed, passwords)
    assert parties.hidden(party.export(), passwords)
    for kind in ("configmaps", "pods", "statefulsets", "deployments", "services", "events"):
        assert parties.hidden(json.dumps(get(kind)), passwords), kind
    for pod in get("pods"):
        logs = kubectl("logs", "--namespace", party.site, pod, "--all-containers", check=False)
        assert parties.hidden(logs.stdout, passwords), pod


def test_one_setting_touches_only_what_uses_it(party: parties.Party, get: Get) -> None:
    """A log level that restarts the engine costs somebody a night's training."""
    before = uids(get)
    party.change(fateflow={"logLevel": "DEBUG"})
    assert party.preview().touched() == {f"{party.site}-fateflow"}
    assert party.up().touched() == {f"{party.site}-fateflow"}
    after = uids(get)
    assert {name for name in before if before[name] != after[name]} == {"fateflow"}


def test_a_peer_changes_the_table_and_restarts_nothing(party: parties.Party, get: Get) -> None:
    """Adding a partner must not interrupt the jobs with the others."""
    before = uids(get)
    party.change(peers={"9202": {"host": "fate.example.net", "port": 9370, "tls": False}})
    result = party.up()
    assert result.did(f"{party.site}-rollsite-route-table") == ["update"]
    assert result.touched() == {f"{party.site}-rollsite-route-table"}
    assert uids(get) == before


def test_nodemanagers_are_added_beside_the_running_ones(party: parties.Party, get: Get, kubectl: Any) -> None:
    """Restarting the first nodemanager would lose its sessions."""
    before = uids(get)
    party.change(eggroll={"nodemanager": {"replicas": 2}})
    party.up()
    after = uids(get)
    assert {name for name in before if before[name] != after[name]} == {"clustermanager", "fateflow"}
    password = party.outputs()["credentials"]["mysql"]["password"]
    sql = "SELECT COUNT(DISTINCT host) FROM server_node WHERE node_type = 'NODE_MANAGER'"
    counted = "both nodemanagers to be registered"
    process.wait_for(lambda: query(kubectl, party, password, sql) == "((2,),)", 60, counted)


def test_damage_done_by_hand_is_found_and_repaired(party: parties.Party, get: Get, kubectl: Any) -> None:
    """Somebody edits or deletes with kubectl; the next up must bring back what was described."""
    kubectl("delete", "service", "fateboard", "--namespace", party.site)
    kubectl("set", "image", "deployment/rollsite", "rollsite=mysql:8.0.28", "--namespace", party.site)
    found = {(step.name, step.type.split(":")[-1]): step.operation for step in party.refresh().steps}
    assert found[f"{party.site}-fateboard", "Service"] == "delete"
    assert found[f"{party.site}-rollsite", "Deployment"] == "update"
    assert party.up().touched() == {f"{party.site}-fateboard", f"{party.site}-rollsite"}
    assert "fateboard" in get("services")
    image = get("deployments")["rollsite"]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "federatedai/eggroll:1.11.2-release"
    assert party.up().touched() == set()


def test_destroy_leaves_the_data_and_the_next_up_finds_it(party: parties.Party, get: Get, kubectl: Any) -> None:
    """A slip must not cost the models; and the new stack's passwords must open the old database."""
    old = party.outputs()["credentials"]["mysql"]["password"]
    query(kubectl, party, old, "CREATE TABLE kept (what VARCHAR(20))")
    query(kubectl, party, old, "INSERT INTO kept VALUES ('a model')")
    party.destroy()
    for kind in ("pods", "services", "secrets", "deployments", "statefulsets", "networkpolicies"):
        assert get(kind) == {}, kind
    assert "data-mysql-0" in get("pvc")
    party.up()
    new = party.outputs()["credentials"]["mysql"]["password"]
    assert new != old
    assert query(kubectl, party, new, "SELECT what FROM kept") == "(('a model',),)"
    assert "Access denied" in query(kubectl, party, old, "SELECT 1")


def test_without_retained_data_destroy_leaves_nothing(party: parties.Party, kubectl: Any) -> None:
    """Test sites that leave namespaces and volumes behind fill the cluster."""
    party.change(retainData=False)
    party.up()
    party.destroy()
    gone = kubectl("get", "namespace", party.site, check=False)
    assert "NotFound" in gone.stderr

    def left() -> list[Any]:
        volumes = json.loads(kubectl("get", "pv", "--output", "json").stdout)["items"]
        return [each for each in volumes if each["spec"]["claimRef"]["namespace"] == party.site]

    # The cluster takes a volume away after its claim, in its own time.
    process.wait_for(lambda: not left(), 60, lambda: f"the removal of {[each['metadata']['name'] for each in left()]}")
