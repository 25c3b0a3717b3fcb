"""nodemanager: registers itself with clustermanager under its own address and remembers the id it was given."""

import json
import pathlib
import re
from typing import Any

from . import eggroll_conf, properties, service

META = "NodeManagerMeta"
"""File in the data folder with the node's id; without it a restarted nodemanager is a new node."""


def serve(path: pathlib.Path, port: int, log: service.Log) -> None:
    """Checks the file, registers, then serves on ``port``."""
    conf = eggroll_conf.load(path, announce=True)
    conf.same_for_python()
    expected = conf.port("eggroll.resourcemanager.nodemanager.port")
    if port != expected:
        raise service.RefusedError(f"-p {port} is not the nodemanager.port {expected} of {path}")
    manager = Manager(conf, port, log)
    server = service.LineServer(port, manager.answer)
    manager.register()
    service.every(eggroll_conf.heartbeat_seconds(conf), manager.beat)
    manager.log.write(f"server started at {port}")
    server.serve_forever()


class Manager:
    """One node: its id, its logs."""

    def __init__(self, conf: properties.Properties, port: int, log: service.Log) -> None:
        self._clustermanager = eggroll_conf.clustermanager(conf)
        self._node: dict[str, Any] = {"host": service.own_address(), "port": port, "status": "INIT"}
        self._logs = pathlib.Path(conf.text("eggroll.logs.dir"))
        self._data = pathlib.Path(conf.text("eggroll.data.dir"))
        self._processors = conf.integer("eggroll.session.processors.per.node")
        self._id = self._remembered()
        self.log = log

    def register(self) -> None:
        """The first heartbeat: gets an id and writes it down; raises `RefusedError` when either fails."""
        self._id = self._heartbeat()
        try:
            self._data.mkdir(parents=True, exist_ok=True)
            (self._data / META).write_text(json.dumps({"serverNodeId": self._id, "clusterId": 0}), encoding="utf-8")
        except OSError as error:
            raise service.RefusedError(f"data folder {self._data} cannot be written: {error.strerror}") from error
        self._node["status"] = "HEALTHY"
        self._session(f"nodemanager-{self._id}-start")
        self.log.write(f"get node id {self._id} from cluster-manager")

    def beat(self) -> None:
        """A heartbeat; a clustermanager that is away for a while is no reason to end."""
        try:
            self._heartbeat()
            self.log.write(f"node {self._id} heart beat")
        except service.RefusedError as error:
            self.log.write(f"node heart beat error {error}", "ERROR")

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """``node``: who this is; ``start`` a ``session``: its processors say in their logs that they run."""
        if question.get("ask") == "node":
            return {"id": self._id, **self._node}
        if question.get("ask") == "start":
            name = str(question.get("session", ""))
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
                raise ValueError("session is not a name")
            return {"logs": self._session(name)}
        raise ValueError("ask node or start")

    def _session(self, name: str) -> list[str]:
        """Starts a session's processors, as far as anybody sees: a log file each."""
        files = [self._logs / name / f"egg_pair-{number}.out" for number in range(self._processors)]
        for file in files:
            service.Log(file).write(f"session {name}: processor started on node {self._id}")
        return [str(file) for file in files]

    def _heartbeat(self) -> int:
        host, port = self._clustermanager
        answer = service.ask(host, port, {"ask": "heartbeat", "id": self._id, **self._node}, "clustermanager")
        return int(answer["id"])

    def _remembered(self) -> int:
        try:
            return int(json.loads((self._data / META).read_text(encoding="utf-8"))["serverNodeId"])
        except FileNotFoundError:
            return -1
        except (OSError, ValueError, KeyError) as error:
            raise service.RefusedError(f"{self._data / META} cannot be read: {error}") from error
