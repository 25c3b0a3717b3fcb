"""fate_on_spark: the blocks of service_conf.yaml that FATE reads on Spark, and the services that they name."""

import base64
import json
import os
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import yaml

from . import service, service_conf

SPARK, HDFS, HIVE, RABBITMQ, PULSAR, NGINX = (
    f"fate_on_spark.{name}" for name in ("spark", "hdfs", "hive", "rabbitmq", "pulsar", "nginx")
)
MODES = ("replication", "client")
HDFS_PORT = 8020
"""Where Hadoop's client looks when the address names no port."""


def check(conf: service_conf.ServiceConf) -> None:
    """Raises `RefusedError` for the first block that jobs could not work with, or service that does not answer."""
    _spark(conf)
    {"HDFS": _hdfs, "HIVE": _hive, "LOCALFS": _localfs}[conf.engines["storage"]](conf)
    {"RABBITMQ": _rabbitmq, "PULSAR": _pulsar}[conf.engines["federation"]](conf)
    conf.port(f"{NGINX}.grpc_port")


def defaults(path: pathlib.Path) -> dict[str, str]:
    """The properties of a ``spark-defaults.conf``: a key, then white space, ``=`` or ``:``, then its value."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise service.RefusedError(f"{path} cannot be read: {error.strerror}") from error
    pairs = [re.split(r"\s*[=:\s]\s*", line.strip(), maxsplit=1) for line in lines if line.strip()]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and not pair[0].startswith("#")}


def _spark(conf: service_conf.ServiceConf) -> None:
    """fateflow runs ``home/bin/spark-submit``, which reads the master from its own configuration."""
    home = pathlib.Path(conf.text(f"{SPARK}.home"))
    submit, path = home / "bin/spark-submit", home / "conf/spark-defaults.conf"
    if not submit.is_file():
        raise service.RefusedError(f"{conf.path}: {SPARK}.home is {home}, which has no bin/spark-submit")
    found = defaults(path)
    master = found.get("spark.master", "")
    cores = found.get("spark.cores.max", "1")
    if not cores.isdigit() or int(cores) < 1:
        raise service.RefusedError(f"{path}: spark.cores.max is {cores!r}, and must be a count")
    if re.fullmatch(r"local\[(\d+|\*)\]", master):
        return
    address = re.fullmatch(r"spark://([^/:,]+):(\d+)", master)
    if address is None:
        raise service.RefusedError(f"{path}: spark.master is {master!r}, and must be spark://HOST:PORT or local[CORES]")
    service.reach(address[1], int(address[2]), "Spark's master")


def _hdfs(conf: service_conf.ServiceConf) -> None:
    node = urllib.parse.urlsplit(conf.text(f"{HDFS}.name_node"))
    if node.scheme != "hdfs" or not node.hostname:
        raise service.RefusedError(f"{conf.path}: {HDFS}.name_node is {node.geturl()!r}, and must be hdfs://HOST:PORT")
    conf.value(f"{HDFS}.path_prefix", "a text or empty")
    service.reach(node.hostname, node.port or HDFS_PORT, "HDFS' namenode")


def _hive(conf: service_conf.ServiceConf) -> None:
    service.reach(conf.text(f"{HIVE}.host"), conf.port(f"{HIVE}.port"), "Hive")


def _localfs(conf: service_conf.ServiceConf) -> None:
    """Tables lie below fateflow's own folder; no block says where."""
    folder = pathlib.Path(os.environ.get("FATE_PROJECT_BASE", ".")) / "localfs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").write_text("", encoding="utf-8")
    except OSError as error:
        raise service.RefusedError(f"{folder} cannot be written: {error.strerror}") from error


def _rabbitmq(conf: service_conf.ServiceConf) -> None:
    """Every job makes a user and virtual hosts over the management API, which takes an administrator."""
    host, port = conf.text(f"{RABBITMQ}.host"), conf.port(f"{RABBITMQ}.mng_port")
    user, password = conf.text(f"{RABBITMQ}.user"), conf.text(f"{RABBITMQ}.password")
    _mode(conf, RABBITMQ)
    service.reach(host, conf.port(f"{RABBITMQ}.port"), "RabbitMQ")
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    account = _get(f"http://{host}:{port}/api/whoami", "RabbitMQ", {"Authorization": f"Basic {login}"})
    if "administrator" not in account.get("tags", ()):
        raise service.RefusedError(f"RabbitMQ at {host}:{port}: {user} is no administrator, and can make no queues")
    table = _table(conf, RABBITMQ, ("host", "port"))
    if conf.party and int(conf.party) not in table:
        raise service.RefusedError(f"{conf.path}: {RABBITMQ}.route_table has no entry for {conf.party}, the own party")
    if "default" in table:
        raise service.RefusedError(f"{conf.path}: {RABBITMQ}.route_table has a default, which nobody reads")


def _pulsar(conf: service_conf.ServiceConf) -> None:
    """Every job makes a tenant, namespaces and clusters over the admin API."""
    host, port = conf.text(f"{PULSAR}.host"), conf.port(f"{PULSAR}.mng_port")
    cluster = conf.text(f"{PULSAR}.cluster")
    conf.text(f"{PULSAR}.tenant")
    conf.value(f"{PULSAR}.topic_ttl", "a count")
    _mode(conf, PULSAR)
    service.reach(host, conf.port(f"{PULSAR}.port"), "Pulsar")
    clusters = _get(f"http://{host}:{port}/admin/v2/clusters", "Pulsar", {})
    if cluster not in clusters:
        raise service.RefusedError(f"Pulsar at {host}:{port} has no cluster {cluster}, but {', '.join(clusters)}")
    default = _table(conf, PULSAR, ("host",)).get("default")
    if default is not None and not (isinstance(default, dict) and isinstance(default.get("domain"), str)):
        raise service.RefusedError(f"{conf.path}: {PULSAR}.route_table has a default without a domain")


def _mode(conf: service_conf.ServiceConf, block: str) -> None:
    mode = conf.text(f"{block}.mode")
    if mode not in MODES:
        raise service.RefusedError(f"{conf.path}: {block}.mode is {mode!r}, and must be one of {', '.join(MODES)}")
    conf.value(f"{block}.max_message_size", "a count")


def _table(conf: service_conf.ServiceConf, block: str, required: tuple[str, ...]) -> dict[Any, Any]:
    """A route table, which FATE asks for parties by number: a text as key is never found."""
    path = pathlib.Path(os.environ.get("FATE_PROJECT_BASE", ".")) / conf.text(f"{block}.route_table")
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise service.RefusedError(f"route table {path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise service.RefusedError(f"route table {path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(table, dict):
        raise service.RefusedError(f"route table {path} is no mapping")
    for party, entry in table.items():
        if party == "default":
            continue
        if type(party) is not int:
            raise service.RefusedError(f"route table {path}: the party {party!r} is no number, and is never found")
        missing = [key for key in required if not isinstance(entry, dict) or not entry.get(key)]
        if missing:
            raise service.RefusedError(f"route table {path}: party {party} has no {missing[0]}")
        if type(entry.get("port", 1)) is not int:
            raise service.RefusedError(f"route table {path}: party {party} has port {entry['port']!r}, and no number")
    return table


def _get(url: str, what: str, headers: dict[str, str]) -> Any:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=service.REACH_SECONDS
        ) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise service.RefusedError(f"{what} at {url} answers {error.code} {error.reason}") from error
    except (OSError, ValueError) as error:
        raise service.RefusedError(f"{what} does not answer at {url}: {error}") from error
