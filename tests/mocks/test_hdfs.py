"""HDFS as a Pulumi component: what is run, in which order, and what is left to somebody else."""

import pytest

from components import args, hdfs
from components.platform import workload
from components.versions import fate_1_11 as fate
from tests import recording

pytestmark = pytest.mark.mocks
SERVICE = args.ServiceArgs(image="hadoop:1", resources=workload.Resources(cpu=0.5, memory=512))
STORAGE = args.StorageArgs(size="1Gi")


def made(existing: hdfs.ExistingHdfs | None) -> tuple[hdfs.HdfsStore, recording.Recording, list[str]]:
    """The store, what its platform was asked to run, and the component types that were registered."""
    told = hdfs.HdfsArgs(
        namenode=SERVICE, datanode=SERVICE, namenode_storage=STORAGE, datanode_storage=STORAGE, existing=existing
    )
    return recording.made(lambda foundation: hdfs.HdfsStore("fate-9999-hdfs", told, foundation))


def test_three_datanodes_start_after_the_name_node_and_fateflow_after_all() -> None:
    """Fewer datanodes by default is how uploads above 100 MB fail; another order is noise in every log."""
    store, platform, types = made(None)
    assert types == ["fate:storage:HdfsStore"]
    ran = [(told.name, told.replicas, after) for told, after in platform.asked]
    assert ran == [("namenode", 1, ()), ("datanode", 3, ("namenode",))]
    assert [(running.name, running.port) for running in store.ready] == [("namenode", 9000), ("datanode", 9866)]
    assert set(store.interfaces) == {"namenode"} and not store.peers and not store.credentials


def test_beside_an_existing_store_nothing_is_run() -> None:
    """Servers that nobody asked for would take memory, and a volume that looks like the party's data."""
    store, platform, _ = made(hdfs.ExistingHdfs(name_node="hdfs://far:8020", path_prefix="/fate-9999"))
    assert platform.ran == [] and not store.ready and not store.interfaces
    assert store.client.blocks == fate.hdfs.block(name_node="hdfs://far:8020", path_prefix="/fate-9999")
    assert len(store.client.steps) == 1, "it is tried before fateflow starts all the same"
