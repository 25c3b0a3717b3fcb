"""An eggroll party on Docker by the real engine: up, changed, damaged, repaired, torn down, its data found again."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import dockerd, process
from tests import first_up, parties
from tests.docker import backend_life

pytestmark = pytest.mark.seconds(140)

PORTS = {"rollsite": 29370, "fateboard": 28080, "notebook": 28888}
SERVICES = ("mysql", "clustermanager", "nodemanager", "rollsite", "nginx", "fateflow", "fateboard", "notebook")


MEMORY: dict[str, Any] = {"mysql": 512, "fateflow": 1024, "fateboard": 600, "notebook": 1024}
"""MiB that each service may take here."""
Begun = tuple[parties.Party, first_up.FirstUp]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sweep: Callable[[str], None]) -> Iterator[Begun]:
    """A party that is up, and how it came up."""
    sweep("fate-9101")
    services: dict[str, Any] = {section: bounded(memory) for section, memory in MEMORY.items()}
    made = parties.Party(
        tmp_path_factory.mktemp("docker"),
        9101,
        secrets={"fateboard.password": "chosen-by-operators-of-9101"},
        platform="docker",
        docker={"ports": PORTS, "host": dockerd.up()},
        advertise={"host": "fate.example.org"},
        eggroll=engine(1),
        **services,
    )
    try:
        yield made, first_up.on_docker(made, dockerd.up())
    finally:
        sweep(made.site)


@pytest.fixture(scope="module")
def party(begun: Begun) -> parties.Party:
    """A running party; the tests of this file change it one after the other and put it right again."""
    return begun[0]


def bounded(memory: int) -> Any:
    """Settings of a service that may take ``memory`` MiB, and no more."""
    return {"resources": {"memory": f"{memory}Mi", "memoryLimit": f"{memory}Mi"}}


def engine(nodemanagers: int) -> dict[str, Any]:
    """Settings of eggroll with so many nodemanagers."""
    nodes = {"replicas": nodemanagers, **bounded(2048)}
    return {"clustermanager": bounded(512), "nodemanager": nodes, "rollsite": bounded(1024), "nginx": bounded(128)}


def ids(client: Any, party: parties.Party) -> dict[str, str]:
    """Container name to id, of everything that belongs to the site."""
    found = client.containers.list(all=True, filters={"label": f"io.fate.site={party.site}"})
    return {each.name.removeprefix(f"{party.site}-"): each.id for each in found}


def run(client: Any, party: parties.Party, service: str, *command: str) -> tuple[int, str]:
    """Run ``command``, which always prints something, inside the container of ``service``."""
    return backend_life.answer(client, f"{party.site}-{service}", *command)


def query(client: Any, party: parties.Party, password: str, sql: str) -> tuple[int, str]:
    """Ask the database from another container, as fateflow and clustermanager do."""
    return run(client, party, "fateflow", "python3", "-c", parties.ASK_DATABASE, password, sql)


def test_up_ends_when_every_service_is_healthy(party: parties.Party, client: Any) -> None:
    """A run that ends early leaves the operator polling, and a script that follows fails."""
    for service in SERVICES:
        attributes = client.containers.get(f"{party.site}-{service}").attrs
        assert attributes["State"]["Health"]["Status"] == "healthy", service
        assert attributes["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"


def test_services_start_in_the_order_of_what_they_need(begun: Begun) -> None:
    """An engine that starts before its database ends, and is started again and again while people wait."""
    begun[1].in_order(first_up.EGGROLL)


def test_services_reach_each_other_by_name_and_mysql_takes_only_its_own_password(
    party: parties.Party, client: Any
) -> None:
    """An engine that cannot find its database, or a database that anybody can enter."""
    password = party.outputs()["credentials"]["mysql"]["password"]
    code, rows = query(client, party, password, "SELECT node_type, status FROM server_node")
    assert code == 0, rows
    assert "NODE_MANAGER" in rows
    assert query(client, party, "fate_dev", "SELECT 1")[0] != 0
    assert run(client, party, "mysql", "mysql", "--host=mysql", "--user=root", "--execute=SELECT 1")[0] != 0


def test_only_what_peers_dial_is_open_to_the_network(party: parties.Party, client: Any) -> None:
    """A board on all addresses shows an organisation's data to its whole network."""
    published: dict[str, set[str]] = {}
    for service in SERVICES:
        ports = client.containers.get(f"{party.site}-{service}").attrs["NetworkSettings"]["Ports"]
        bound = {f"{each['HostIp']}:{each['HostPort']}" for value in ports.values() for each in value or []}
        published |= {service: bound} if bound else {}
    assert published == {
        "nginx": {"0.0.0.0:29370"},
        "fateboard": {"127.0.0.1:28080"},
        "notebook": {"127.0.0.1:28888"},
    }


def test_the_party_fits_a_small_machine(begun: Begun, client: Any) -> None:
    """A party that takes more than 8 GiB runs on nobody's laptop."""
    backend_life.Life(begun[0], client, begun[1]).fits_a_small_machine()


def test_a_second_up_changes_nothing(party: parties.Party) -> None:
    """A plan that always shows something trains people not to read plans."""
    assert party.up().touched() == set()


def test_no_password_stands_anywhere_in_plain(begun: Begun, party: parties.Party, client: Any) -> None:
    """State files, inspect output and logs are read by many who must not know a password."""
    passwords = party.passwords()
    changed = first_up.printed_of_a_change(party, fateflow={"logLevel": "WARNING"}, mysql={"user": "other"})
    assert f"{party.site}-fateflow" in changed
    assert parties.hidden(changed, passwords)
    assert parties.hidden(begun[1].printed, passwords)
    assert parties.hidden(party.export(), passwords)
    assert parties.hidden(party.command("stack", "output", "--stack", party.stack).stdout, passwords)
    for container in client.containers.list(all=True, filters={"label": f"io.fate.site={party.site}"}):
        assert parties.hidden(json.dumps(container.attrs), passwords), container.name
        assert parties.hidden(container.logs().decode(errors="replace"), passwords), container.name


