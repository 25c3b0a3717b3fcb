"""The lab's Hadoop: real servers under the program's own commands and files, asked by the program's own check."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from components.versions import fate_1_11 as fate
from lab import images
from tests.docker import stand_ins
from tests.docker.stand_ins import Box, Service, ready, run

pytestmark = pytest.mark.seconds(30)
VERSION = "2.0.0-hadoop3.2.1-java8"
NAMENODE, DATANODE = (f"federatedai/hadoop-{node}:{VERSION}" for node in ("namenode", "datanode"))
PATIENCE = 120.0
"""Seconds for a server or a check; alone on the machine they take five."""
WRITTEN = 120 * 1024 * 1024
"""Bytes: an upload of more than 100 MB is what fails in other deployments."""


class Store:
    """A name node and its datanodes, each with a volume."""

    def __init__(self, datanodes: int) -> None:
        self.box = Box()
        self.files = fate.hdfs.server_files(replication=datanodes)
        self.namenode = self._server(NAMENODE, "namenode")
        self.datanodes = [self._server(DATANODE, "datanode") for _ in range(datanodes)]

    def _server(self, image: str, name: str) -> Any:
        own = fate.hdfs.NAMENODE_DATA_PATH if name == "namenode" else fate.hdfs.DATANODE_DATA_PATH
        command = fate.hdfs.namenode_command() if name == "namenode" else fate.hdfs.datanode_command()
        told = {"namenode": fate.hdfs.namenode_environment, "datanode": fate.hdfs.datanode_environment}[name]
        service = Service(image, command, self.files)
        return self.box.start(service, name, binds=[f"{self.box.volume()}:{own}"], environment=told(memory=512))

    def ready(self) -> None:
        """Waits for all of them."""
        ready(self.namenode, fate.hdfs.namenode_probe(), PATIENCE)
        for each in self.datanodes:
            ready(each, fate.hdfs.datanode_probe(), PATIENCE)

    def check(self, *, seconds: int = fate.hdfs.CHECK_SECONDS, prefix: str = "") -> tuple[int, str]:
        """How the program's check ends, and what it says."""
        command = fate.hdfs.check_command(name_node=fate.hdfs.NAME_NODE, path_prefix=prefix, seconds=seconds)
        files = fate.hdfs.client_files(name_node=fate.hdfs.NAME_NODE, replication=len(self.datanodes))
        step = self.box.start(Service(NAMENODE, command, files), environment=fate.hdfs.check_environment())
        code = int(step.wait(timeout=PATIENCE)["StatusCode"])
        return code, step.logs().decode(errors="replace")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A store of two datanodes."""
    images.ensure([NAMENODE, DATANODE])
    made = Store(datanodes=2)
    yield made
    made.box.close()


def test_a_large_file_is_kept_twice_and_outlives_every_address(store: Store) -> None:
    """Servers that come back elsewhere, in another order, must neither lose a file nor be taken for others."""
    store.ready()
    run(store.namenode, "bash", "-c", f"head -c {WRITTEN} /dev/urandom > /tmp/sent && hdfs dfs -put /tmp/sent /sent")
    before = [_address(each) for each in store.datanodes]
    for each in (*store.datanodes, store.namenode):
        each.stop(timeout=30)
    for each in (*reversed(store.datanodes), store.namenode):
        each.start()
    store.ready()
    assert [_address(each) for each in store.datanodes] != before, "the engine gave the same addresses: try another way"
    code, said = store.check(prefix="/fate-9999")
    assert code == 0 and "live datanodes: 2" in said, said
    run(store.namenode, "bash", "-c", "hdfs dfs -cat /sent | cmp - /tmp/sent")
    damage = run(store.namenode, "hdfs", "fsck", "/sent")
    assert "is HEALTHY" in damage and "Average block replication:\t2.0" in damage, damage
    assert "fate-check" not in run(store.namenode, "hdfs", "dfs", "-ls", "/fate-9999"), "the check cleans up"


def test_a_store_without_datanodes_is_said_to_be_one(store: Store) -> None:
    """fateflow would start, and each upload would end with error 255 and no reason."""
    store.ready()
    run(store.namenode, "hdfs", "dfsadmin", "-safemode", "enter")
    code, said = store.check(seconds=0)
    assert code == 1 and "safe mode until" in said and "live datanodes: 2" in said, said
    run(store.namenode, "hdfs", "dfsadmin", "-safemode", "leave")
    store.namenode.stop(timeout=30)
    code, said = store.check(seconds=0)
    assert code == 1 and "look at its address" in said and "live datanodes: unknown" in said, said
    for each in store.datanodes:
        each.stop(timeout=30)
    store.namenode.start()
    ready(store.namenode, fate.hdfs.namenode_probe(), PATIENCE)
    run(store.namenode, "hdfs", "dfsadmin", "-safemode", "leave")
    code, said = store.check(seconds=0)
    assert code == 1 and "no datanode has registered" in said and "live datanodes: 0" in said, said


def test_a_volume_of_something_else_is_refused(store: Store) -> None:
    """A format would remove what somebody keeps there."""
    foreign = {f"{fate.hdfs.NAMENODE_DATA_PATH}/photo.jpg": "x"}
    service = Service(NAMENODE, fate.hdfs.namenode_command(), {**store.files, **foreign})
    assert "photo.jpg" in store.box.refuses(dataclasses.replace(service))


def test_the_pages_of_the_name_node_are_there(store: Store) -> None:
    """Operators are led to them by the stack's outputs."""
    assert stand_ins.run(store.namenode, "curl", "-sf", "http://127.0.0.1:9870/dfshealth.html").count("Overview")


def _address(container: Any) -> str:
    container.reload()
    networks = container.attrs["NetworkSettings"]["Networks"]
    return str(next(iter(networks.values()))["IPAddress"])
