"""The ways into a site: ports, Services and Ingresses; and the ways to other sites."""

from typing import Any

import pytest

from stacks import settings
from stacks.settings import exposure

PEER = {"host": "192.168.1.2", "tls": False}


def parse(backend: str, **more: Any) -> settings.StackSettings:
    """Settings of a party with ``backend`` and ``more``, in plain text."""
    return settings.parse({"partyId": "9999", "backend": backend, "tls": False, **more}, "dev")


def problems(backend: str, **more: Any) -> list[str]:
    """The lines that it is answered with; none when it is good."""
    try:
        parse(backend, **more)
    except settings.Invalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []


def only(backend: str, **more: Any) -> str:
    """The one line that it is answered with."""
    (line,) = problems(backend, **more)
    return line


def docker(backend: str, **ports: Any) -> list[str]:
    """The lines that a party on Docker with ``ports`` is answered with."""
    return problems(backend, platform="docker", docker={"ports": ports})


def test_every_port_has_a_field_on_both_platforms() -> None:
    """A port that only one table knows can be set and is ignored."""
    names = [shown.name for shown in settings.SHOWN]
    assert names == [*settings.HostPorts.model_fields] == [*settings.NodePorts.model_fields]


def test_default_host_ports_are_all_different() -> None:
    """The smallest party would not start on Docker."""
    ports = [getattr(settings.HostPorts(), shown.name) for shown in exposure.SHOWN]
    assert len({*ports}) == len(ports)


@pytest.mark.parametrize(
    ("rollsite", "moved"), [(True, {"rollsite": "eggroll.rollsite.service"}), (False, {"pulsar": "nginx.service"})]
)
def test_with_tls_other_sites_dial_nginx_and_nothing_else_moves(rollsite: bool, moved: dict[str, str]) -> None:
    """A port that is published of a workload that no longer has it is one that nobody can dial."""
    plain, secure = exposure.SHOWN, exposure.secured(exposure.SHOWN, rollsite=rollsite)
    differ = {after.name: after for before, after in zip(plain, secure, strict=True) if before != after}
    assert {name: each.options for name, each in differ.items()} == moved
    assert all(each.workload == "nginx" for each in differ.values())


def test_ports_clash_only_where_both_services_run() -> None:
    """A default of a service of another backend is nobody's port."""
    assert docker("eggroll", rollsite=9300, fateboard=6650) == []
    assert docker("spark_rabbitmq", rabbitmq="8888") == [
        "fate:docker.ports: rabbitmq and sparkMaster share port 8888; give each a port of its own"
    ]
    assert docker("spark_local_pulsar", pulsar=8888) == []
    (line,) = docker("spark_pulsar", nginx=9310, pulsarHttp=8080)
    assert "nginx and nginxGrpc share port 9310; pulsarHttp and fateboard share port 8080" in line
    assert docker("spark_pulsar", nginx=9310, nginxGrpc=9300) == []


def test_ports_of_services_that_do_not_run() -> None:
    """The user would wait at a port that nothing listens on."""
    (line,) = docker("eggroll", nginx=9300)
    assert line.startswith("fate:docker.ports.nginx: belongs to backend spark_rabbitmq, spark_pulsar or spark_local")
    assert "belongs to backend eggroll" in docker("spark_pulsar", rollsite=9370)[0]
    nginx = {"existing": {"host": "nginx.example.org"}}
    (line,) = problems("spark_pulsar", platform="docker", nginx=nginx, docker={"ports": {"nginx": 9301}})
    assert line.startswith("fate:docker.ports.nginx: means nothing")
    assert "belongs to backend eggroll" in only("spark_pulsar", kubernetes={"nodePorts": {"rollsite": 30091}})


