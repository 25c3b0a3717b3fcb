"""HDFS as a Pulumi component: what is run, in which order, and what is left to somebody else."""

import asyncio
import typing
from collections.abc import Sequence

import pulumi
import pytest

from components import args, hdfs, mysql, part
from components.platform import workload
from components.versions import fate_1_11 as fate
from tests import mocked

pytestmark = pytest.mark.mocks
SERVICE = args.ServiceArgs(image="hadoop:1", resources=workload.Resources(cpu=0.5, memory=512))
STORAGE = args.StorageArgs(size="1Gi")


class Recording:
    """A platform that runs nothing and remembers what it was asked to run."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, int, tuple[str, ...]]] = []

    @property
    def provider(self) -> pulumi.ProviderResource:
        """Nobody asks for it."""
        raise NotImplementedError

    def open(self, parent: pulumi.Resource) -> None:
        """Nothing is shared."""

    def run(
        self, told: workload.Workload, *, parent: pulumi.Resource, after: Sequence[workload.Running] = ()
    ) -> workload.Running:
        """Remembers name, replicas and what is waited for."""
        self.ran.append((told.name, told.replicas, tuple(running.name for running in after)))
        where = workload.Endpoint(host="127.0.0.1", port=told.ports[-1].number)
        endpoints = {port.name: pulumi.Output.from_input(where) for port in told.ports}
        return workload.Running(name=told.name, port=told.ports[0].number, endpoints=endpoints)


def made(existing: hdfs.ExistingHdfs | None) -> tuple[hdfs.HdfsStore, Recording, list[str]]:
    """The store, what its platform was asked to run, and the component types that were registered."""
    platform, recorder = Recording(), mocked.Recorder()
    found: list[hdfs.HdfsStore] = []
    told = hdfs.HdfsArgs(
        namenode=SERVICE, datanode=SERVICE, namenode_storage=STORAGE, datanode_storage=STORAGE, existing=existing
    )

    def program() -> None:
        foundation = part.Foundation(
            site="fate-9999",
            party_id=9999,
            platform=typing.cast(workload.Platform, platform),
            mysql=typing.cast(mysql.MySQL, None),
            engines=fate.Engines(computing="spark", federation="pulsar", storage="hdfs", proxy="nginx"),
        )
        found.append(hdfs.HdfsStore("fate-9999-hdfs", told, foundation))

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pulumi.runtime.set_mocks(recorder, project="fate", stack="party-9999", preview=False)
    try:
        mocked.AWAITED(program)()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return found[0], platform, [each.type for each in recorder.registered]


def test_three_datanodes_start_after_the_name_node_and_fateflow_after_all() -> None:
    """Fewer datanodes by default is how uploads above 100 MB fail; another order is noise in every log."""
    store, platform, types = made(None)
    assert types == ["fate:storage:HdfsStore"]
    assert platform.ran == [("namenode", 1, ()), ("datanode", 3, ("namenode",))]
    assert [(running.name, running.port) for running in store.ready] == [("namenode", 9000), ("datanode", 9866)]
    assert set(store.interfaces) == {"namenode"} and not store.peers and not store.credentials


def test_beside_an_existing_store_nothing_is_run() -> None:
    """Servers that nobody asked for would take memory, and a volume that looks like the party's data."""
    store, platform, _ = made(hdfs.ExistingHdfs(name_node="hdfs://far:8020", path_prefix="/fate-9999"))
    assert platform.ran == [] and not store.ready and not store.interfaces
    assert store.client.blocks == fate.hdfs.block(name_node="hdfs://far:8020", path_prefix="/fate-9999")
    assert len(store.client.steps) == 1, "it is tried before fateflow starts all the same"
