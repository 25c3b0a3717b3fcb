"""``service_conf.yaml``: everything FATE and FATE-Flow read about their site."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from ..model import Database, Engines, Serving
from . import paths, ports

OWN_ADDRESS = "fateflow-own-address.invalid"
"""Stands for fateflow's own address, which it binds and tells its workers: known only once its container runs,
so ``fateflow_command()`` puts it in."""

Block = dict[str, Any]
"""A mapping of the file; ``None`` is written as an empty value, which FATE reads as "not set"."""


def service_conf(
    *,
    party_id: int,
    engines: Engines,
    database: Database,
    blocks: Iterable[Mapping[str, Any]],
    serving: Serving | None = None,
) -> str:
    """The whole file, secret because of the database password.

    ``blocks``: what each engine of the party adds, as ``fate_on_eggroll()`` and its like make it; blocks of the same
    key are merged. Only engines that the party runs are described, so that nobody's job can choose another.
    ``serving``: where finished models are published; default: nowhere. ``ValueError`` for engines that do not exist
    here, do not fit together, or are named without a block that says where they are.
    """
    described: Block = {}
    for block in blocks:
        _merge(described, block)
    _check(engines, described)
    conf: Block = {
        **_site(party_id, serving or Serving()),
        "fateflow": _fateflow(engines.proxy),
        "database": _database(database),
        "default_engines": {
            "computing": engines.computing,
            "federation": engines.federation,
            "storage": engines.storage,
        },
        **described,
        **_surroundings(serving or Serving()),
    }
    return yaml.safe_dump(conf, sort_keys=False, allow_unicode=True)


def fate_on_eggroll(*, cores: int, nodes: int) -> Block:
    """Eggroll's block: ``cores`` on each of ``nodes`` nodemanagers, which is what fateflow admits jobs by."""
    return {
        "fate_on_eggroll": {
            "clustermanager": {"cores_per_node": cores, "nodes": nodes},
            "rollsite": {"host": paths.ROLLSITE_HOST, "port": ports.ROLLSITE},
        }
    }


def fate_on_hive(*, host: str, port: int, auth_mechanism: str, user: str | None, password: Any) -> Block:
    """Hive's block; ``password`` may be an output."""
    login = {"auth_mechanism": auth_mechanism, "username": user, "password": password}
    return {"fate_on_spark": {"hive": {"host": host, "port": port, **login}}}


def _merge(into: Block, block: Mapping[str, Any]) -> None:
    for key, value in block.items():
        known = into.get(key)
        if isinstance(known, dict) and isinstance(value, Mapping):
            _merge(known, value)
        elif isinstance(value, Mapping):
            into[key] = {}
            _merge(into, {key: value})
        else:
            into[key] = value


_EGGROLL, _SPARK = "fate_on_eggroll", "fate_on_spark"
_COMBINATIONS: Mapping[tuple[str, str, str, str], tuple[str, ...]] = {
    ("eggroll", "eggroll", "eggroll", "rollsite"): (f"{_EGGROLL}.clustermanager", f"{_EGGROLL}.rollsite"),
    **{
        ("spark", federation, storage, "nginx"): (
            f"{_SPARK}.spark",
            f"{_SPARK}.{federation}",
            f"{_SPARK}.nginx",
            *((f"{_SPARK}.{storage}",) if storage != "localfs" else ()),
        )
        for federation in ("rabbitmq", "pulsar")
        for storage in ("hdfs", "hive", "localfs")
    },
}
"""Engines that go together (computing, federation, storage, proxy) and the blocks that say where they are."""


def _check(engines: Engines, described: Block) -> None:
    chosen = (engines.computing, engines.federation, engines.storage, engines.proxy)
    if chosen not in _COMBINATIONS:
        known = "; ".join(", ".join(each) for each in _COMBINATIONS)
        raise ValueError(
            f"service_conf.yaml cannot be written for the engines {', '.join(chosen)}; choose one of {known}"
        )
    for path in _COMBINATIONS[chosen]:
        section, _, engine = path.partition(".")
        block = described.get(section)
        if not isinstance(block, dict) or engine not in block:
            raise ValueError(f"the engines {', '.join(chosen)} need the block {path}, which no part of the party has")


def _site(party_id: int, serving: Serving) -> Block:
    return {
        "use_registry": "zookeeper" if serving.zookeeper_hosts else False,
        "use_deserialize_safe_module": False,
        "dependent_distribution": False,
        "encrypt_password": False,
        "encrypt_module": "fate_arch.common.encrypt_utils#pwdecrypt",
        "private_key": None,
        "private_key_file": None,
        "party_id": party_id,
        "hook_module": {
            "client_authentication": "fate_flow.hook.flow.client_authentication",
            "site_authentication": "fate_flow.hook.flow.site_authentication",
            "permission": "fate_flow.hook.flow.permission",
        },
        "hook_server_name": None,
        "authentication": {
            "client": {"switch": False, "http_app_key": None, "http_secret_key": None},
            "site": {"switch": False},
        },
        "permission": {"switch": False, "component": False, "dataset": False},
    }


def _fateflow(proxy: str) -> Block:
    address: Block = {"http_port": ports.FATEFLOW_HTTP, "grpc_port": ports.FATEFLOW_GRPC}
    return {
        "host": OWN_ADDRESS,
        **address,
        # Where models are fetched from: a name, because the address changes with every start.
        "nginx": {"host": paths.FATEFLOW_HOST, **address},
        "random_instance_id": False,
        "proxy": proxy,
        "protocol": "default",
        "default_federated_status_collect_type": "PULL",
    }


def _database(database: Database) -> Block:
    return {
        "name": database.name,
        "user": database.user,
        "passwd": database.password,
        "host": database.host,
        "port": database.port,
        "max_connections": 100,
        "stale_timeout": 30,
    }


def _surroundings(serving: Serving) -> Block:
    """Services around fateflow; FATE-Flow wants the blocks even where the party has no such service."""
    zookeeper: Block = {"hosts": list(serving.zookeeper_hosts), "use_acl": bool(serving.zookeeper_user)}
    if serving.zookeeper_user:
        zookeeper |= {"user": serving.zookeeper_user, "password": serving.zookeeper_password}
    return {
        "fateboard": {"host": paths.FATEBOARD_HOST, "port": ports.FATEBOARD},
        "enable_model_store": False,
        "model_store_address": {"storage": None},
        "servings": {"hosts": list(serving.hosts)},
        "zookeeper": zookeeper,
    }
