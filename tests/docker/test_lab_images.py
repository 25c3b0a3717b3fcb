"""The lab images: they run with the program's own files, and refuse whatever the real services would not work with."""

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from components.versions import fate_1_11 as fate
from lab import errors, images, process
from lab.images import debian
from lab.images.fate import eggroll_conf, rollsite, service
from tests.docker import stand_ins
from tests.docker.stand_ins import ROUTES, Box, changed, ready, run

pytestmark = pytest.mark.seconds(15)

PROPERTIES, CONF, BOARD = fate.EGGROLL_PROPERTIES_PATH, fate.SERVICE_CONF_PATH, fate.BOARD_PROPERTIES_PATH
SITE = ("mysql", "clustermanager", "nodemanager", "rollsite", "fateflow", "fateboard")
MEGABYTES = 40


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, Any]]:
    """Containers of a site by name, started in the program's order, each when the one before is ready."""
    images.ensure()
    box = Box()
    try:
        database, environment = stand_ins.mysql()
        made: dict[str, Any] = {"box": box, "mysql": box.start(database, "mysql", environment=environment)}
        login = ("-h127.0.0.1", f"-u{stand_ins.DATABASE.user}", f"-p{stand_ins.DATABASE.password}")
        ready(made["mysql"], ("mysql", *login, "-e", "SELECT 1"))
        probes = {
            "clustermanager": fate.clustermanager_probe(),
            "nodemanager": fate.nodemanager_probe(),
            "rollsite": fate.rollsite_probe(),
            "fateflow": fate.fateflow_probe(),
            "fateboard": fate.fateboard_probe(),
        }
        for name, parts in stand_ins.services().items():
            made[name] = box.start(parts, name)
            ready(made[name], probes[name])
        yield made
    finally:
        box.close()


def test_the_site_works_together(site: dict[str, Any]) -> None:
    """Without it, a stand-in that only opens its port would let every test of the program pass."""
    nodes = stand_ins.ask(site["clustermanager"], fate.ports.CLUSTERMANAGER, ask="nodes")["nodes"]
    node = stand_ins.ask(site["nodemanager"], fate.ports.NODEMANAGER, ask="node")
    assert [(one[0], one[1]) for one in nodes] == [(node["id"], node["host"])]
    peer = stand_ins.ask(site["rollsite"], fate.ports.ROLLSITE, ask="route", party="10000", role="fateflow")
    assert (peer["host"], peer["port"]) == ("peer.example", 30091)
    unlinked = stand_ins.ask(site["rollsite"], fate.ports.ROLLSITE, ask="route", party="7")
    assert "neither party 7 nor a default" in unlinked["error"]
    query = "SELECT f_cores FROM t_engine_registry"
    assert run(site["mysql"], "mysql", "-uroot", "-proot's", "-N", "eggroll_meta", "-e", query).split() == ["4"]


def test_passwords_stay_out_of_the_log(site: dict[str, Any]) -> None:
    """eggroll prints its password at the start, the stand-in too; the program's filter is what keeps it out."""
    log = site["clustermanager"].logs().decode()
    assert "config key eggroll.data.dir=data/" in log
    assert stand_ins.DATABASE.password not in log and "jdbc.password" not in log


def test_each_is_small(site: dict[str, Any]) -> None:
    """Several sites run side by side on one small machine only while every service of them is small."""
    for name in SITE[1:]:
        top = site[name].top(ps_args="-o pid,rss")
        total = sum(int(row[1]) for row in top["Processes"]) // 1024
        assert total < MEGABYTES, f"{name} uses {total} MB"


def test_the_board_lets_in_only_with_its_password(site: dict[str, Any]) -> None:
    """A board that took any password would hide that the program configured another."""
    url, form = "http://127.0.0.1:8080/user/login", '{{"username": "admin", "password": "{}"}}'
    assert site["fateboard"].exec_run(["wget", "-qO-", f"--post-data={form.format('wrong')}", url]).exit_code == 1
    assert '"code": 0' in run(site["fateboard"], "wget", "-qO-", f"--post-data={form.format('board')}", url)


