"""``service_conf.yaml``: everything FATE and FATE-Flow read about their site."""

import yaml

from ..model import Database, Engines
from . import eggroll, paths, ports

OWN_ADDRESS = "fateflow-own-address.invalid"
"""Stands for fateflow's own address, which it binds and tells its workers: known only once its container runs,
so ``fateflow_command()`` puts it in."""

Block = dict[str, "str | int | bool | list[str] | Block | None"]
"""A mapping of the file; ``None`` is written as an empty value, which FATE reads as "not set"."""


def service_conf(*, party_id: int, engines: Engines, database: Database, compute_cores: int, nodes: int) -> str:
    """The whole file, secret because of the database password.

    ``compute_cores``: cores that all jobs of the party may use together, on ``nodes`` nodemanagers; fateflow
    admits jobs up to ``eggroll.cores_per_node(compute_cores, nodes) * nodes``. Only engines that the party runs
    are described, so that nobody's job can choose another. ``ValueError`` for engines that do not exist here or
    do not fit together, and for cores that do not fit the nodes.
    """
    conf: Block = {
        **_site(party_id),
        "fateflow": _fateflow(engines.proxy),
        "database": _database(database),
        "default_engines": {
            "computing": engines.computing,
            "federation": engines.federation,
            "storage": engines.storage,
        },
        **_engines(engines, eggroll.cores_per_node(compute_cores, nodes), nodes),
        **_surroundings(),
    }
    return yaml.safe_dump(conf, sort_keys=False, allow_unicode=True)


def _site(party_id: int) -> Block:
    return {
        "use_registry": False,
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


def _engines(engines: Engines, cores: int, nodes: int) -> Block:
    chosen = (engines.computing, engines.federation, engines.storage, engines.proxy)
    if chosen != ("eggroll", "eggroll", "eggroll", "rollsite"):
        raise ValueError(
            f"service_conf.yaml cannot be written for the engines {', '.join(chosen)}; "
            "choose eggroll for computing, federation and storage with rollsite as proxy"
        )
    return {
        "fate_on_eggroll": {
            "clustermanager": {"cores_per_node": cores, "nodes": nodes},
            "rollsite": {"host": paths.ROLLSITE_HOST, "port": ports.ROLLSITE},
        }
    }


def _surroundings() -> Block:
    """Services around fateflow; FATE-Flow wants the blocks even where the party has no such service."""
    return {
        "fateboard": {"host": paths.FATEBOARD_HOST, "port": ports.FATEBOARD},
        "enable_model_store": False,
        "model_store_address": {"storage": None},
        "servings": {"hosts": []},
        "zookeeper": {"hosts": [], "use_acl": False},
    }
