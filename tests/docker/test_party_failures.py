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

PORTS = {"rollsite": 29470, "fateboard": 28180, "notebook": 28988}


@pytest.fixture
def party(tmp_path: pathlib.Path, sweep: Callable[[str], None]) -> Iterator[parties.Party]:
    """A party that is not up yet."""
    sweep("fate-9103")
    made = parties.Party(
        tmp_path,
        9103,
        platform="docker",
        docker={"ports": PORTS, "timeout": 60, "host": dockerd.up()},
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
    """A lost connection leaves half a site; a name that is taken must not stand in the way (row 22)."""
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
    """Two stacks on one site would take turns in replacing each other's database (row 20)."""
    client.networks.create(party.site, labels={"io.fate.site": party.site, "io.fate.stack": "organization/fate/other"})
    result = party.up(ok=False)
    assert "is not of this stack" in result.text
    assert not client.containers.list(all=True, filters={"label": f"io.fate.site={party.site}"})


def test_a_missing_image_is_named(party: parties.Party) -> None:
    """A typo in a tag must be found before anything is started."""
    party.change(images={"tag": "no-such-release"})
    result = party.up(ok=False)
    assert "no-such-release" in result.text
    assert "Traceback" not in result.text


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
