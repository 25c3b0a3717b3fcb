"""The lab's fateflow on Spark: it refuses whatever jobs would fail with on the real one."""

import base64
import contextlib
import dataclasses
import http.server
import json
import pathlib
import socket
import threading
from collections.abc import Iterator

import pytest
import yaml

from components.versions import fate_1_11 as fate
from lab.images.fate import on_spark, service, service_conf

pytestmark = pytest.mark.unit
PASSWORD = "p:w"
DATABASE = fate.Database(host="mysql", port=3306, name="eggroll_meta", user="fate", password="x")


class Broker(http.server.BaseHTTPRequestHandler):
    """The one call of each broker's API that is asked at the start."""

    def do_GET(self) -> None:
        """RabbitMQ knows `fate` as administrator and `guest` as none; Pulsar has one cluster."""
        users = {user: base64.b64encode(f"{user}:{PASSWORD}".encode()).decode() for user in ("fate", "guest")}
        logins = {f"Basic {login}": user for user, login in users.items()}
        user = logins.get(self.headers.get("Authorization", ""))
        if self.path == "/admin/v2/clusters":
            self.answer(200, ["9999"])
        elif user is None:
            self.answer(401, {})
        else:
            self.answer(200, {"name": user, "tags": ["administrator"] if user == "fate" else []})

    def answer(self, code: int, body: object) -> None:
        """JSON."""
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@dataclasses.dataclass
class Site:
    """Files of a fateflow, and the port where everything it depends on answers."""

    folder: pathlib.Path
    port: int

    def check(self, federation: str, storage: str, **changes: object) -> None:
        """What fateflow checks at its start with ``changes`` (block__key) made to a configuration that works."""
        blocks = self.blocks(federation, storage)
        for name, value in changes.items():
            block, _, key = name.partition("__")
            blocks["fate_on_spark"][block][key] = value
        engines = fate.Engines(computing="spark", federation=federation, storage=storage, proxy="nginx")
        text = fate.service_conf(party_id=9999, engines=engines, database=DATABASE, blocks=[blocks])
        path = self.folder / "service_conf.yaml"
        path.write_text(text.replace(fate.OWN_ADDRESS, "10.0.0.1"), encoding="utf-8")
        on_spark.check(service_conf.ServiceConf(path))

    def blocks(self, federation: str, storage: str) -> dict[str, dict[str, dict[str, object]]]:
        """Blocks that work."""
        here = {"host": "127.0.0.1", "port": self.port, "mng_port": self.port}
        common = {"mode": "replication", "max_message_size": 1048576, "route_table": str(self.folder / "routes.yaml")}
        chosen: dict[str, dict[str, object]] = {
            "spark": {"home": str(self.folder), "cores_per_node": 4, "nodes": 2},
            "hdfs": {"name_node": f"hdfs://127.0.0.1:{self.port}", "path_prefix": None},
            "rabbitmq": {**here, **common, "user": "fate", "password": PASSWORD},
            "pulsar": {**here, **common, "cluster": "9999", "tenant": "fl-tenant", "topic_ttl": 5},
            "nginx": {"host": "127.0.0.1", "http_port": self.port, "grpc_port": self.port},
        }
        return {
            "fate_on_spark": {name: chosen[name] for name in ("spark", "nginx", federation, storage) if name in chosen}
        }

    def routes(self, table: object) -> None:
        """Writes the route table."""
        (self.folder / "routes.yaml").write_text(yaml.safe_dump(table), encoding="utf-8")

    def defaults(self, text: str) -> None:
        """Writes spark-defaults.conf."""
        (self.folder / "conf" / "spark-defaults.conf").write_text(text, encoding="utf-8")


