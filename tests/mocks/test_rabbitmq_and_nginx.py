"""RabbitMQ and nginx as parts of a party, under Pulumi's mocks: what is run, what fateflow is told, what is shown."""

import dataclasses
from typing import Any

import pulumi
import pytest

from components import args, mysql, nginx, part, rabbitmq
from components.platform import docker, workload
from components.versions import fate_1_11 as fate
from tests import mocked

pytestmark = pytest.mark.mocks
RESOURCES = workload.Resources(cpu=1, memory=512, memory_limit=1000)
SERVICE: dict[str, Any] = {"image": "some:1", "resources": RESOURCES}
STORAGE = args.StorageArgs(size="1Gi")
ENGINES = fate.Engines(computing="spark", federation="rabbitmq", storage="localfs", proxy="nginx")
BROKER = rabbitmq.RabbitMQArgs(**SERVICE, storage=STORAGE, peers={2: fate.Hop(host="b.example", port=31)})
ROUTER = nginx.NginxArgs(**SERVICE, routes={2: fate.nginx.Route(host="n.example")})


@dataclasses.dataclass(frozen=True)
class Made:
    """What the two parts registered and offer."""

    resources: dict[str, mocked.Registered]
    """By name, of containers only."""
    blocks: dict[str, Any]
    """What service_conf.yaml says of both."""
    peers: dict[str, workload.Endpoint]
    ready: int
    """How many workloads fateflow waits for."""
    logins: dict[str, Any]


def make(broker: rabbitmq.RabbitMQArgs = BROKER, router: nginx.NginxArgs = ROUTER) -> Made:
    """The two parts of party 1 on Docker."""
    recorder = mocked.Recorder()
    seen: dict[str, Any] = {}

    def program() -> pulumi.Output[None]:
        platform = docker.DockerPlatform(docker.DockerArgs(site="fate-1"))
        parent = pulumi.ComponentResource("fate:site:Party", "fate-1")
        opts = pulumi.ResourceOptions(parent=parent)
        platform.open(parent)
        database = mysql.MySQL("fate-1-mysql", mysql.MySQLArgs(**SERVICE, storage=STORAGE), platform, opts)
        foundation = part.Foundation(site="fate-1", party_id=1, platform=platform, mysql=database, engines=ENGINES)
        parts: list[part.Part] = [
            rabbitmq.RabbitMQTransport("fate-1-rabbitmq", broker, foundation, opts),
            nginx.NginxRouter("fate-1-nginx", router, foundation, opts),
        ]
        seen["ready"] = sum(len(each.ready) for each in parts)
        told = {engine: block for each in parts for engine, block in each.client.blocks["fate_on_spark"].items()}
        peers = {service: where for each in parts for service, where in each.peers.items()}
        logins = {service: login for each in parts for service, login in each.credentials.items()}
        return pulumi.Output.all(blocks=told, peers=peers, logins=logins).apply(seen.update)

    with mocked.engine(recorder, stack="party-1"):
        mocked.AWAITED(program)()
    containers = {each.name: each for each in recorder.registered if each.type.endswith(":Container")}
    return Made(resources=containers, **seen)


def files(made: Made, name: str) -> dict[str, Any]:
    """The files of a container, by path."""
    uploads = made.resources[name].inputs["uploads"]
    # A list with a secret in it is a secret as a whole.
    return {each["file"]: each for each in (uploads["value"] if isinstance(uploads, dict) else uploads)}


def test_fateflow_is_told_of_both() -> None:
    """A login that the broker does not have, or a router that is not there, ends every job at its first message."""
    made = make()
    assert made.ready == 2
    assert made.blocks["nginx"] == {"host": "nginx", "http_port": 9300, "grpc_port": 9310}
    told, login = made.blocks["rabbitmq"], made.logins["rabbitmq"]
    assert (told["host"], told["port"], told["mng_port"]) == ("rabbitmq", 5672, 15672)
    assert (told["user"], told["password"]) == (login["username"], login["password"])
    assert login["password"].startswith(mocked.SECRET)
    assert {name: where.port for name, where in made.peers.items()} == {
        "rabbitmq": 5672,
        "nginx": 9300,
        "nginx-grpc": 9310,
    }


def test_passwords_travel_as_secrets_only() -> None:
    """Configuration and commands are shown by every inspect command."""
    given = files(make(), "fate-1-rabbitmq")
    open_to_all = {path for path, each in given.items() if each["permissions"] != "0400"}
    assert open_to_all == {fate.rabbitmq.CONF_PATH, fate.rabbitmq.PLUGINS_PATH}
    assert mocked.SECRET not in str([given[path]["content"] for path in open_to_all])
    assert "600MiB" in given[fate.rabbitmq.CONF_PATH]["content"]


def test_a_new_peer_changes_neither_server() -> None:
    """A partner that restarts the broker or the router interrupts everybody's jobs."""
    before = make()
    more = {3: fate.nginx.Route(host="m.example")}
    after = make(
        dataclasses.replace(BROKER, peers={3: fate.Hop(host="c.example", port=1)}),
        dataclasses.replace(ROUTER, routes=more, default_route=fate.nginx.Route(host="hub.example")),
    )
    for server in ("fate-1-rabbitmq", "fate-1-nginx"):
        assert before.resources[server].inputs == after.resources[server].inputs
    assert before.resources["fate-1-nginx-routes"].inputs != after.resources["fate-1-nginx-routes"].inputs


def test_servers_of_somebody_else_are_used_and_not_run() -> None:
    """An operator who has a broker wants no second one beside it."""
    made = make(
        dataclasses.replace(BROKER, password="theirs", existing=rabbitmq.ExistingRabbitMQ(host="mq", port=1)),
        dataclasses.replace(ROUTER, existing=nginx.ExistingNginx(host="proxy", http_port=80)),
    )
    assert set(made.resources) == {"fate-1-mysql"}
    assert made.ready == 0
    assert made.blocks["nginx"] == {"host": "proxy", "http_port": 80, "grpc_port": 9310}
    told = made.blocks["rabbitmq"]
    assert (told["host"], told["port"], told["mng_port"], told["password"]) == ("mq", 1, 15672, "theirs")
    with pytest.raises(ValueError, match="needs the password"):
        make(dataclasses.replace(BROKER, existing=rabbitmq.ExistingRabbitMQ(host="mq")))
