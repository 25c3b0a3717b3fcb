"""HDFS in the Hadoop 3.2.1 images that FATE deploys with: configuration, start commands, probes, and a check of it.

Datanodes are dialled by the address that they registered from. FATE's clients do so unless they are told otherwise,
it needs no DNS name for each replica, and a datanode that comes back under another address registers with it.
"""

import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from . import ports
from .hdfs_scripts import CHECK, DATANODE_PROBE, NAMENODE, NAMENODE_PROBE

NAMENODE_HOST = "namenode"
NAME_NODE = f"hdfs://{NAMENODE_HOST}:{ports.HDFS_NAMENODE}"
"""Where FATE finds the store of its site."""
CONF_FOLDER = "/etc/fate/hadoop"
"""Configuration of servers and clients alike; the images' own folder is a link, which files cannot be put below."""
NAMENODE_DATA_PATH = "/hadoop/dfs/name"
DATANODE_DATA_PATH = "/hadoop/dfs/data"
CLUSTER = "fate"
"""Name of every site's store. It is fixed, so that datanodes take a name node again that lost its volume."""
CHECK_SECONDS = 180
"""How long the check waits for datanodes to report what they have, as they do after a restart."""

_CLIENT = "-Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""For Javas that send one file and end."""
_LOG = """\
hadoop.root.logger=INFO,console
log4j.rootLogger=${hadoop.root.logger}
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
"""


def server_files(*, replication: int) -> dict[str, str]:
    """Path to content of what name node and datanodes read; ``replication``: copies of each block."""
    return _files(
        {"fs.defaultFS": NAME_NODE, "hadoop.http.staticuser.user": "root"},
        {
            "dfs.replication": str(replication),
            "dfs.namenode.name.dir": f"file://{NAMENODE_DATA_PATH}",
            "dfs.datanode.data.dir": f"file://{DATANODE_DATA_PATH}",
            # Its own name leads to a Service that is not an address of its own.
            "dfs.namenode.rpc-bind-host": "0.0.0.0",
            "dfs.namenode.http-bind-host": "0.0.0.0",
            # Addresses of containers and pods have no names in DNS.
            "dfs.namenode.datanode.registration.ip-hostname-check": "false",
            # Users are who they say they are, without Kerberos; permissions would only part fateflow from Spark.
            "dfs.permissions.enabled": "false",
            # Half a minute by default, which every restart would wait; a datanode reports within seconds.
            "dfs.namenode.safemode.extension": "3000",
            # A node counts as dead after ten minutes only; until then let clients choose others.
            "dfs.namenode.avoid.read.stale.datanode": "true",
            "dfs.namenode.avoid.write.stale.datanode": "true",
        },
    )


def client_files(
    *, name_node: str, replication: int | None, properties: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Path to content of what fateflow and Spark's driver read: how many copies is for the client to say.

    ``replication``: ``None`` leaves it to Hadoop's own default, 3. ``properties``: further ones of hdfs-site.xml
    (name nodes behind a name service).
    """
    return _files(
        {"fs.defaultFS": name_node},
        {
            **({"dfs.replication": str(replication)} if replication else {}),
            # A store of three nodes has none to put in the place of one that fails while a file is appended to.
            "dfs.client.block.write.replace-datanode-on-failure.best-effort": "true",
            **(properties or {}),
        },
    )


def environment() -> dict[str, str]:
    """Variables of everything that reads the configuration: where it lies."""
    return {"HADOOP_CONF_DIR": CONF_FOLDER}


def namenode_environment(*, memory: int) -> dict[str, str]:
    """Variables of a name node that may take ``memory`` MiB."""
    return {**environment(), "HDFS_NAMENODE_OPTS": f"-Xmx{heap(memory)}m", "HADOOP_CLIENT_OPTS": _CLIENT}


def datanode_environment(*, memory: int) -> dict[str, str]:
    """Variables of a datanode that may take ``memory`` MiB."""
    return {**environment(), "HDFS_DATANODE_OPTS": f"-Xmx{heap(memory)}m", "HADOOP_CLIENT_OPTS": _CLIENT}


def check_environment() -> dict[str, str]:
    """Variables of the check."""
    return {**environment(), "HADOOP_CLIENT_OPTS": _CLIENT}


def heap(memory: int) -> int:
    """MiB of heap for a Java server that may take ``memory`` MiB.

    Classes, code, threads and buffers take about 150 MiB beside it, and grow with it. A name node needs about
    1 GiB of heap for a million blocks (Hadoop's own rule).
    """
    return max(64, memory - max(192, memory // 4))


def namenode_command() -> tuple[str, ...]:
    """Makes a file system in a folder that has none, then starts the name node; what is there is kept."""
    return ("bash", "-c", NAMENODE, "namenode", NAMENODE_DATA_PATH, CLUSTER)


def datanode_command() -> tuple[str, ...]:
    """Starts a datanode, which asks for its name node until that answers."""
    return ("bash", "-c", "exec hdfs datanode")


def namenode_probe() -> tuple[str, ...]:
    """Exits 0 once the name node says that it is active and takes calls.

    It does not wait for the end of safe mode: that needs datanodes, and they start after the name node.
    """
    return ("bash", "-c", NAMENODE_PROBE, "probe", str(ports.HDFS_NAMENODE_HTTP), str(ports.HDFS_NAMENODE))


def datanode_probe() -> tuple[str, ...]:
    """Exits 0 once the datanode says that it has registered with its name node."""
    return ("bash", "-c", DATANODE_PROBE, "probe", str(ports.HDFS_DATANODE_HTTP))


def check_command(*, name_node: str, path_prefix: str = "", seconds: int = CHECK_SECONDS) -> tuple[str, ...]:
    """Writes a file through the datanodes, reads it back and removes it; says in words why it could not.

    ``seconds``: how long it tries.
    """
    return ("bash", "-c", CHECK, "check", name_node, path_prefix, str(seconds), str(ports.HDFS_NAMENODE_HTTP))


def block(*, name_node: str, path_prefix: str = "") -> dict[str, Any]:
    """The store's block of service_conf.yaml. FATE puts a path right behind either of the two.

    ``name_node``: ``hdfs://host:port``, or the name of a name service without a port. ``path_prefix``: folder of
    FATE's data, absolute; default: the root. ``ValueError`` for another form of either: fateflow and Spark would
    look for the same table in different folders.
    """
    parsed = urllib.parse.urlsplit(name_node)
    if parsed.scheme != "hdfs" or not parsed.netloc or parsed.path or parsed.query:
        raise ValueError(f"the name node {name_node!r} is no address of one; write hdfs://host:port")
    if path_prefix and (not path_prefix.startswith("/") or path_prefix.endswith("/")):
        raise ValueError(f"the path prefix {path_prefix!r} is no folder; write /folder, without / at its end")
    return {"fate_on_spark": {"hdfs": {"name_node": name_node, "path_prefix": path_prefix or None}}}


def _files(core: Mapping[str, str], hdfs: Mapping[str, str]) -> dict[str, str]:
    return {
        f"{CONF_FOLDER}/core-site.xml": _xml(core),
        f"{CONF_FOLDER}/hdfs-site.xml": _xml(hdfs),
        f"{CONF_FOLDER}/log4j.properties": _LOG,
    }


def _xml(properties: Mapping[str, str]) -> str:
    root = ET.Element("configuration")
    for name, value in properties.items():
        entry = ET.SubElement(root, "property")
        ET.SubElement(entry, "name").text = name
        ET.SubElement(entry, "value").text = value
    ET.indent(root)
    return str(ET.tostring(root, encoding="unicode")) + "\n"