@pytest.fixture
def site(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A fateflow whose dependencies all answer."""
    monkeypatch.setenv("FATE_PROJECT_BASE", str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broker)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    made = Site(tmp_path, server.server_address[1])
    for name in ("bin", "conf"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin" / "spark-submit").touch()
    made.defaults(fate.spark.defaults(master=f"spark://127.0.0.1:{made.port}", task_cores=4))
    made.routes({9999: {"host": "rabbitmq", "port": 5672}, 10000: {"host": "fate.example.org", "port": 5672}})
    with contextlib.closing(server.socket):
        yield made
        server.shutdown()


@pytest.fixture(scope="module")
def closed() -> int:
    """A port where nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.parametrize("storage", ["hdfs", "localfs"])
@pytest.mark.parametrize("federation", ["rabbitmq", "pulsar"])
def test_what_works_is_taken(site: Site, federation: str, storage: str) -> None:
    """A stand-in that refuses what FATE takes would have the program changed for nothing."""
    site.check(federation, storage)


REFUSED = [
    ("rabbitmq", {"spark__home": None}, "spark.home is of type NoneType"),
    ("rabbitmq", {"spark__home": "/nowhere"}, "has no bin/spark-submit"),
    ("rabbitmq", {"hdfs__name_node": "namenode:9000"}, "must be hdfs://"),
    ("rabbitmq", {"rabbitmq__mng_port": "15672"}, "mng_port is of type str"),
    ("rabbitmq", {"rabbitmq__password": "other"}, "answers 401"),
    ("rabbitmq", {"rabbitmq__user": "guest"}, "guest is no administrator"),
    ("rabbitmq", {"rabbitmq__mode": "mirror"}, "must be one of replication, client"),
    ("rabbitmq", {"rabbitmq__max_message_size": None}, "max_message_size is of type NoneType"),
    ("rabbitmq", {"rabbitmq__route_table": "conf/none.yaml"}, "cannot be read"),
    ("rabbitmq", {"nginx__grpc_port": None}, "grpc_port is of type NoneType"),
    ("pulsar", {"pulsar__cluster": "standalone"}, "no cluster standalone, but 9999"),
    ("pulsar", {"pulsar__topic_ttl": "5"}, "topic_ttl is of type str"),
    ("pulsar", {"pulsar__tenant": ""}, "tenant is of type str"),
]


@pytest.mark.parametrize(("federation", "changes", "expected"), REFUSED, ids=lambda value: str(value)[:32])
def test_a_wrong_block_is_refused(site: Site, federation: str, changes: dict[str, object], expected: str) -> None:
    """A stand-in that starts with this would prove a program right whose first job fails."""
    with pytest.raises(service.RefusedError, match=expected):
        site.check(federation, "hdfs", **changes)


@pytest.mark.parametrize(
    ("federation", "table", "expected"),
    [
        ("rabbitmq", {"9999": {"host": "rabbitmq", "port": 5672}}, "'9999' is no number"),
        ("rabbitmq", {10000: {"host": "x", "port": 5672}}, "no entry for 9999, the own party"),
        ("rabbitmq", {9999: {"host": "x"}}, "party 9999 has no port"),
        ("rabbitmq", {9999: {"host": "x", "port": "5672"}}, "port '5672', and no number"),
        ("rabbitmq", {9999: {"host": "x", "port": 1}, "default": {"host": "x"}}, "a default, which nobody reads"),
        ("rabbitmq", ["x"], "is no mapping"),
        ("pulsar", {"default": {"proxy": "x:443"}}, "a default without a domain"),
    ],
)
def test_a_wrong_route_table_is_refused(site: Site, federation: str, table: object, expected: str) -> None:
    """FATE finds such a mistake when the first job looks for its partner."""
    site.routes(table)
    with pytest.raises(service.RefusedError, match=expected):
        site.check(federation, "localfs")


def test_spark_is_told_where_it_computes(site: Site, closed: int) -> None:
    """Without a master, jobs would run inside fateflow's container, and the workers would idle unseen."""
    for text, expected in (
        ("spark.cores.max 4\n", "spark.master is ''"),
        ("# spark.master spark://x:7077\n", "spark.master is ''"),
        ("spark.master yarn\n", "must be spark://HOST:PORT"),
        (f"spark.master spark://127.0.0.1:{closed}\n", "Spark's master does not answer"),
        ("spark.master local[4]\nspark.cores.max=many\n", "spark.cores.max is 'many'"),
    ):
        site.defaults(text)
        with pytest.raises(service.RefusedError, match=expected.replace("[", r"\[")):
            site.check("pulsar", "localfs")
    site.defaults(fate.spark.local_defaults(task_cores=4))
    site.check("pulsar", "localfs")


def test_what_does_not_answer_is_named(site: Site, closed: int) -> None:
    """Of four servers, the one that is away has to be in the message."""
    for federation, changes, expected in (
        ("rabbitmq", {"hdfs__name_node": f"hdfs://127.0.0.1:{closed}"}, "HDFS' namenode does not answer"),
        ("rabbitmq", {"rabbitmq__port": closed}, "RabbitMQ does not answer"),
        ("rabbitmq", {"rabbitmq__mng_port": closed}, "RabbitMQ does not answer at http"),
        ("pulsar", {"pulsar__port": closed}, "Pulsar does not answer"),
    ):
        with pytest.raises(service.RefusedError, match=expected):
            site.check(federation, "hdfs", **changes)
