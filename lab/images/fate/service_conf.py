"""service_conf.yaml: every key that FATE 1.11.2 and its FATE-Flow read, with the type they need."""

import ipaddress
import pathlib
from collections.abc import Mapping
from typing import Any

import yaml

from . import service

Block = Mapping[str, Any]
ENGINES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "EGGROLL": {"storage": ("EGGROLL",), "federation": ("EGGROLL", "RABBITMQ", "PULSAR")},
    "SPARK": {"storage": ("HDFS", "HIVE", "LOCALFS"), "federation": ("PULSAR", "RABBITMQ")},
}
"""Computing engine to the engines it works with; the first is taken when none is named."""
PROXIES: Mapping[str, tuple[str, str, str]] = {
    "rollsite": ("fate_on_eggroll", "rollsite", "port"),
    "nginx": ("fate_on_spark", "nginx", "http_port"),
}
"""``fateflow.proxy`` to where its address stands."""
_PORT, _WORD, _FLAG, _TEXT, _COUNT, _BLOCK = (
    "a port",
    "a text",
    "true or false",
    "a text or empty",
    "a count",
    "a mapping",
)
REQUIRED: Mapping[str, str] = {
    "use_registry": _FLAG,
    "use_deserialize_safe_module": _FLAG,
    "dependent_distribution": _FLAG,
    "encrypt_password": _FLAG,
    "encrypt_module": _WORD,
    "private_key": _TEXT,
    "private_key_file": _TEXT,
    "hook_module.client_authentication": _WORD,
    "hook_module.site_authentication": _WORD,
    "hook_module.permission": _WORD,
    "hook_server_name": _TEXT,
    "authentication.client.switch": _FLAG,
    "authentication.client.http_app_key": _TEXT,
    "authentication.client.http_secret_key": _TEXT,
    "authentication.site.switch": _FLAG,
    "permission.switch": _FLAG,
    "permission.component": _FLAG,
    "permission.dataset": _FLAG,
    "fateflow.host": _WORD,
    "fateflow.http_port": _PORT,
    "fateflow.grpc_port": _PORT,
    "fateflow.nginx.host": _TEXT,
    "fateflow.random_instance_id": _FLAG,
    "fateflow.protocol": _WORD,
    "database.name": _WORD,
    "database.user": _WORD,
    "database.passwd": _WORD,
    "database.host": _WORD,
    "database.port": _PORT,
    "database.max_connections": _COUNT,
    "database.stale_timeout": _COUNT,
    "default_engines.computing": _WORD,
    "fateboard.host": _WORD,
    "fateboard.port": _PORT,
    "enable_model_store": _FLAG,
    "model_store_address": _BLOCK,
    "servings": _BLOCK,
}
DATABASE_KEYS = {"name", "user", "passwd", "host", "port", "max_connections", "stale_timeout"}
"""FATE-Flow hands all keys of the block to its MySQL driver, which ends at one that it does not know."""


class ServiceConf:
    """The file, checked."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise service.RefusedError(f"{path} cannot be read: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise service.RefusedError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
        if not isinstance(content, dict):
            raise service.RefusedError(f"{path}: Invalid config file: it is no mapping")
        self._content: Block = content
        for key, kind in REQUIRED.items():
            self.value(key, kind)
        self._check_party()
        self._check_host()
        self._check_database()
        self.engines = self._engines()

    def value(self, key: str, kind: str) -> Any:
        """The value at a dotted key; raises `RefusedError` when it is missing or not of ``kind``."""
        found: Any = self._content
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                raise service.RefusedError(f"{self.path}: {key} is missing")
            found = found[part]
        if not _is(found, kind):
            raise service.RefusedError(f"{self.path}: {key} is of type {type(found).__name__}, and must be {kind}")
        return found

    def port(self, key: str) -> int:
        """A port at a dotted key."""
        return int(self.value(key, _PORT))

    def text(self, key: str) -> str:
        """A text at a dotted key."""
        return str(self.value(key, _WORD))

    @property
    def party(self) -> str:
        """The party's id, empty when none is given."""
        return str(self._content.get("party_id") or "")

    def cores(self) -> tuple[int, int]:
        """Cores of a node and number of nodes of the computing engine."""
        group = {"EGGROLL": "fate_on_eggroll.clustermanager", "SPARK": "fate_on_spark.spark"}[self.engines["computing"]]
        return int(self.value(f"{group}.cores_per_node", _COUNT)), int(self.value(f"{group}.nodes", _COUNT))

    def proxy(self) -> tuple[str, str, int]:
        """Name, host and port of what carries fateflow's messages to other parties."""
        proxy = self.value("fateflow", _BLOCK).get("proxy")
        if isinstance(proxy, dict):
            return (
                self.text("fateflow.proxy.name"),
                self.text("fateflow.proxy.host"),
                self.port("fateflow.proxy.http_port"),
            )
        if proxy not in PROXIES:
            raise service.RefusedError(
                f"{self.path}: fateflow.proxy is {proxy!r}, and must be one of {', '.join(PROXIES)}"
            )
        group, name, port = PROXIES[proxy]
        return name, self.text(f"{group}.{name}.host"), self.port(f"{group}.{name}.{port}")

    def _check_party(self) -> None:
        party = self._content.get("party_id")
        if party is not None and (type(party) is not int or party <= 0):
            raise service.RefusedError(f"{self.path}: party_id is {party!r}, and must be a number above 0")

    def _check_host(self) -> None:
        host = self.text("fateflow.host")
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise service.RefusedError(f"{self.path}: fateflow.host is {host!r}, and must be an IP address") from None
        if address.is_loopback or address.is_unspecified:
            raise service.RefusedError(f"{self.path}: fateflow.host {host} is not supported; set the real ip address")
        protocol = self.text("fateflow.protocol")
        if protocol not in ("default", "http", "grpc"):
            raise service.RefusedError(f"{self.path}: fateflow.protocol {protocol!r} is none of default, http, grpc")

    def _check_database(self) -> None:
        unknown = sorted(set(self.value("database", _BLOCK)) - DATABASE_KEYS)
        if unknown:
            raise service.RefusedError(f"{self.path}: database.{unknown[0]} is not known to the MySQL driver")

    def _engines(self) -> dict[str, str]:
        named = self.value("default_engines", _BLOCK)
        computing = self.text("default_engines.computing").upper()
        if computing not in ENGINES:
            raise service.RefusedError(f"{self.path}: default_engines.computing {computing} is illegal")
        chosen = {"computing": computing}
        for kind, supported in ENGINES[computing].items():
            engine = str(named.get(kind) or supported[0]).upper()
            if engine not in supported:
                raise service.RefusedError(
                    f"{self.path}: default_engines.{kind} {engine} is not supported in {computing}"
                )
            chosen[kind] = engine
        return chosen


def _is(value: Any, kind: str) -> bool:
    """Whether a value of the file is of the kind that FATE needs there."""
    if kind == _FLAG:
        return isinstance(value, bool)
    if kind == _PORT:
        return type(value) is int and 0 < value < 65536
    if kind == _COUNT:
        return type(value) is int and value > 0
    if kind == _WORD:
        return isinstance(value, str) and bool(value)
    if kind == _TEXT:
        return value is None or isinstance(value, str)
    return isinstance(value, dict)
