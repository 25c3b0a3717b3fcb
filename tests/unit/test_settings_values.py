"""What a malformed value is answered with, and what no answer may contain: a secret."""

import pathlib
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from stacks import settings

SMALLEST = {"partyId": "9999", "backend": "eggroll"}
SECRET = "hunter2-hunter2"


def problems(raw: Mapping[str, object], stack: str = "dev", secret: Collection[str] = ()) -> list[str]:
    """The lines that ``raw`` is answered with; none when it is good."""
    try:
        settings.parse(raw, stack, secret)
    except settings.Invalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []


def only(**more: object) -> str:
    """The one line that the smallest party with ``more`` set is answered with."""
    (line,) = problems({**SMALLEST, **more})
    return line


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("kubernetes.namespace", "Fate_9999", "no Kubernetes name"),
        ("kubernetes.namespace", "a" * 64, "no Kubernetes name"),
        ("kubernetes.namespace", "default", "belongs to the cluster"),
        ("kubernetes.namespace", "kube-system", "belongs to the cluster"),
        ("kubernetes.namespace", 9999, "put it in quotes"),
        ("kubernetes.wait", 1, "true or false"),
        ("kubernetes.wait", "yes", "true or false"),
        ("kubernetes.timeout", 1.5, "whole number"),
        ("kubernetes.timeout", True, "whole number"),
        ("kubernetes.timeout", "0", "at least 1"),
        ("kubernetes.context", ["a"], "expects text"),
        ("kubernetes.context", "", "not empty"),
        ("kubernetes.kubeconfig", "apiVersion: v1\nkind: Config", "give its path"),
        ("kubernetes.expose", "nodeport", "did you mean NodePort?"),
        ("kubernetes.nodePorts.rollsite", 9370, "at least 30000"),
        ("advertise.host", "127.0.0.1", "address that other sites dial"),
        ("advertise.host", "localhost", "address that other sites dial"),
        ("advertise.host", "https://fate.example.org", "scheme"),
        ("advertise.host", "300.1.1.1", "neither a host name"),
        ("images.tag", "a b", "no image tag"),
        ("images.registry", "https://registry.example.org", "no image prefix"),
        ("images.pullSecrets", "secret", "expects a list"),
        ("mysql.resources.cpu", "two", "amount of CPU"),
        ("mysql.resources.cpu", "0", "more than no CPU"),
        ("mysql.resources.memory", "2048", "with its unit"),
        ("mysql.resources.memory", 2048, "with its unit"),
        ("mysql.resources.memory", "2gb", "with its unit"),
        ("mysql.resources.memory", "1Ki", "at least 1Mi"),
        ("mysql.storage.size", "10", "with its unit"),
        ("eggroll.nodemanager.replicas", 0, "at least 1"),
        ("fateflow.logLevel", "debug", "did you mean DEBUG?"),
        ("fateboard.username", "a b", "no user name"),
    ],
)
def test_malformed_value_has_its_remedy(path: str, value: object, said: str) -> None:
    """Without it the same mistake is found by the cluster, ten minutes later."""
    section, *inner = path.split(".")
    nested: Any = value
    for name in reversed(inner):
        nested = {name: nested}
    line = only(**{section: nested})
    assert line.startswith(f"fate:{path}: ")
    assert said in line


@pytest.mark.parametrize(
    ("docker", "said"),
    [
        ({"subnet": "192.167.0.0/24"}, "private IPv4"),
        ({"subnet": "172.30.0.5/24"}, "CIDR"),
        ({"subnet": "172.30.0.0/29"}, "too few addresses"),
        ({"subnet": "fd00::/64"}, "private IPv4"),
        ({"host": "server:22"}, "ssh://user@host:22"),
        ({"bindAddress": "eth0"}, "IP address"),
        ({"sshOptions": ["-4"]}, "ssh://"),
        ({"ports": {"rollsite": 20000}}, "rollsite and notebook share port 20000"),
        ({"ports": {"rollsite": 70000}}, "at most 65535"),
        ({"ports": {"mysql": 3306}}, "unknown key"),
    ],
)
def test_malformed_docker_settings(docker: dict[str, Any], said: str) -> None:
    """Docker's own words come late and name no key."""
    assert said in only(platform="docker", docker=docker)


def test_requests_above_limits_name_both() -> None:
    """Kubernetes would refuse the pod, after half the site is made."""
    line = only(mysql={"resources": {"cpu": "2", "cpuLimit": "1", "memory": "2Gi", "memoryLimit": "1Gi"}})
    assert "cpu 2 cores is above cpuLimit 1 cores and memory 2048 MiB is above memoryLimit 1024 MiB" in line
    assert "above memoryLimit" in only(fateflow={"resources": {"memoryLimit": "1Gi"}})


