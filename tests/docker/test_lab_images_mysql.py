"""mysql:8.0.28 of the lab: a real server behind an entry point that keeps the official image's promises."""

import dataclasses
from collections.abc import Iterator

import pytest

from lab import images, process
from tests.docker import stand_ins
from tests.docker.stand_ins import Box, Service, ready, run

pytestmark = pytest.mark.seconds(12)
ROOT = "it's \\root"
QUERY = ("mysql", "-h127.0.0.1", "-uroot", f"-p{ROOT}", "-N", "-e")
BARE = Service(stand_ins.MYSQL, None, {})
SCRIPTS = "/docker-entrypoint-initdb.d"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A network for servers of these tests."""
    images.ensure([stand_ins.MYSQL])
    made = Box()
    yield made
    made.close()


def test_the_first_start_makes_what_the_variables_say(box: Box) -> None:
    """A server that skipped a variable would leave the program's services without their account or tables."""
    files = {
        "/secret/root": ROOT,
        f"{SCRIPTS}/1.sh": "echo sourced by $(id -un); mysql --version > /dev/null\n",
        f"{SCRIPTS}/2.sql": "CREATE TABLE t (a INT); INSERT INTO t VALUES (1);",
        f"{SCRIPTS}/3.txt": "not a script",
    }
    environment = {
        "MYSQL_ROOT_PASSWORD_FILE": "/secret/root",
        "MYSQL_DATABASE": "some_db",
        "MYSQL_USER": "fate",
        "MYSQL_PASSWORD": "p$w",
    }
    server = box.start(dataclasses.replace(BARE, files=files), environment=environment)
    ready(server, (*QUERY, "SELECT 1"))
    log = server.logs().decode()
    assert "sourced by mysql" in log and f"ignoring {SCRIPTS}/3.txt" in log
    assert run(server, "mysql", "-h127.0.0.1", "-ufate", "-pp$w", "-N", "some_db", "-e", "SELECT a FROM t").split() == [
        "1"
    ]
    mine = ("mysql", "-h127.0.0.1", "-ufate", "-pp$w", "-e")
    assert server.exec_run([*mine, "CREATE DATABASE somexdb"]).exit_code == 1, "_ in a name is no wildcard"
    assert run(server, *QUERY, "SELECT @@character_set_server").strip() == "utf8mb4"
    assert run(server, "stat", "-c", "%U", "/var/lib/mysql/ibdata1").strip() == "mysql"


def test_data_outlives_the_container_and_is_not_made_again(box: Box) -> None:
    """A second start that ran the scripts or set the passwords again would undo what happened in between."""
    volume = box.volume()
    script = {f"{SCRIPTS}/1.sql": "CREATE DATABASE once;"}
    data = [f"{volume}:/var/lib/mysql"]
    first = box.start(dataclasses.replace(BARE, files=script), binds=data, environment={"MYSQL_ROOT_PASSWORD": ROOT})
    ready(first, (*QUERY, "USE once"))
    run(first, *QUERY, "DROP DATABASE once")
    first.stop(timeout=5)
    second = box.start(BARE, binds=data)
    ready(second, (*QUERY, "SELECT 1"))
    assert second.exec_run([*QUERY, "USE once"]).exit_code == 1
    second.kill("SIGTERM")
    process.wait_for(lambda: second.wait(timeout=5)["StatusCode"] == 0, 5, "a clean end")


REFUSALS = {
    "no password setting": ({}, {}, "password option is not specified"),
    "a variable twice": ({"MYSQL_ROOT_PASSWORD": "a", "MYSQL_ROOT_PASSWORD_FILE": "/s"}, {"/s": "b"}, "are exclusive"),
    "user root": ({"MYSQL_ROOT_PASSWORD": "a", "MYSQL_USER": "root", "MYSQL_PASSWORD": "b"}, {}, 'MYSQL_USER="root"'),
    "foreign data": ({"MYSQL_ROOT_PASSWORD": "a"}, {"/var/lib/mysql/photo.jpg": "x"}, "has files in it"),
    "broken SQL": ({"MYSQL_ROOT_PASSWORD": "a"}, {f"{SCRIPTS}/a.sql": "CREATE TABEL t;"}, "ERROR 1064"),
    "MariaDB's SQL": (
        {"MYSQL_ROOT_PASSWORD": "a"},
        {f"{SCRIPTS}/a.sql": "CREATE INDEX IF NOT EXISTS i ON t (a);"},
        "MySQL 8.0 has no such clause",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_wrong_first_start_is_refused(box: Box, case: str) -> None:
    """The official image would not start with it, so the program must not come to rely on it."""
    environment, files, expected = REFUSALS[case]
    said = box.refuses(dataclasses.replace(BARE, files=files), environment=environment)
    assert expected in said


def test_nobody_reaches_a_server_that_is_half_made(box: Box) -> None:
    """A probe over TCP that passed during the first start would let clustermanager in before its tables are there."""
    wait = {f"{SCRIPTS}/1.sh": "until [ -e /tmp/go ]; do sleep 0.1; done\n"}
    server = box.start(dataclasses.replace(BARE, files=wait), environment={"MYSQL_ROOT_PASSWORD": ROOT})
    ready(server, ("mysqladmin", "-uroot", f"-p{ROOT}", "ping"))
    assert server.exec_run([*QUERY, "SELECT 1"]).exit_code == 1
    run(server, "touch", "/tmp/go")
    ready(server, (*QUERY, "SELECT 1"))


def test_other_commands_run_as_they_are(box: Box) -> None:
    """The program's schema step is the same image with a command of its own, and no server in it."""
    tool = Service(stand_ins.MYSQL, ("docker-entrypoint.sh", "bash", "-c", "mysqldump --version && exit 3"), {})
    assert box.start(tool).wait(timeout=10)["StatusCode"] == 3