def test_nothing_is_built_twice(site: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """`make demo` asks for the images every time; a rebuild would cost its user a minute and replace the containers."""
    before = {name: site["box"].client.images.get(name).id for name in images.NAMES}
    assert images.main([]) == 0
    assert "building" not in capsys.readouterr().err
    assert {name: site["box"].client.images.get(name).id for name in images.NAMES} == before


def test_an_unknown_image_is_named() -> None:
    """A misspelled name must not end in an engine's message about pulling."""
    with pytest.raises(errors.LabError, match=r"no lab image is called mysql:8; there are: mysql:8\.0\.28"):
        images.ensure(["mysql:8"])


SOURCES = {
    "sources.list": "# deb http://old bookworm main\ndeb [arch=amd64] http://mirror/debian bookworm main\n",
    "sources.list.d/debian.sources": "Types: deb\n# http://old\nURIs: http://mirror/debian\nSuites: bookworm\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_the_mirror_comes_from_apt(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Machines behind a proxy reach only the mirror they are set up with, written in either of apt's two ways."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(SOURCES[name], encoding="utf-8")
    monkeypatch.setattr(debian, "APT", tmp_path)
    assert debian.mirror() == "http://mirror/debian"
    file.unlink()
    with pytest.raises(errors.LabError, match="deb ADDRESS bookworm main"):
        debian.mirror()


REFUSALS = [
    ("clustermanager", PROPERTIES, "eggroll.data.dir=data/\n", "", "eggroll.data.dir is missing"),
    ("clustermanager", PROPERTIES, "clustermanager.port=4670", "clustermanager.port=467O", "not a whole number"),
    ("clustermanager", PROPERTIES, "clustermanager.port=4670", "clustermanager.port=4675", "that the others dial"),
    ("clustermanager", PROPERTIES, "jdbc.password=", "jdbc.password=x", "Access denied"),
    ("clustermanager", PROPERTIES, "jdbc:mysql://mysql:", "jdbc:mysql://nowhere:", "refused database"),
    ("clustermanager", PROPERTIES, "/eggroll_meta?", "/information_schema?", "lacks eggroll's tables"),
    ("nodemanager", PROPERTIES, "[eggroll]\n", "", "[eggroll] is missing"),
    ("nodemanager", PROPERTIES, "coordinator=lab", "coordinator=100%", "configparser cannot read it"),
    ("nodemanager", PROPERTIES, "clustermanager.host=clustermanager", "clustermanager.host=nowhere", "does not answer"),
    ("rollsite", ROUTES, '"port": 30091', '"port": "30091"', "cannot be cast"),
    ("rollsite", ROUTES, '"ip": "rollsite"', '"ip": "Rollsite"', "sent on for ever"),
    ("rollsite", ROUTES, '"fateflow": [', '"other": [', "no route fateflow"),
    ("rollsite", ROUTES, "}", "", "is not JSON"),
    ("rollsite", PROPERTIES, "route.table.path=", "route.table.path=x", "cannot be read"),
    ("fateflow", CONF, "use_registry: false\n", "", "use_registry is missing"),
    ("fateflow", CONF, "http_port: 9380", "http_port: '9380'", "http_port is of type str"),
    ("fateflow", CONF, fate.OWN_ADDRESS, "127.0.0.1", "127.0.0.1 is not supported"),
    ("fateflow", CONF, fate.OWN_ADDRESS, "fateflow", "must be an IP address"),
    ("fateflow", CONF, "passwd: ", "passwd: x", "Access denied"),
    ("fateflow", CONF, "stale_timeout: 30", "stale_timeout: 30\n  ssl: x", "database.ssl is not known"),
    ("fateflow", CONF, "federation: eggroll", "federation: rollsite", "not supported in EGGROLL"),
    ("fateflow", CONF, "host: rollsite", "host: nowhere", "rollsite does not answer"),
    ("fateflow", CONF, "party_id: 9999", "party_id: 9998", "says party 9999"),
    ("fateboard", BOARD, "login.password=board", "login.password=", "login.password is empty"),
    ("fateboard", BOARD, "login.username=admin", "login.username=${USER}", "Could not resolve placeholder"),
    ("fateboard", BOARD, "server.port=8080", "server.port=http", "not a whole number"),
    ("fateboard", BOARD, "fateflow.url=http://", "fateflow.url=", "not an address of fateflow"),
]


@pytest.mark.parametrize(("name", "path", "old", "new", "expected"), REFUSALS, ids=lambda text: text[:24])
def test_a_wrong_setting_is_refused(
    site: dict[str, Any], name: str, path: str, old: str, new: str, expected: str
) -> None:
    """A stand-in that starts with this would prove a program right that fails on the real image."""
    said = site["box"].refuses(changed(stand_ins.services()[name], path, old, new))
    assert expected in said
    assert "Traceback" not in said


def test_the_route_table_changes_without_a_restart(tmp_path: pathlib.Path) -> None:
    """Adding a party must not interrupt jobs: the table alone changes, and rollsite reads it again."""
    table = tmp_path / "route_table.json"
    link = {10000: fate.Hop(host="10.0.0.1", port=9370)}
    table.write_text(fate.route_table(party_id=1, default=None, peers={}), encoding="utf-8")
    conf = tmp_path / "eggroll.properties"
    text = fate.eggroll_properties(party_id=1, database=None, processors_per_node=1, coordinator="x")
    conf.write_text(text.replace(ROUTES, str(table)), encoding="utf-8")
    site = rollsite.Site(eggroll_conf.load(conf, announce=False), service.Log(tmp_path / "log"))
    with pytest.raises(service.RefusedError, match="neither party 10000"):
        site.answer({"ask": "route", "party": 10000})
    table.write_text(fate.route_table(party_id=1, default=None, peers=link), encoding="utf-8")
    assert site.refresh()
    assert site.answer({"ask": "route", "party": 10000})["host"] == "10.0.0.1"
    table.write_text("{", encoding="utf-8")
    assert not site.refresh(), "eggroll's timer ends with the first table that is not JSON"
    assert site.answer({"ask": "route", "party": 10000})["host"] == "10.0.0.1"


def test_sigterm_ends_each_at_once(site: dict[str, Any]) -> None:
    """A service that ignores the stop signal costs ten seconds at every `up` that replaces it."""
    for name in reversed(SITE):
        site[name].kill("SIGTERM")
        _wait_for_end(site[name], 3)


def _wait_for_end(container: Any, seconds: float) -> None:
    def ended() -> bool:
        container.reload()
        return bool(container.status == "exited")

    process.wait_for(ended, seconds, lambda: f"the end of {container.name}")
