"""Rules about services: each with a configuration that breaks it and one that keeps it."""

from collections.abc import Collection
from typing import Any

import pytest

from stacks import settings

SECRET = "hunter2-hunter2"
SECRETS = frozenset({"mysql", "rabbitmq", "fateflow", "hive", "fateboard", "notebook"})


def parse(backend: str, secret: Collection[str] = SECRETS, **more: Any) -> settings.StackSettings:
    """Settings of a party with ``backend`` and ``more``."""
    return settings.parse({"partyId": "9999", "backend": backend, **more}, "dev", secret)


def problems(backend: str, secret: Collection[str] = SECRETS, **more: Any) -> list[str]:
    """The lines that a party with ``backend`` and ``more`` is answered with; none when it is good."""
    try:
        parse(backend, secret, **more)
    except settings.Invalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []


def only(backend: str, **more: Any) -> str:
    """The one line that it is answered with."""
    (line,) = problems(backend, **more)
    return line


def nested(path: str, value: Any) -> dict[str, Any]:
    """``value`` at the dotted ``path``."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return dict(value)


ALL_BACKENDS = {
    "eggroll": {"eggroll.rollsite", "eggroll.nginx", "eggroll.clustermanager", "eggroll.nodemanager"},
    "spark_rabbitmq": {"spark.master", "spark.worker", "hdfs.namenode", "hdfs.datanode", "rabbitmq", "nginx"},
    "spark_pulsar": {"spark.master", "spark.worker", "hdfs.namenode", "hdfs.datanode", "pulsar", "nginx"},
    "spark_local_pulsar": {"pulsar", "nginx"},
}
COMMON = {"mysql", "fateflow", "fateboard", "notebook"}


@pytest.mark.parametrize("backend", settings.Backend)
@pytest.mark.parametrize("platform", settings.Platform)
def test_every_backend_is_two_keys_on_both_platforms(backend: str, platform: str) -> None:
    """A backend would need settings that have an obvious value."""
    given = parse(backend, platform=platform)
    assert {*settings.own_services(given)} == ALL_BACKENDS[backend] | COMMON


@pytest.mark.parametrize(
    ("backend", "section", "homes"),
    [
        ("eggroll", {"spark": {"worker": {"replicas": 3}}}, "spark_rabbitmq or spark_pulsar"),
        ("eggroll", {"hdfs": {"datanode": {"replicas": 3}}}, "spark_rabbitmq or spark_pulsar"),
        ("eggroll", {"hive": {"host": "hive.example.org"}}, "spark_rabbitmq or spark_pulsar"),
        ("eggroll", {"rabbitmq": {"user": "a"}}, "spark_rabbitmq"),
        ("eggroll", {"pulsar": {"topicTtl": 9}}, "spark_pulsar or spark_local_pulsar"),
        ("eggroll", {"nginx": {"resources": {"cpu": 1}}}, "spark_rabbitmq, spark_pulsar or spark_local_pulsar"),
        ("spark_rabbitmq", {"eggroll": {"nodemanager": {"processorsPerNode": 1}}}, "eggroll"),
        ("spark_rabbitmq", {"pulsar": {"nonsense": 9}}, "spark_pulsar or spark_local_pulsar"),
        ("spark_pulsar", {"rabbitmq": {"password": "in plain text"}}, "spark_rabbitmq"),
        ("spark_pulsar", {"eggroll": {"rollsite": {"polling": {"client": True}}}}, "eggroll"),
        ("spark_local_pulsar", {"spark": {"worker": {"cores": 1}}}, "spark_rabbitmq or spark_pulsar"),
        ("spark_local_pulsar", {"hdfs": {"existing": {"nameNode": "hdfs://a:9000"}}}, "spark_rabbitmq or spark_pulsar"),
    ],
)
def test_section_of_another_backend_says_where_it_belongs(backend: str, section: dict[str, Any], homes: str) -> None:
    """It would be ignored; what is wrong inside it is worth no line of its own."""
    (name,) = section
    assert only(backend, **section) == f"fate:{name}: belongs to backend {homes}; remove it or set backend: {homes}"


@pytest.mark.parametrize("section", ["mysql", "fateflow", "fateboard", "notebook"])
def test_every_service_takes_the_same_four_settings(section: str) -> None:
    """A site's rules for images, resources and nodes hold for all of its services."""
    given = parse(
        "eggroll",
        **{
            section: {
                "image": "registry.example.org:5000/mirror/it:1.0@sha256:" + "a" * 64,
                "resources": {"cpuLimit": 8},
                "environment": {"TZ": "Europe/Berlin", "RETRIES": 3, "VERBOSE": True},
                "placement": {
                    "nodeSelector": {"disk": "ssd", "gpu": True},
                    "tolerations": [{"key": "fate", "operator": "Exists", "effect": "NoSchedule"}],
                    "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {}}},
                },
            }
        },
    )
    service = settings.own_services(given)[section]
    assert service.image and service.image.startswith("registry.example.org:5000/mirror/it:1.0@")
    assert service.resources.cpu_limit == 8
    assert service.environment == {"TZ": "Europe/Berlin", "RETRIES": "3", "VERBOSE": "true"}
    assert service.placement.node_selector == {"disk": "ssd", "gpu": "true"}
    (toleration,) = service.placement.tolerations
    assert toleration.manifest() == {"key": "fate", "operator": "Exists", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("mysql.image", "mysql", "neither tag nor digest"),
        ("mysql.image", "https://registry.example.org/mysql:8", "no image reference"),
        ("mysql.environment", {"1ST": "x"}, "no name of an environment variable"),
        ("mysql.environment", {"MYSQL_PASSWORD": "x"}, "called like a secret"),
        ("mysql.environment", {"dbPassword": "x"}, "called like a secret"),
        ("mysql.environment", {"API_KEY": "x"}, "called like a secret"),
        ("mysql.environment", {"GITHUB_TOKEN_2": "x"}, "called like a secret"),
        ("mysql.environment", {"A": ["x"]}, "expects text"),
        ("mysql.placement", {"affinity": {"nodeAfinity": {}}}, "expects one of nodeAffinity"),
        ("mysql.placement", {"tolerations": {"key": "a"}}, "expects a list"),
        ("mysql.placement.tolerations", [{"operator": "Equal"}], "needs key"),
        ("mysql.placement.tolerations", [{"key": "a", "operator": "Exists", "value": "b"}], "remove value"),
        ("mysql.placement.tolerations", [{"key": "a", "tolerationSeconds": 9}], "NoExecute"),
        ("mysql.placement.tolerations", [{"key": "a", "effect": "Never"}], "expects one of NoSchedule"),
        ("mysql.database", "information_schema", "server's own"),
        ("mysql.database", "a-b", "no name of a database"),
        ("mysql.user", "root", "administrator"),
        ("mysql.user", "a" * 33, "longer than 32"),
        ("mysql.storage.subPath", "../other", "no folder"),
        ("mysql.storage.subPath", "/data", "no folder"),
        ("mysql.storage.existingClaim", "a/b", "no name of a claim"),
        ("kubernetes.serviceAccount", "Fate User", "no Kubernetes name"),
        ("fateflow.gpus", 0, "at least 1"),
        ("fateflow.jobDefaults.autoRetries", -1, "at least 0"),
        ("fateflow.jobDefaults.autoRetrys", 1, "autoRetries"),
        ("fateflow.serving", {"hosts": ["serving"]}, "no address with a port"),
        ("fateflow.serving", {"hosts": ["127.0.0.1:8000"]}, "only the container"),
        ("fateflow.serving", {"hosts": ["a:1"], "zookeeper": {"hosts": ["b:2"]}}, "exactly one way"),
        ("fateflow.serving.zookeeper", {"hosts": []}, "at least one entry"),
        ("fateflow.serving.zookeeper", {"hosts": ["b:2"], "user": "u"}, "user and password together"),
    ],
)
def test_malformed_value_of_a_service(path: str, value: object, said: str) -> None:
    """The service would fail on it late, or take it for something else."""
    line = only("eggroll", **nested(path, value))
    assert line.startswith(f"fate:{path.split('.')[0]}.")
    assert said in line


