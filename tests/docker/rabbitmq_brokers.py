"""Real RabbitMQ brokers with the program's own files, asked the way FATE asks."""

import base64
import dataclasses
import json
import urllib.request
from typing import Any

from components.versions import fate_1_11 as fate
from tests.docker.stand_ins import Service

IMAGE = "rabbitmq:3.10.8-management"
PATIENCE = 120.0
"""Seconds; a start takes eight, and several times that beside other tests."""
JOB = "202501010000-guest-9999-host-10000"


@dataclasses.dataclass(frozen=True)
class Broker:
    """A running broker, asked the way FATE asks."""

    container: Any
    password: str

    @property
    def address(self) -> str:
        """Where this host reaches it."""
        self.container.reload()
        return str(next(iter(self.container.attrs["NetworkSettings"]["Networks"].values()))["IPAddress"])

    def ask(self, method: str, path: str, body: object = None, login: str | None = None) -> Any:
        """The management API's answer; ``None`` when it says nothing."""
        request = urllib.request.Request(f"http://{self.address}:15672/api/{path}", method=method)
        request.add_header("Content-Type", "application/json")
        given = (login or f"fate:{self.password}").encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(given).decode()}")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def prepare(self, *queues: str) -> None:
        """What FATE makes for a job: a user, a virtual host, queues (``_rabbit_manager.py``)."""
        self.ask("PUT", f"users/{JOB}", {"password": JOB, "tags": ""})
        self.ask("PUT", f"vhosts/{JOB}")
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        for user in ("fate", JOB):
            self.ask("PUT", f"permissions/{JOB}/{user}", rights)
        for queue in queues:
            self.ask("PUT", f"queues/{JOB}/{queue}", {"auto_delete": False, "durable": True, "arguments": {}})

    def follow(self, host: str, *, send: str, receive: str) -> None:
        """Lets the queue ``receive`` fetch from ``send`` of the peer's broker, as FATE does."""
        uri = f"amqp://{JOB}:{JOB}@{host}:{fate.ports.RABBITMQ}"
        self.ask("PUT", f"parameters/federation-upstream/{JOB}/{receive}", {"value": {"uri": uri, "queue": send}})
        policy = {"pattern": f"^{receive}$", "apply-to": "queues", "definition": {"federation-upstream": receive}}
        self.ask("PUT", f"policies/{JOB}/{receive}", policy)


def service(password: str, memory: int = 512) -> Service:
    """A broker with the program's files, for a container of ``memory`` MiB."""
    files = {
        fate.rabbitmq.CONF_PATH: fate.rabbitmq.conf(memory_limit=memory, extra={"heartbeat": "30"}),
        fate.rabbitmq.PLUGINS_PATH: fate.rabbitmq.enabled_plugins(),
        fate.rabbitmq.DEFINITIONS_PATH: fate.rabbitmq.definitions(user="fate", password=password, salt="salt"),
        fate.rabbitmq.PASSWORD_PATH: password,
    }
    return Service(IMAGE, fate.rabbitmq.command(), files)
