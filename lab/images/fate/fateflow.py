"""fateflow: reads service_conf.yaml, finds what it depends on, makes its tables, answers over HTTP."""

import os
import pathlib
import threading

from . import database, eggroll_conf, on_spark, service, service_conf, web

API = "v1"
FOLDERS = ("jobs", "model_local_cache", "logs")
EXCEPTION_ERROR = 100
"""FATE-Flow's return code for whatever goes wrong inside, an unknown path included; its HTTP status is 200."""


def serve() -> None:
    """Starts from the working folder, as the image's command does."""
    base = pathlib.Path(os.environ.get("FATE_PROJECT_BASE", "."))
    conf = service_conf.ServiceConf(base / "conf" / "service_conf.yaml")
    for folder in FOLDERS:
        _writable(base / "fateflow" / folder)
    level = os.environ.get("FATE_LOG_LEVEL", "INFO")
    log = service.Log(base / "fateflow" / "logs" / "fate_flow" / "fate_flow_stat.log", level)
    _find_dependencies(conf)
    _make_tables(conf)
    host = conf.text("fateflow.host")
    grpc = web.Acceptor(host, conf.port("fateflow.grpc_port"))
    threading.Thread(target=grpc.serve_forever, daemon=True).start()
    log.write("FATE Flow grpc server start successfully")
    flow = Flow(conf, _versions(base), log)
    server = web.Server(host, conf.port("fateflow.http_port"), "Werkzeug", flow.answer)
    print(f"FATE Flow http server start on {host}", flush=True)
    log.write("FATE Flow http server start...")
    server.serve_forever()


class Flow:
    """The few calls of FATE-Flow's interface that show it is there."""

    def __init__(self, conf: service_conf.ServiceConf, versions: dict[str, str], log: service.Log) -> None:
        self._conf = conf
        self._versions = versions
        self._log = log

    def answer(self, request: web.Request) -> web.Reply:
        """Version and common information; the rest is an error with HTTP status 200, as in FATE-Flow."""
        path = request.path.partition("?")[0].rstrip("/")
        self._log.write(f"{request.method} {path}", "DEBUG")
        calls = {
            f"/{API}/version/get": self._version,
            f"/{API}/info/version": self._version,
            f"/{API}/info/common": self._common,
        }
        if path not in calls:
            return _error("<NotFound '404: Not Found'>")
        if request.method != "POST":
            return _error("<MethodNotAllowed '405: Method Not Allowed'>")
        return calls[path](request)

    def _version(self, request: web.Request) -> web.Reply:
        module = str(request.json().get("module") or "FATE")
        if module not in self._versions:
            return web.as_json({"retmsg": f"unknown module {module}", "retcode": 404}, 404)
        return _success({module: self._versions[module], "API": API})

    def _common(self, request: web.Request) -> web.Reply:
        return _success(
            {
                "version": self._versions["FATE"],
                "host": self._conf.text("fateflow.host"),
                "http_port": self._conf.port("fateflow.http_port"),
                "grpc_port": self._conf.port("fateflow.grpc_port"),
                "party_id": self._conf.party,
            }
        )


def _success(data: dict[str, object]) -> web.Reply:
    return web.as_json({"data": data, "retcode": 0, "retmsg": "success"})


def _error(message: str) -> web.Reply:
    return web.as_json({"retcode": EXCEPTION_ERROR, "retmsg": message})


def _find_dependencies(conf: service_conf.ServiceConf) -> None:
    """The services that jobs would need; raises `RefusedError` for the first that is not there."""
    name, host, port = conf.proxy()
    service.reach(host, port, name)
    if conf.engines["computing"] == "SPARK":
        on_spark.check(conf)
        return
    home = pathlib.Path(os.environ.get("EGGROLL_HOME", "/data/projects/fate/eggroll"))
    eggroll = eggroll_conf.load(home / "conf" / "eggroll.properties", announce=False)
    eggroll.same_for_python()
    party = eggroll.text("eggroll.rollsite.party.id")
    if conf.party and conf.party != party:
        raise service.RefusedError(f"{conf.path}: party_id is {conf.party}, but {eggroll.path} says party {party}")
    if conf.engines["federation"] == "EGGROLL":
        service.reach(
            conf.text("fate_on_eggroll.rollsite.host"), conf.port("fate_on_eggroll.rollsite.port"), "rollsite"
        )
    service.reach(*eggroll_conf.clustermanager(eggroll), "clustermanager")


def _make_tables(conf: service_conf.ServiceConf) -> None:
    """Writes the computing engine down in the table where FATE-Flow keeps what jobs may use."""
    cores, nodes = conf.cores()
    options: database.Options = {
        "database": conf.text("database.name"),
        "user": conf.text("database.user"),
        "password": conf.text("database.passwd"),
        "host": conf.text("database.host"),
        "port": conf.port("database.port"),
    }
    with database.connection(options) as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS t_engine_registry (f_engine_type VARCHAR(10) NOT NULL,"
            " f_engine_name VARCHAR(50) NOT NULL, f_cores INT NOT NULL, f_nodes INT NOT NULL,"
            " PRIMARY KEY (f_engine_name, f_engine_type))"
        )
        cursor.execute(
            "REPLACE INTO t_engine_registry (f_engine_type, f_engine_name, f_cores, f_nodes) VALUES (%s, %s, %s, %s)",
            ("computing", conf.engines["computing"], cores * nodes, nodes),
        )


def _writable(folder: pathlib.Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / ".writable"
        mark.write_text("", encoding="utf-8")
        mark.unlink()
    except OSError as error:
        raise service.RefusedError(f"{folder} cannot be written: {error.strerror}") from error


def _versions(base: pathlib.Path) -> dict[str, str]:
    """The versions of the parts, from the file that lies in the image."""
    try:
        lines = (base / "fate.env").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise service.RefusedError(f"{base / 'fate.env'} cannot be read: {error.strerror}") from error
    return {key: value for key, _, value in (line.partition("=") for line in lines) if value}