def test_fewer_processors_than_cores() -> None:
    """fateflow would accept a job that eggroll never starts."""
    line = only(eggroll={"nodemanager": {"replicas": 2, "processorsPerNode": 4}})
    assert "make 8 processors, fewer than computeCores: 16" in line


def test_too_few_cores() -> None:
    """Even the toy job would wait for ever."""
    assert "give 4 or more" in only(computeCores="3")


def test_options_that_the_service_would_ignore() -> None:
    """A source range that is ignored leaves the port open to everybody."""
    ranges = {"rollsite": {"service": {"sourceRanges": ["203.0.113.0/24"]}}}
    assert "means nothing with NodePort" in only(eggroll=ranges)
    assert problems({**SMALLEST, "eggroll": ranges, "kubernetes": {"expose": "LoadBalancer"}}) == []
    assert "ingressDomain" in only(kubernetes={"ingressClass": "nginx"})


def test_rendering_takes_no_cluster(tmp_path: pathlib.Path) -> None:
    """Whoever names a cluster beside a folder waits for a site that is only written to disk."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.touch()
    told = "means nothing with renderTo, which talks to no cluster; remove one of them"
    chosen = {"kubeconfig": str(kubeconfig), "context": "lab"}
    assert problems({**SMALLEST, "kubernetes": chosen}) == []
    assert problems({**SMALLEST, "kubernetes": {"renderTo": "out"}}) == []
    lines = problems({**SMALLEST, "kubernetes": {**chosen, "renderTo": "out"}})
    assert lines == [f"fate:kubernetes.{key}: {told}" for key in ("context", "kubeconfig")]


@pytest.mark.parametrize("section", ["kubernetes", "mysql", "peers"])
@pytest.mark.parametrize("value", ["text", "[1]", "{broken", ["a"], 5, "5"])
def test_section_that_is_no_map(section: str, value: object) -> None:
    """`pulumi config set fate:mysql x`, without --path, is an easy slip."""
    line = only(**{section: value})
    assert line.startswith(f"fate:{section}: expects a map of keys")
    assert "--path" in line


def test_scalar_that_is_a_map_is_told_once() -> None:
    """A wrong kind of value must not be reported as missing too."""
    (line,) = problems({"partyId": {"a": 1}, "backend": "eggroll"})
    assert line.startswith("fate:partyId: expects one value")


def test_fate_version_that_is_not_known() -> None:
    """Another version has other images and files: nothing would start."""
    assert "choose 1.11.2" in only(fateVersion="1.9.0")


@pytest.mark.parametrize("section", ["mysql", "fateboard", "notebook"])
def test_password_in_plain_text_is_refused_without_being_repeated(section: str) -> None:
    """It would stand in the stack file, in state and in every preview."""
    line = only(**{section: {"password": SECRET}})
    assert line.startswith(f"fate:{section}.password: is in plain text")
    assert f"pulumi config set --secret --path fate:{section}.password" in line
    assert SECRET not in line
    assert problems({**SMALLEST, section: {"password": SECRET}}, secret=frozenset({section})) == []


@pytest.mark.parametrize(
    "section",
    [
        {"password": {SECRET: SECRET}},
        {"password": [SECRET]},
        {"password": f"{SECRET} x"},
        {"password": "hunter2"},
        {"password": 12345678901},
        {"resources": SECRET},
        {"resources": {"cpu": SECRET}},
        {"storage": {"size": SECRET}},
        [SECRET],
        SECRET,
    ],
)
@pytest.mark.parametrize("secret", [frozenset({"mysql"}), frozenset()])
def test_no_message_repeats_a_secret(section: object, secret: frozenset[str]) -> None:
    """Errors go to terminals, CI logs and issue trackers."""
    lines = problems({**SMALLEST, "mysql": section}, secret=secret)
    assert lines
    assert not any("hunter2" in line or "12345678901" in line for line in lines)


@pytest.mark.parametrize(
    "serving",
    [
        {"password": SECRET},
        {"zookeeper": SECRET},
        {"zookeeper": {"hosts": ["a:1"], "user": "u", "password": [SECRET]}},
        {"zookeeper": {"hosts": [SECRET]}},
        {"hosts": SECRET},
    ],
)
def test_secret_below_a_section_without_one_is_not_repeated(serving: object) -> None:
    """Only the part around the password keeps silent, so that a misspelt log level still has its suggestion."""
    lines = problems({**SMALLEST, "fateflow": {"serving": serving, "logLevel": "debug"}})
    assert len(lines) > 1
    assert "did you mean DEBUG?" in lines[0]
    assert not any("hunter2" in line for line in lines)
