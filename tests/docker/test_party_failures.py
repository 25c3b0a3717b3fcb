"""What goes wrong on a Docker host, and what the program makes of it."""

import io
import pathlib
import shutil
import socket
import tarfile
from collections.abc import Callable, Iterator
from typing import Any

import docker.errors
import pytest

from lab import dockerd, process
from tests import parties

pytestmark = pytest.mark.seconds(180)

DATABASE_PORT, DATABASE_PASSWORD = 23306, "chosen-by-the-bank"
PORTS = {"rollsite": 29470, "fateboard": 28180, "notebook": 28988}


@pytest.fixture
def party(tmp_path: pathlib.Path, sweep: Callable[[str], None]) -> Iterator[parties.Party]:
    """A party that is not up yet."""
    sweep("fate-9103")
    made = parties.Party(
        tmp_path,
        9103,
        platform="docker",
        docker={"ports": PORTS, "host": dockerd.up()},
        retainData=False,
        notebook={"enabled": False},
    )
    try:
        yield made
    finally:
        sweep(made.site)


@pytest.fixture
def exchange(tmp_path: pathlib.Path, sweep: Callable[[str], None]) -> Iterator[parties.Exchange]:
    """An exchange that is not up yet: two services, where it does not matter whose they are."""
    sweep("fate-meet-9104")
    made = parties.Exchange(tmp_path, "meet-9104", platform="docker")
    try:
        yield made
    finally:
        sweep(made.site)


def running(client: Any, name: str) -> bool:
    """Whether the container called ``name`` has been started."""
    try:
        return bool(client.containers.get(name).attrs["State"]["Running"])
    except docker.errors.NotFound:
        return False


def test_a_killed_up_is_finished_by_the_next(party: parties.Party, client: Any) -> None:
    """A lost connection leaves half a site; a name that is taken must not stand in the way."""
    name = f"{party.site}-clustermanager"
    party.interrupted_up(lambda: running(client, name))
    assert running(client, name), "the leftover is there, and the state does not know it"
    # Nor does a destroy, for which no program runs: it takes away all but the network that the leftover is in.
    assert party.destroy(ok=False).failed == (party.site,)
    assert "which an interrupted run left behind" in a_port_that_is_taken(party)
    mysql = client.containers.get(f"{party.site}-mysql").id
    party.up()
    assert client.containers.get(f"{party.site}-mysql").id == mysql
    assert party.up().touched() == set()
    party.destroy()
    assert not client.containers.list(all=True, filters={"label": f"io.fate.site={party.site}"})
    assert not client.networks.list(names=[party.site])


def a_port_that_is_taken(party: parties.Party) -> str:
    """What an up says then: which port it is, and what can be done. The next up goes on from there."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("0.0.0.0", PORTS["rollsite"]))
        taken.listen()
        result = party.up(ok=False)
    assert str(PORTS["rollsite"]) in result.text
    assert "fate:docker.ports" in result.text
    assert f"{party.site}-nginx" in result.failed
    return result.text


def test_what_the_host_has_no_room_for_is_named_in_the_first_preview(
    party: parties.Party, client: Any, tmp_path: pathlib.Path
) -> None:
    """Half a site on a host that cannot hold it costs an evening; a preview costs seconds, and changes nothing."""
    small = tmp_path / "bin" / "docker"
    small.parent.mkdir()
    # Asked what there is, it tells of a small host; everything else the real one answers.
    real = shutil.which("docker", path=party.environment["PATH"])
    small.write_text(f'#!/bin/sh\ncase " $* " in *" info "*) echo 2 8000000000 ;; *) exec {real} "$@" ;; esac\n')
    small.chmod(0o755)
    party.environment["PATH"] = f"{small.parent}:{party.environment['PATH']}"
    result = party.preview()
    assert "the Docker host has 2 cores, and a party needs 4" in result.text
    assert {step.operation for step in result.steps} == {"create"}
    assert f"{party.site}-rollsite" in result.touched()
    party.change(fateflow={"resources": {"memory": "9Gi"}})
    refused = party.preview(ok=False)
    assert "fateflow asks for 9216 MiB of memory and the Docker host has 7629" in refused.text
    assert "Traceback" not in refused.text
    assert not client.containers.list(all=True, filters={"label": f"io.fate.site={party.site}"})
    assert not client.networks.list(names=[party.site])


def test_an_unhealthy_service_says_its_last_words(party: parties.Party, client: Any) -> None:
    """The plugin says only that a container is unhealthy; the reason is in a log that nobody thinks of."""
    party.change(docker={"ports": PORTS, "timeout": 8, "host": dockerd.up()})
    volume = client.volumes.create(f"{party.site}-mysql-mysql")
    filler = client.containers.create("mysql:8.0.28", command=["true"], volumes={volume.name: {"bind": "/somewhere"}})
    try:
        client.containers.get(filler.id).put_archive("/somewhere", _archive("somebody-elses-file", b"data"))
    finally:
        filler.remove(force=True)
    result = party.up(ok=False)
    assert f"{party.site}-mysql" in result.failed
    assert "it said last" in result.text
    assert "data directory" in result.text


def test_a_site_of_another_stack_is_refused(party: parties.Party, client: Any) -> None:
    """Two stacks on one site would take turns in replacing each other's database."""
    client.networks.create(party.site, labels={"io.fate.site": party.site, "io.fate.stack": "organization/fate/other"})
    result = party.up(ok=False)
    assert "is not of this stack" in result.text
    assert not client.containers.list(all=True, filters={"label": f"io.fate.site={party.site}"})


