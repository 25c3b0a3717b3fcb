"""eggroll's tables: what clustermanager must find in the database before it starts."""

import dataclasses

_ID = "BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY"
_REFERENCE = "BIGINT UNSIGNED NOT NULL"
_COUNT = "BIGINT NOT NULL DEFAULT 0"
_WORD = "VARCHAR(255)"
_TEXT = "VARCHAR(2000) NOT NULL DEFAULT ''"
_SESSION = "VARCHAR(767)"
_PROCESS = "INT NOT NULL DEFAULT -1"
_CREATED = "DATETIME DEFAULT CURRENT_TIMESTAMP"
_UPDATED = f"{_CREATED} ON UPDATE CURRENT_TIMESTAMP"
_TIMES = {
    "created_at": "DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP",
    "updated_at": "DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
}


@dataclasses.dataclass(frozen=True)
class _Table:
    name: str
    columns: dict[str, str]
    """Column to its type."""
    keys: dict[str, str]
    """Index to its columns; names that start with ``idx_u_`` are unique, as eggroll names them."""


_TABLES = (
    _Table(
        "store_locator",
        {
            "store_locator_id": _ID,
            "store_type": f"{_WORD} NOT NULL",
            "namespace": "VARCHAR(2000) NOT NULL DEFAULT 'DEFAULT'",
            "name": "VARCHAR(2000) NOT NULL",
            "path": _TEXT,
            "total_partitions": "INT UNSIGNED NOT NULL",
            "partitioner": "VARCHAR(2000) NOT NULL DEFAULT 'BYTESTRING_HASH'",
            "serdes": _TEXT,
            "version": "INT UNSIGNED NOT NULL DEFAULT 0",
            "status": f"{_WORD} NOT NULL",
            "created_at": _CREATED,
            "updated_at": _UPDATED,
        },
        {
            "idx_u_store_locator_ns_n": "namespace(120), name(640)",
            "idx_store_locator_st": "store_type",
            "idx_store_locator_ns": "namespace(767)",
            "idx_store_locator_n": "name(767)",
            "idx_store_locator_s": "status",
            "idx_store_locator_v": "version",
        },
    ),
    _Table(
        "store_option",
        {
            "store_option_id": _ID,
            "store_locator_id": _REFERENCE,
            "name": f"{_WORD} NOT NULL",
            "data": _TEXT,
            **_TIMES,
        },
        {"idx_store_option_si": "store_locator_id"},
    ),
    _Table(
        "store_partition",
        {
            "store_partition_id": _ID,
            "store_locator_id": _REFERENCE,
            "node_id": _REFERENCE,
            "partition_id": "INT UNSIGNED NOT NULL",
            "status": f"{_WORD} NOT NULL",
            "created_at": _CREATED,
            "updated_at": _UPDATED,
        },
        {
            "idx_u_store_partition_si_spi_ni": "store_locator_id, store_partition_id, node_id",
            "idx_store_partition_sli": "store_locator_id",
            "idx_store_partition_ni": "node_id",
            "idx_store_partition_s": "status",
        },
    ),
    _Table(
        "server_node",
        {
            "server_node_id": _ID,
            "name": _TEXT,
            "server_cluster_id": f"{_REFERENCE} DEFAULT 0",
            "host": "VARCHAR(1000) NOT NULL",
            "port": "INT NOT NULL",
            "node_type": f"{_WORD} NOT NULL",
            "status": f"{_WORD} NOT NULL",
            "last_heartbeat_at": "DATETIME DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP",
            **_TIMES,
        },
        {
            "idx_server_node_h_p_nt": "host(600), port, node_type(100)",
            "idx_server_node_h": "host(767)",
            "idx_server_node_sci": "server_cluster_id",
            "idx_server_node_nt": "node_type",
            "idx_server_node_s": "status",
        },
    ),
    _Table(
        "session_main",
        {
            "session_id": f"{_SESSION} NOT NULL PRIMARY KEY",
            "name": _TEXT,
            "status": f"{_WORD} NOT NULL",
            "tag": _WORD,
            "total_proc_count": "INT",
            "active_proc_count": "INT",
            **_TIMES,
        },
        {"idx_session_main_s": "status"},
    ),
    _Table(
        "session_option",
        {
            "session_option_id": _ID,
            "session_id": "VARCHAR(2000)",
            "name": f"{_WORD} NOT NULL",
            "data": _TEXT,
            **_TIMES,
        },
        {"idx_session_option_si": "session_id(767)"},
    ),
    _Table(
        "session_processor",
        {
            "processor_id": _ID,
            "session_id": _SESSION,
            "server_node_id": "INT NOT NULL",
            "processor_type": f"{_WORD} NOT NULL",
            "status": _WORD,
            "tag": _WORD,
            "command_endpoint": _WORD,
            "transfer_endpoint": _WORD,
            "processor_option": "VARCHAR(512)",
            "pid": _PROCESS,
            **_TIMES,
        },
        {"idx_session_processor_si": "session_id"},
    ),
    _Table(
        "processor_resource",
        {
            "id": _ID,
            "processor_id": "BIGINT NOT NULL",
            "session_id": _SESSION,
            "server_node_id": "INT NOT NULL",
            "resource_type": _WORD,
            "allocated": _COUNT,
            "extention": "VARCHAR(512)",
            "status": _WORD,
            "pid": _PROCESS,
            **_TIMES,
        },
        {
            "idx_processor_id_processor_resource": "processor_id",
            "idx_node_id_processor_resource": "server_node_id",
            "idx_session_id_processor_resource": "session_id",
            "idx_node_status_processor_resource": "server_node_id, resource_type, status",
        },
    ),
    _Table(
        "node_resource",
        {
            "resource_id": _ID,
            "server_node_id": "BIGINT NOT NULL",
            "resource_type": _WORD,
            "total": _COUNT,
            "used": _COUNT,
            "pre_allocated": _COUNT,
            "allocated": _COUNT,
            "extention": "VARCHAR(512)",
            "status": _WORD,
            **_TIMES,
        },
        {
            "idx_node_id_node_resource": "server_node_id",
            "idx_node_status_node_resource": "server_node_id, status",
            "idx_u_node_resource": "server_node_id, resource_type",
        },
    ),
    _Table(
        "session_ranks",
        {
            "container_id": _ID,
            "session_id": _SESSION,
            "server_node_id": "INT NOT NULL",
            "global_rank": "INT UNSIGNED NOT NULL",
            "local_rank": "INT UNSIGNED NOT NULL",
        },
        {"idx_session_id_session_ranks": "session_id"},
    ),
)


def eggroll_schema(*, database: str) -> str:
    """SQL that makes ``database`` and eggroll's tables where they are missing and touches nothing that is there.

    Indexes stand inside ``CREATE TABLE``: MySQL has no ``CREATE INDEX IF NOT EXISTS``.
    The character set is eggroll's own choice: with a wider one the longest indexes exceed InnoDB's limit.
    """
    name = _quote(database)
    statements = [f"CREATE DATABASE IF NOT EXISTS {name};", f"USE {name};", *(_create(table) for table in _TABLES)]
    return "\n\n".join(statements) + "\n"


def _create(table: _Table) -> str:
    lines = [f"{_quote(column)} {kind}" for column, kind in table.columns.items()]
    lines += [
        f"{'UNIQUE KEY' if key.startswith('idx_u_') else 'KEY'} {_quote(key)} ({columns})"
        for key, columns in table.keys.items()
    ]
    body = ",\n  ".join(lines)
    return (
        f"CREATE TABLE IF NOT EXISTS {_quote(table.name)} (\n  {body}\n)"
        " ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci;"
    )


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