def test_files_with_secrets_are_for_their_owner_only(party: parties.Party, client: Any) -> None:
    """A password in a file that everybody in the container may read is no secret from a notebook's user."""
    for service, file in (
        ("mysql", "/etc/fate/mysql-password"),
        ("clustermanager", "/data/projects/fate/eggroll/conf/eggroll.properties"),
        ("fateflow", "/data/projects/fate/conf-template/service_conf.yaml"),
        ("fateflow", "/data/projects/fate/conf/service_conf.yaml"),
        ("fateboard", "/data/projects/fate/fateboard/conf/application.properties"),
    ):
        code, mode = run(client, party, service, "stat", "-c", "%a", file)
        assert (code, mode.strip() in {"400", "600"}) == (0, True), (file, mode)


def test_one_setting_touches_only_what_uses_it(party: parties.Party, client: Any) -> None:
    """A log level that restarts the engine costs somebody a night's training."""
    before = ids(client, party)
    party.change(fateflow={"logLevel": "DEBUG", **bounded(1024)})
    assert party.preview().touched() == {f"{party.site}-fateflow"}
    assert party.up().touched() == {f"{party.site}-fateflow"}
    after = ids(client, party)
    assert {name for name in before if before[name] != after[name]} == {"fateflow"}


def test_a_limit_is_set_without_a_new_container(party: parties.Party, client: Any) -> None:
    """A limit is the one thing Docker changes on a running container; replacing it would be needless."""
    before = ids(client, party)
    party.change(fateboard=bounded(700))
    assert party.up().touched() == {f"{party.site}-fateboard"}
    assert ids(client, party) == before
    assert client.containers.get(f"{party.site}-fateboard").attrs["HostConfig"]["Memory"] == 700 * 1024 * 1024


def test_a_peer_changes_the_table_and_restarts_nothing(party: parties.Party, client: Any) -> None:
    """Adding a partner must not interrupt the jobs with the others."""
    before = ids(client, party)
    party.change(peers={"9102": {"host": "fate.example.net", "port": 9370, "tls": False}})
    party.up()
    after = ids(client, party)
    assert {name for name in before if before[name] != after[name]} == {"rollsite-route-table"}
    table = "/data/projects/fate/eggroll/conf/route_table/route_table.json"
    routes = json.loads(run(client, party, "rollsite", "cat", table)[1])["route_table"]
    assert routes["9102"]["default"] == [{"ip": "fate.example.net", "port": 9370}]
    assert routes[str(party.party_id)]["default"] == [{"ip": "rollsite", "port": 9370}]


def test_nodemanagers_are_added_beside_the_running_ones(party: parties.Party, client: Any) -> None:
    """KubeFATE could not run several on Docker; restarting the first would lose its sessions."""
    before = ids(client, party)
    party.change(eggroll=engine(2))
    party.up()
    after = ids(client, party)
    for kept in ("mysql", "nodemanager", "nodemanager-eggrollpair", "rollsite"):
        assert before[kept] == after[kept], kept
    assert {"nodemanager-1", "nodemanager-1-eggrollpair"} <= set(after)
    password = party.outputs()["credentials"]["mysql"]["password"]
    sql = "SELECT COUNT(DISTINCT host) FROM server_node WHERE node_type = 'NODE_MANAGER'"
    counted = "both nodemanagers to be registered"
    process.wait_for(lambda: query(client, party, password, sql)[1].strip() == "((2,),)", 60, counted)


def test_damage_done_by_hand_is_found_and_repaired(party: parties.Party, client: Any) -> None:
    """Somebody tidies up containers; the next up must bring back what was there."""
    client.containers.get(f"{party.site}-fateboard").stop(timeout=1)
    client.containers.get(f"{party.site}-notebook").remove(force=True)
    found = party.preview().touched()
    assert found == {f"{party.site}-fateboard", f"{party.site}-notebook"}
    party.up()
    test_up_ends_when_every_service_is_healthy(party, client)
    assert party.up().touched() == set()


def test_destroy_leaves_the_data_and_the_next_up_finds_it(party: parties.Party, client: Any) -> None:
    """A slip must not cost the models; and the new stack's passwords must open the old database."""
    old = party.outputs()["credentials"]["mysql"]["password"]
    assert query(client, party, old, "CREATE TABLE kept (what VARCHAR(20))")[0] == 0
    assert query(client, party, old, "INSERT INTO kept VALUES ('a model')")[0] == 0
    party.destroy()
    assert ids(client, party) == {}
    assert not client.networks.list(names=[party.site])
    kept = {each.name for each in client.volumes.list() if each.name.startswith(f"{party.site}-")}
    assert f"{party.site}-mysql-mysql" in kept
    assert f"{party.site}-nodemanager-logs" not in kept
    party.up()
    new = party.outputs()["credentials"]["mysql"]["password"]
    assert new != old
    assert query(client, party, new, "SELECT what FROM kept")[1].strip() == "(('a model',),)"
    assert query(client, party, old, "SELECT 1")[0] != 0


def test_without_retained_data_destroy_leaves_nothing(party: parties.Party, client: Any) -> None:
    """Test sites that leave volumes behind fill the disk of the host."""
    party.change(retainData=False)
    party.up()
    party.destroy()
    assert ids(client, party) == {}
    assert not [each.name for each in client.volumes.list() if each.name.startswith(f"{party.site}-")]
    assert not client.networks.list(names=[party.site])