def test_node_ports_are_apart_and_used() -> None:
    """The cluster would refuse the second, or nobody would ever see the first."""
    ports = {"nginx": 30093, "nginxGrpc": 30098, "pulsar": 30094}
    assert problems("spark_pulsar", kubernetes={"nodePorts": ports}) == []
    line = only("spark_pulsar", kubernetes={"nodePorts": {**ports, "nginxGrpc": "30093"}})
    assert line.startswith("fate:kubernetes.nodePorts: nginx and nginxGrpc share port 30093")
    line = only("eggroll", kubernetes={"nodePorts": {"fateboard": 30095}})
    assert line == (
        "fate:kubernetes.nodePorts.fateboard: means nothing with ClusterIP; "
        "remove it, or set fateboard.service.type: NodePort"
    )
    shown = {"service": {"type": "NodePort"}}
    assert problems("eggroll", fateboard=shown, kubernetes={"nodePorts": {"fateboard": 30095}}) == []


@pytest.mark.parametrize(
    ("backend", "section", "key"),
    [("spark_rabbitmq", "rabbitmq", "service"), ("spark_pulsar", "pulsar", "httpService"),
     ("spark_pulsar", "nginx", "service"), ("eggroll", "notebook", "service")],
)  # fmt: skip
def test_options_of_load_balancers_need_one(backend: str, section: str, key: str) -> None:
    """A source range that is ignored leaves the port open to everybody."""
    options = {"sourceRanges": ["203.0.113.0/24"]}
    line = only(backend, **{section: {key: options}})
    assert line.startswith(f"fate:{section}.{key}.sourceRanges: means nothing with ")
    balanced = {key: {**options, "type": "LoadBalancer", "loadBalancerIP": "203.0.113.9"}}
    assert problems(backend, **{section: balanced}) == []


def test_pages_below_one_domain_or_with_names_of_their_own() -> None:
    """A page that is shown to nobody, or under a name that was not meant, is found late."""
    given = parse(
        "spark_pulsar",
        kubernetes={"ingressClass": "nginx", "ingressDomain": "example.org"},
        notebook={"ingress": {"hosts": ["notes.example.org"], "tlsSecret": "notes"}},
        fateboard={"ingress": {"enabled": "false"}},
    )
    assert given.hosts("notebook", given.notebook.ingress) == ("notes.example.org",)
    assert given.hosts("fateboard", given.fateboard.ingress) == ()
    assert given.hosts("spark-master", given.spark.master.ingress) == ("spark-master.fate-9999.example.org",)
    assert parse("eggroll").hosts("fateboard", parse("eggroll").fateboard.ingress) == ()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"kubernetes": {"ingressClass": "nginx"}}, "fate:kubernetes.ingressClass: needs ingressDomain"),
        ({"kubernetes": {"ingressDomain": "a.org"}}, "fate:kubernetes.ingressDomain: means nothing without"),
        ({"fateboard": {"ingress": {"hosts": ["a.org"]}}}, "fate:fateboard.ingress.class: is missing"),
        ({"fateboard": {"ingress": {"tlsSecret": "a"}}}, "fate:fateboard.ingress.hosts: is missing"),
        ({"fateboard": {"ingress": {"enabled": True}}}, "fate:fateboard.ingress.hosts: is missing"),
        ({"fateboard": {"ingress": {"enabled": False, "path": "/b"}}}, "fate:fateboard.ingress.path: means nothing"),
        ({"fateboard": {"ingress": {"hosts": ["a b"], "class": "c"}}}, "fate:fateboard.ingress.hosts[0]"),
        ({"fateboard": {"ingress": {"path": "board"}}}, "fate:fateboard.ingress.path: is no path"),
    ],
)
def test_incomplete_ingress(more: dict[str, Any], said: str) -> None:
    """A controller would ignore it without a word."""
    assert only("eggroll", **more).startswith(said)


def test_two_pages_at_one_address() -> None:
    """The controller would show one of them."""
    page = {"ingress": {"hosts": ["a.org"], "class": "nginx"}}
    assert "has host a.org and path / of fate:fateboard.ingress" in only("eggroll", fateboard=page, notebook=page)
    below = {"ingress": {**page["ingress"], "path": "/notes"}}
    assert problems("eggroll", fateboard=page, notebook=below) == []


