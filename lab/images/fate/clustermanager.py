"""clustermanager: keeps the list of nodemanagers in MySQL and declares those lost that stop reporting."""

import pathlib
import threading
from typing import Any

from . import database, eggroll_conf, properties, service

DRIVER = "com.mysql.cj.jdbc.Driver"
TABLES = frozenset(
    {
        "store_locator",
        "store_option",
        "store_partition",
        "server_node",
        "session_main",
        "session_option",
        "session_processor",
        "session_ranks",
        "processor_resource",
        "node_resource",
    }
)
"""Eggroll 2.5.1 reads and writes all of them, and makes none."""
_JDBC = "eggroll.resourcemanager.clustermanager.jdbc"
EXPIRED_HEARTBEATS = 2


def serve(path: pathlib.Path, port: int, log: service.Log) -> None:
    """Checks the file and the database, then serves nodemanagers on ``port``."""
    conf = eggroll_conf.load(path, announce=True)
    if conf.text(f"{_JDBC}.driver.class.name") != DRIVER:
        raise service.RefusedError(f"{path}: {_JDBC}.driver.class.name is not {DRIVER}")
    expected = eggroll_conf.clustermanager(conf)[1]
    if port != expected:
        raise service.RefusedError(f"-p {port} is not the clustermanager.port {expected} that the others dial")
    manager = Manager(conf, log)
    manager.check_tables()
    expiry = EXPIRED_HEARTBEATS * eggroll_conf.heartbeat_seconds(conf)
    service.every(expiry + 1, lambda: manager.declare_lost(expiry))
    server = service.LineServer(port, manager.answer)
    manager.log.write(f"server started at port {port}")
    server.serve_forever()


class Manager:
    """The node list; every question is one transaction."""

    def __init__(self, conf: properties.Properties, log: service.Log) -> None:
        self._database = database.from_jdbc(
            conf.text(f"{_JDBC}.url"), conf.text(f"{_JDBC}.username"), conf.present(f"{_JDBC}.password")
        )
        self._lock = threading.Lock()
        self.log = log

    def check_tables(self) -> None:
        """Raises `RefusedError` when eggroll's tables are not all there."""
        with database.connection(self._database) as cursor:
            cursor.execute("SHOW TABLES")
            missing = sorted(TABLES - {row[0] for row in cursor.fetchall()})
        if missing:
            raise service.RefusedError(
                f"database {self._database['database']} lacks eggroll's tables {', '.join(missing)}"
            )

    def declare_lost(self, seconds: float) -> None:
        """Marks the nodes whose last heartbeat is older than ``seconds``."""
        try:
            with database.connection(self._database) as cursor:
                cursor.execute(
                    "UPDATE server_node SET status = 'LOSS' WHERE status = 'HEALTHY'"
                    " AND last_heartbeat_at < NOW() - INTERVAL %s SECOND",
                    (int(seconds),),
                )
                lost = cursor.rowcount
        except service.RefusedError as error:
            self.log.write(f"handle node heart beat error {error}", "ERROR")
            return
        if lost:
            self.log.write(f"{lost} server nodes change status to LOSS", "WARN")

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """``heartbeat`` of a nodemanager, or ``nodes``: the list as it stands."""
        if question.get("ask") == "heartbeat":
            with self._lock:
                return {"id": self._heartbeat(question)}
        if question.get("ask") == "nodes":
            with database.connection(self._database) as cursor:
                cursor.execute("SELECT server_node_id, host, port, status FROM server_node ORDER BY server_node_id")
                return {"nodes": [list(row) for row in cursor.fetchall()]}
        raise ValueError("ask heartbeat or nodes")

    def _heartbeat(self, node: dict[str, Any]) -> int:
        """Finds the node by its id, else by its address, else writes it down; returns its id."""
        known, host, port, status = int(node["id"]), str(node["host"]), int(node["port"]), str(node["status"])
        with database.connection(self._database) as cursor:
            column = "server_node_id = %s" if known > 0 else "host = %s AND port = %s"
            cursor.execute(
                f"SELECT server_node_id FROM server_node WHERE {column} ORDER BY server_node_id LIMIT 1",
                (known,) if known > 0 else (host, port),
            )
            row = cursor.fetchone()
            if row is None:
                cursor.execute(
                    "INSERT INTO server_node (server_node_id, name, server_cluster_id, host, port, node_type, status,"
                    " last_heartbeat_at) VALUES (%s, '', 0, %s, %s, 'NODE_MANAGER', %s, NOW())",
                    (known if known > 0 else None, host, port, status),
                )
                self.log.write(f"create new node {host}:{port}")
                return known if known > 0 else int(cursor.lastrowid)
            cursor.execute(
                "UPDATE server_node SET host = %s, port = %s, status = %s, last_heartbeat_at = NOW()"
                " WHERE server_node_id = %s",
                (host, port, status, row[0]),
            )
            return int(row[0])