def test_variables_that_only_look_like_secrets_are_taken() -> None:
    """Names of files, and words that have another word in them, are no secrets."""
    names = ["MYSQL_PASSWORD_FILE", "TOKENIZERS_PARALLELISM", "SECRETARY", "KEY", "PWD"]
    assert problems("eggroll", mysql={"environment": dict.fromkeys(names, "x")}) == []


@pytest.mark.parametrize("section", ["environment", "placement"])
def test_value_that_may_be_a_secret_is_not_repeated(section: str) -> None:
    """Errors go to logs, and people put passwords into variables."""
    lines = problems("eggroll", fateboard={section: {SECRET: [SECRET], "A_PASSWORD": SECRET}})
    assert lines
    assert not any(f"{SECRET!r}" in line for line in lines)


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ({"enabled": False, "size": "1Gi"}, "mysql.storage.size: means nothing with enabled: false"),
        ({"enabled": "false", "existingClaim": "a"}, "mysql.storage.existingClaim: means nothing with enabled"),
        ({"existingClaim": "a", "size": "1Gi"}, "mysql.storage.size: means nothing with existingClaim"),
        ({"existingClaim": "a", "storageClass": "b"}, "mysql.storage.storageClass: means nothing with existingClaim"),
        ({"existingClaim": "a", "accessMode": "ReadWriteMany"}, "mysql.storage.accessMode: means nothing"),
        ({"existingClaim": "a", "retain": False}, "mysql.storage.retain: means nothing with existingClaim"),
        ({"existingClaim": "A_b"}, "mysql.storage.existingClaim: is no name of a claim"),
    ],
)
def test_contradictions_about_a_volume(storage: dict[str, Any], said: str) -> None:
    """One of the two keys would win silently."""
    assert only("eggroll", mysql={"storage": storage}).startswith(f"fate:{said}")