def test_peer_s_ports_follow_from_the_transport() -> None:
    """A peer of a Spark backend is its host: broker and router have usual ports."""
    for backend, port in (("spark_rabbitmq", 5672), ("spark_pulsar", 6650), ("spark_local_pulsar", 6650)):
        given = parse(backend, peers={"10000": PEER, "10001": {**PEER, "port": 30094, "nginxPort": "30093"}})
        usual, told = given.peers[10000], given.peers[10001]
        assert isinstance(usual, settings.Endpoint)
        assert isinstance(told, settings.Endpoint)
        assert (given.port(usual), usual.nginx_port, usual.nginx_grpc_port) == (port, 9300, 9310)
        assert (given.port(told), told.nginx_port) == (30094, 30093)


def test_rollsite_s_port_is_told_and_it_has_no_router() -> None:
    """On Kubernetes it is any node port; a router's port beside it would be ignored."""
    assert (
        only("eggroll", peers={"10000": PEER})
        == "fate:peers.10000.port: is missing; set it to the port of its rollsite"
    )
    peer = {**PEER, "port": 9370, "nginxPort": 9300}
    assert only("eggroll", peers={"10000": peer}).startswith("fate:peers.10000.nginxPort: belongs to backend spark_")


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("spark_rabbitmq", "RabbitMQ links parties directly"),
        ("spark_pulsar", "passes TLS on by the name"),
        ("spark_local_pulsar", "passes TLS on by the name"),
    ],
)
def test_backends_without_an_exchange(backend: str, said: str) -> None:
    """The party would start and reach nobody."""
    line = only(backend, exchange={**PEER, "port": 6650})
    assert line.startswith("fate:exchange: ")
    assert said in line
    assert problems("eggroll", exchange={**PEER, "port": 9370}) == []


@pytest.mark.parametrize(
    ("polling", "more", "said"),
    [
        ({"client": True}, {}, "client: needs exchange"),
        ({"client": True, "clients": [10000]}, {"exchange": {**PEER, "port": 9370}}, "clients: a rollsite that asks"),
        ({"concurrency": 9}, {}, "concurrency: means nothing without"),
        ({"clients": [9999]}, {}, "clients: 9999 is this party itself"),
        ({"clients": ["10000"]}, {"peers": {"10000": {**PEER, "port": 9370}}}, "clients: party 10000 polls"),
        ({"clients": [0]}, {}, "clients[0]: 0 is reserved"),
    ],
)
def test_polling_that_cannot_work(polling: dict[str, Any], more: dict[str, Any], said: str) -> None:
    """Packets would wait where nobody asks for them."""
    line = only("eggroll", eggroll={"rollsite": {"polling": polling}}, **more)
    assert line.startswith(f"fate:eggroll.rollsite.polling.{said}")


def test_polling_that_works() -> None:
    """A party without a port that others can dial, and the one that it asks."""
    client = {"rollsite": {"polling": {"client": "true"}}}
    assert problems("eggroll", eggroll=client, exchange={**PEER, "port": 9370}) == []
    server = {"rollsite": {"polling": {"clients": [10000, "10001"], "concurrency": 100}}}
    assert parse("eggroll", eggroll=server).eggroll.rollsite.polling.clients == (10000, 10001)


def test_balancer_stands_for_the_exchange() -> None:
    """Of two default routes one would be ignored; without upstreams there is nothing to balance."""
    upstreams = {"upstreams": [PEER, {**PEER, "host": "192.168.1.3", "port": 30091}]}
    given = parse("eggroll", eggroll={"balancer": upstreams})
    assert "eggroll.balancer" in settings.own_services(given)
    assert [site.port for site in given.eggroll.balancer.upstreams] == [9370, 30091]
    line = only("eggroll", eggroll={"balancer": upstreams}, exchange={**PEER, "port": 9370})
    assert line.startswith("fate:eggroll.balancer.upstreams: are the exchange")
    assert "is missing" in only("eggroll", eggroll={"balancer": {"resources": {"cpu": 1}}})
    secure = {"upstreams": [{"host": "192.168.1.2"}]}
    assert only("eggroll", eggroll={"balancer": secure}).startswith("fate:eggroll.balancer.upstreams[0].tls: is true")