def test_a_missing_image_is_named(party: parties.Party) -> None:
    """A typo in a tag must be found before anything is started."""
    party.change(images={"tag": "no-such-release"})
    result = party.up(ok=False)
    assert "no-such-release" in result.text
    assert "fate:images.tag" in result.text
    assert "Traceback" not in result.text


@pytest.fixture
def database(client: Any) -> Iterator[Any]:
    """A MySQL server that somebody else runs, on this host and outside every site's network."""
    given = {"MYSQL_ROOT_PASSWORD": "of-the-bank", "MYSQL_USER": "fate", "MYSQL_PASSWORD": DATABASE_PASSWORD}
    command = ["mysqld", f"--port={DATABASE_PORT}"]
    server = client.containers.run("mysql:8.0.28", command, network_mode="host", environment=given, detach=True)
    try:
        ping = ["mysqladmin", "--host=127.0.0.1", f"--port={DATABASE_PORT}", "--user=fate", "ping"]
        known = {"MYSQL_PWD": DATABASE_PASSWORD}
        process.wait_for(lambda: server.exec_run(ping, environment=known).exit_code == 0, 120, "the bank's database")
        yield server
    finally:
        server.remove(force=True, v=True)


def as_root(database: Any, statement: str) -> str:
    """What the database answers its owner."""
    command = ["mysql", "--user=root", f"--execute={statement}"]
    code, output = database.exec_run(command, environment={"MYSQL_PWD": "of-the-bank"})
    assert code == 0, output
    return str(output.decode())


def test_a_database_of_somebody_else_gets_the_tables_and_outlives_the_party(
    party: parties.Party, client: Any, database: Any
) -> None:
    """A clustermanager without its tables breaks at the first job; a bank's database that is dropped is worse."""
    party.secrets["mysql.existing.password"] = DATABASE_PASSWORD
    # The host is the first address of the site's network.
    party.change(
        docker={"ports": PORTS, "timeout": 180, "host": dockerd.up(), "subnet": "10.231.103.0/24"},
        mysql={"existing": {"host": "10.231.103.1", "port": DATABASE_PORT, "user": "fate"}},
    )
    schema, manager = f"{party.site}-clustermanager-schema", f"{party.site}-clustermanager"
    result = party.up(ok=False)
    assert f"{schema} ended with exit code 1" in result.text
    assert "denied" in result.text
    assert parties.hidden(result.text, [DATABASE_PASSWORD])
    assert not running(client, manager)
    as_root(database, "GRANT ALL ON eggroll_meta.* TO fate")
    party.up()
    assert running(client, manager)
    assert not client.containers.list(all=True, filters={"name": f"{party.site}-mysql"})
    assert "NODE_MANAGER" in as_root(database, "SELECT node_type FROM eggroll_meta.server_node")
    party.destroy()
    assert "server_node" in as_root(database, "SHOW TABLES IN eggroll_meta")


def test_a_remote_engine_is_reached_by_the_users_own_ssh(
    exchange: parties.Exchange, client: Any, tmp_path: pathlib.Path
) -> None:
    """Most Docker hosts are elsewhere, behind another port or key than the default."""
    fake = tmp_path / "bin" / "ssh"
    fake.parent.mkdir()
    # What stands for the other machine: it logs how it was called, and runs the command here.
    fake.write_text(
        f'#!/bin/bash\necho "$*" >> {tmp_path}/ssh.log\nexport DOCKER_HOST={dockerd.up()}\n'
        'while [ "$1" != -- ] && [[ "$1" != *@* ]]; do shift; done; [ "$1" = -- ] && shift; shift; eval "$*"\n'
    )
    fake.chmod(0o755)
    exchange.environment["PATH"] = f"{fake.parent}:{exchange.environment['PATH']}"
    ports = {"rollsite": PORTS["rollsite"]}
    exchange.change(
        docker={"host": "ssh://fate@gpu7.example.org:2222", "sshOptions": ["-i", "/keys/fate"], "ports": ports}
    )
    exchange.up()
    assert exchange.link["endpoints"]["rollsite"]["host"] == "gpu7.example.org"
    calls = (tmp_path / "ssh.log").read_text().splitlines()
    assert all("-i /keys/fate" in call and "2222" in call and "gpu7.example.org" in call for call in calls), calls
    exchange.destroy()
    assert not client.containers.list(all=True, filters={"label": f"io.fate.site={exchange.site}"})


def test_an_unreachable_engine_is_named_in_the_preview(party: parties.Party) -> None:
    """The first thing that goes wrong with a remote host is that it does not answer."""
    party.change(docker={"host": "tcp://127.0.0.1:1", "ports": PORTS})
    result = party.preview(ok=False)
    assert "127.0.0.1:1" in result.text
    assert "Traceback" not in result.text


def _archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