def test_volumes_as_they_may_be() -> None:
    """A claim that is there, a folder of it, and no volume at all are what KubeFATE's users have."""
    given = parse(
        "spark_pulsar",
        mysql={"storage": {"existingClaim": "all", "subPath": "fate/mysql"}},
        fateflow={"storage": {"existingClaim": "all", "subPath": "fate/flow"}},
        notebook={"storage": {"enabled": False}},
        pulsar={"storage": {"size": "1Gi", "subPath": "a"}},
    )
    assert (given.mysql.storage.existing_claim, given.mysql.storage.sub_path) == ("all", "fate/mysql")
    assert given.notebook.storage.enabled is False
    docker = {"storage": {"existingClaim": "My_volume", "size": "1Gi"}}
    assert "existingClaim" in only("eggroll", platform="docker", mysql=docker)
    assert problems("eggroll", platform="docker", mysql={"storage": {"existingClaim": "My_volume"}}) == []


def test_two_services_in_one_folder() -> None:
    """Each would overwrite the other's data."""
    both = {"storage": {"existingClaim": "all", "subPath": "fate"}}
    line = only("eggroll", mysql=both, fateflow=both)
    assert "is the volume of fate:" in line
    disabled = {**both, "enabled": False}
    assert problems("eggroll", mysql=both, notebook=disabled) == []


@pytest.mark.parametrize(
    ("backend", "path", "value"),
    [
        ("eggroll", "mysql.placement.nodeSelector", {"a": "b"}),
        ("eggroll", "mysql.storage.storageClass", "ssd"),
        ("eggroll", "mysql.storage.subPath", "a"),
        ("eggroll", "eggroll.rollsite.service.type", "NodePort"),
        ("eggroll", "fateboard.service.type", "NodePort"),
        ("eggroll", "notebook.ingress.hosts", ["a.example.org"]),
        ("spark_rabbitmq", "rabbitmq.managementService.type", "NodePort"),
        ("spark_rabbitmq", "spark.worker.placement.tolerations", [{"operator": "Exists"}]),
        ("spark_pulsar", "pulsar.ingress.path", "/pulsar"),
    ],
)
def test_words_of_kubernetes_are_refused_on_docker(backend: str, path: str, value: object) -> None:
    """A single host has no nodes, Services or Ingresses: the setting would be ignored."""
    line = only(backend, platform="docker", **nested(path, value))
    assert "belongs to platform kubernetes; remove it or set platform: kubernetes" in line
    assert path.startswith(line.split(": ")[0].removeprefix("fate:"))
