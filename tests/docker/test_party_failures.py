"""What goes wrong on a Docker host, and what the program makes of it."""

import io
import pathlib
import socket
import tarfile
from collections.abc import Callable, Iterator
from typing import Any

import docker.errors
import pytest

from lab import dockerd
from tests import parties

pytestmark = pytest.mark.seconds(120)

PORTS = {"rollsite": 29470, "fateboard": 28180, "notebook": 28988}


@pytest.fixture
def party(tmp_path: pathlib.Path, sweep: Callable[[str], None]) -> Iterator[parties.Party]:
    """A party that is not up yet."""
    sweep("fate-9103")
    made = parties.Party(
        tmp_path,
        9103,
        platform="docker",
        docker={"ports": PORTS, "timeout": 180, "host": dockerd.up()},
        retainData=False,
        notebook={"enabled": False},
    )
    try:
        yield made
    finally:
        made.close()
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
    result = party.up()
    assert "which an interrupted run left behind" in result.text
    assert party.up().touched() == set()


def test_what_comes_in_the_way_is_named_and_nothing_is_lost(party: parties.Party, client: Any) -> None:
    """A taken port and an unhealthy service: each error says which, why, and the next up goes on from there."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("0.0.0.0", PORTS["rollsite"]))
        taken.listen()
        result = party.up(ok=False)
    assert str(PORTS["rollsite"]) in result.text
    assert "fate:docker.ports.rollsite" in result.text
    assert f"{party.site}-rollsite" in result.failed
    mysql = client.containers.get(f"{party.site}-mysql").id
    party.up()
    assert client.containers.get(f"{party.site}-mysql").id == mysql


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


def as_root(client: Any, party: parties.Party, statement: str) -> int:
    """Let root change the database, from inside its container; the exit code."""
    command = f'mysql -uroot -p"$(cat /etc/fate/mysql-root-password)" -e "{statement}"'
    return int(client.containers.get(f"{party.site}-mysql").exec_run(["bash", "-c", command]).exit_code)


def test_a_step_that_fails_stops_what_needs_it_and_runs_again(party: parties.Party, client: Any) -> None:
    """A clustermanager without its tables starts, and breaks at the first job."""
    party.up()
    schema, manager = f"{party.site}-clustermanager-schema", f"{party.site}-clustermanager"
    for name in (schema, manager):
        client.containers.get(name).remove(force=True)
    assert as_root(client, party, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM fate") == 0
    result = party.up(ok=False)
    assert f"{schema} ended with exit code 1" in result.text
    assert "denied" in result.text
    assert not running(client, manager)
    assert as_root(client, party, "GRANT ALL ON eggroll_meta.* TO fate") == 0
    party.up()
    assert running(client, manager)


def test_a_remote_engine_is_reached_by_the_users_own_ssh(
    party: parties.Party, client: Any, tmp_path: pathlib.Path
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
    party.environment["PATH"] = f"{fake.parent}:{party.environment['PATH']}"
    remote = {"host": "ssh://fate@gpu7.example.org:2222", "sshOptions": ["-i", "/keys/fate"], "ports": PORTS}
    party.change(docker=remote)
    party.up()
    assert party.outputs()["link"]["endpoints"]["rollsite"]["host"] == "gpu7.example.org"
    assert party.outputs()["interfaces"]["fateboard"]["how"].startswith("ssh -N -L")
    calls = (tmp_path / "ssh.log").read_text().splitlines()
    assert all("-i /keys/fate" in call and "2222" in call and "gpu7.example.org" in call for call in calls), calls
    party.destroy()
    assert not client.containers.list(all=True, filters={"label": f"io.fate.site={party.site}"})


def test_an_unreachable_engine_is_named_in_the_preview(party: parties.Party) -> None:
    """The first thing that goes wrong with a remote host is that it does not answer."""
    party.change(docker={"host": "tcp://127.0.0.1:1", "ports": PORTS})
    result = party.preview(ok=False)
    assert "127.0.0.1:1" in result.text
    assert "Traceback" not in result.text
    party.change(docker={"ports": PORTS, "host": dockerd.up()})


def _archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
