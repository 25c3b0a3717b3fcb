"""HDFS of FATE 1.11: its configuration, its scripts as bash runs them, and the store that is made of them."""

import pathlib
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

import pytest

from components import args, hdfs
from components.platform import workload
from components.versions import fate_1_11 as fate

pytestmark = pytest.mark.unit

SERVICE = args.ServiceArgs(image="hadoop:1", resources=workload.Resources(cpu=0.5, memory=512, memory_limit=1024))
STORAGE = args.StorageArgs(size="1Gi")
LOUD = args.ServiceArgs(
    image="hadoop:1", resources=SERVICE.resources, environment={"HDFS_DATANODE_OPTS": "-Xmx99m", "MORE": "1"}
)


def store(**changes: Any) -> hdfs.HdfsArgs:
    """A store with every choice at its default except ``changes``."""
    told: dict[str, Any] = {"namenode": SERVICE, "datanode": SERVICE}
    told |= {"namenode_storage": STORAGE, "datanode_storage": STORAGE}
    return hdfs.HdfsArgs(**(told | changes))


def properties(files: Mapping[str, str], name: str) -> dict[str, str | None]:
    """The properties in one file of Hadoop's."""
    root = ET.fromstring(files[f"{fate.hdfs.CONF_FOLDER}/{name}"])
    assert root.tag == "configuration"
    return {str(each.findtext("name")): each.findtext("value") for each in root.iter("property")}


def test_datanodes_register_from_any_address() -> None:
    """Pods have no names in DNS for their addresses: Hadoop's default refuses every datanode there."""
    read = properties(fate.hdfs.server_files(replication=2), "hdfs-site.xml")
    assert read["dfs.namenode.datanode.registration.ip-hostname-check"] == "false"
    assert read["dfs.replication"] == "2"
    assert "dfs.client.use.datanode.hostname" not in read, "clients of FATE dial addresses, as they do by default"


def test_the_name_node_does_not_bind_its_service_name() -> None:
    """The name of a Service leads to an address that no pod has: binding it fails at every start."""
    files = fate.hdfs.server_files(replication=1)
    assert properties(files, "core-site.xml")["fs.defaultFS"] == "hdfs://namenode:9000"
    assert properties(files, "hdfs-site.xml")["dfs.namenode.rpc-bind-host"] == "0.0.0.0"


def test_a_value_is_written_as_text_whatever_is_in_it() -> None:
    """A user's property with & in it must not make a file that Hadoop cannot parse, or another property."""
    strange = "a&b</value><x>"
    files = fate.hdfs.client_files(name_node="hdfs://far:8020", replication=None, properties={"some.key": strange})
    read = properties(files, "hdfs-site.xml")
    assert read["some.key"] == strange
    assert "dfs.replication" not in read, "somebody else's store keeps as many copies as it is used to"


def test_the_block_is_what_fate_reads() -> None:
    """FATE puts /fate/input_data behind the prefix and the name node: keys and forms decide where tables lie."""
    assert fate.hdfs.block(name_node=fate.hdfs.NAME_NODE) == {
        "fate_on_spark": {"hdfs": {"name_node": "hdfs://namenode:9000", "path_prefix": None}}
    }
    assert fate.hdfs.block(name_node="hdfs://fate-cluster", path_prefix="/a/b")["fate_on_spark"]["hdfs"] == {
        "name_node": "hdfs://fate-cluster",
        "path_prefix": "/a/b",
    }


@pytest.mark.parametrize("name_node", ["namenode:9000", "http://namenode:9870", "hdfs://", "hdfs://namenode:9000/"])
def test_an_address_that_is_none_is_refused(name_node: str) -> None:
    """Otherwise every upload fails, long after the deployment said that all is well."""
    with pytest.raises(ValueError, match="write hdfs://host:port"):
        fate.hdfs.block(name_node=name_node)


@pytest.mark.parametrize("prefix", ["data", "/data/", "/"])
def test_a_prefix_that_is_no_folder_is_refused(prefix: str) -> None:
    """Behind a relative one fateflow writes below a user's home, and Spark reads below the root."""
    with pytest.raises(ValueError, match="write /folder"):
        fate.hdfs.block(name_node=fate.hdfs.NAME_NODE, path_prefix=prefix)


def test_a_heap_leaves_room_for_the_rest_of_java() -> None:
    """A heap as large as the container's limit ends with a killed container in place of an error."""
    for memory in (256, 384, 512, 1024, 4096):
        heap = fate.hdfs.heap(memory)
        assert memory / 4 <= heap <= memory - min(192, memory * 3 // 4), memory
    assert fate.hdfs.heap(1024) == 768


def _namenode(folder: pathlib.Path, tools: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """Runs the start command on a folder, with an ``hdfs`` that only says what it was asked."""
    tools.mkdir(exist_ok=True)
    (tools / "hdfs").write_text('#!/bin/bash\necho "asked: $*"\n')
    (tools / "hdfs").chmod(0o755)
    *command, _, cluster = fate.hdfs.namenode_command()
    path = f"{tools}:/usr/local/bin:/usr/bin:/bin"
    return subprocess.run(
        [*command, str(folder), cluster], env={"PATH": path}, capture_output=True, text=True, check=False
    )


FORMAT = "asked: namenode -format -force -nonInteractive -clusterId fate"


@pytest.mark.parametrize(
    ("there", "formats"),
    [
        ((), True),
        (("lost+found/x",), True),
        (("current/VERSION", "current/fsimage.ckpt_0", "current/seen_txid", "in_use.lock"), True),
        (("current/VERSION", "current/fsimage_0000000000000000000", "current/edits_inprogress_1"), False),
    ],
)
def test_only_a_folder_without_files_of_a_party_is_formatted(
    tmp_path: pathlib.Path, there: tuple[str, ...], formats: bool
) -> None:
    """A format of a folder in use loses every table of the party; none of an empty one, and nothing ever starts."""
    folder = tmp_path / "name"
    folder.mkdir()
    for name in there:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    done = _namenode(folder, tmp_path / "tools")
    said = [line for line in done.stdout.splitlines() if line.startswith("asked")]
    assert done.returncode == 0 and said == ([FORMAT] if formats else []) + ["asked: namenode"]


@pytest.mark.parametrize("name", ["photo.jpg", "current/edits_0000000000000000001-0000000000000000002"])
def test_a_folder_with_other_files_is_left_alone(tmp_path: pathlib.Path, name: str) -> None:
    """A volume of something else, or one whose image is lost, is for its owner to look at."""
    folder = tmp_path / "name"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("x")
    done = _namenode(folder, tmp_path / "tools")
    assert done.returncode == 1 and "asked" not in done.stdout
    assert str(folder / name) in done.stderr and "empty volume" in done.stderr


def test_scripts_hold_nothing_that_kubernetes_would_replace() -> None:
    """Kubernetes takes $(NAME) and $$ in commands for its own, and the script would run with holes."""
    commands = (
        fate.hdfs.namenode_command(),
        fate.hdfs.datanode_command(),
        fate.hdfs.namenode_probe(),
        fate.hdfs.datanode_probe(),
        fate.hdfs.check_command(name_node=fate.hdfs.NAME_NODE),
    )
    for command in commands:
        assert command[:2] == ("bash", "-c")
        assert "$$" not in command[2]
        for piece in command[2].split("$(")[1:]:
            assert not piece.partition(")")[0].isidentifier(), piece
        assert subprocess.run(["bash", "-n", "-c", command[2]], check=False).returncode == 0


@pytest.mark.parametrize(("datanodes", "asked", "copies"), [(1, None, 1), (2, None, 2), (5, None, 3), (5, 4, 4)])
def test_copies_never_outnumber_datanodes(datanodes: int, asked: int | None, copies: int) -> None:
    """Blocks short of copies would be reported as damage for ever."""
    made = store(datanodes=datanodes, replication=asked)
    assert made.copies == copies
    for service in (hdfs.namenode(made), hdfs.datanode(made)):
        files = {file.path: str(file.content) for file in service.main.files}
        assert properties(files, "hdfs-site.xml")["dfs.replication"] == str(copies)
    told = {file.path: str(file.content) for file in hdfs.client(made).files}
    assert properties(told, "hdfs-site.xml")["dfs.replication"] == str(copies), "the client says how many copies"


def test_more_copies_than_datanodes_are_refused() -> None:
    """Said before anything is made, in the words of the settings."""
    with pytest.raises(ValueError, match=r"3 copies .* there are 2; lower hdfs\.replication"):
        hdfs.namenode(store(datanodes=2, replication=3))


def test_a_user_has_the_last_word_on_variables() -> None:
    """Whoever gives a heap of their own must get it."""
    environment = hdfs.datanode(store(datanode=LOUD)).main.environment
    assert environment["HDFS_DATANODE_OPTS"] == "-Xmx99m" and environment["MORE"] == "1"
    assert hdfs.datanode(store()).main.environment["HDFS_DATANODE_OPTS"] == "-Xmx768m"


def test_fateflow_finds_the_configuration_that_it_is_given() -> None:
    """Files beside the folder that HADOOP_CONF_DIR names are read by nobody."""
    client = hdfs.client(store())
    assert {pathlib.PurePosixPath(file.path).parent for file in client.files} == {
        pathlib.PurePosixPath(client.environment["HADOOP_CONF_DIR"])
    }
    assert [step.image for step in client.steps] == ["hadoop:1"]


def test_an_existing_store_is_tried_where_the_party_will_write() -> None:
    """A check of the root says nothing about a folder that the party may not make."""
    existing = hdfs.ExistingHdfs(name_node="hdfs://far", path_prefix="/fate-9999", properties={"dfs.nameservices": "x"})
    client = hdfs.client(store(existing=existing))
    assert client.steps[0].command == fate.hdfs.check_command(name_node="hdfs://far", path_prefix="/fate-9999")
    files = {file.path: str(file.content) for file in client.steps[0].files}
    assert properties(files, "core-site.xml") == {"fs.defaultFS": "hdfs://far"}
    assert properties(files, "hdfs-site.xml")["dfs.nameservices"] == "x"
