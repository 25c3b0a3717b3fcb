"""The example programs, run as a reader would run them: they must not fall behind the components."""

import runpy
from collections.abc import Mapping

import pulumi
import pytest

from lab import paths
from tests import mocked

pytestmark = pytest.mark.mocks
PLATFORMS = ("docker", "kubernetes")


def run(example: str, **config: str) -> list[mocked.Registered]:
    """What the program of ``example`` registers."""
    recorder = mocked.Recorder()
    program = paths.ROOT / "docs" / "examples" / example / "__main__.py"

    def start() -> None:
        runpy.run_path(str(program))

    with mocked.engine(recorder, project="example", stack="test"):
        pulumi.runtime.set_all_config({f"example:{key}": value for key, value in config.items()})
        try:
            mocked.AWAITED(start)()
        finally:
            pulumi.runtime.set_all_config({})
    return recorder.registered


def services(registered: list[mocked.Registered], site: str) -> set[str]:
    """Names of the workloads, without the containers that only prepare something."""
    kinds = (":Container", ":Deployment", ":StatefulSet")
    names = {each.name.removeprefix(f"{site}-") for each in registered if each.type.endswith(kinds)}
    return {name for name in names if not name.endswith(("-live", "-files", "-carrier", "-schema", "-step"))}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_part_works_outside_a_party(platform: str) -> None:
    """A part that only a Party can make is of no use to another program."""
    registered = run("parts", platform=platform)
    kinds = {each.type for each in registered if each.type.startswith("fate:")}
    assert kinds >= {
        "fate:engine:EggrollEngine",
        "fate:engine:SparkEngine",
        "fate:storage:HdfsStore",
        "fate:transport:RabbitMQTransport",
        "fate:transport:PulsarTransport",
    }
    assert services(registered, "fate-9999") >= {"rollsite", "spark-master", "namenode", "rabbitmq", "pulsar"}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("transport", "service"), [("rollsite", "rollsite"), ("pulsar", "nginx")])
def test_an_exchange_is_one_service(platform: str, transport: str, service: str) -> None:
    """An exchange holds no data and computes nothing: more than its router is a way in."""
    registered = run("exchange", platform=platform, transport=transport)
    assert {each.type for each in registered if each.type.startswith("fate:")} == {"fate:site:Exchange"}
    assert service in services(registered, "fate-exchange")
    assert not [each for each in registered if each.type.endswith(("PersistentVolumeClaim", "StatefulSet"))]


def test_a_broker_on_kubernetes_can_write_where_its_user_may() -> None:
    """The official image's user is not root, and a claim is root's: the broker would end at its first start."""
    sets = [each for each in run("parts", platform="kubernetes") if each.type.endswith(":StatefulSet")]
    (broker,) = [each for each in sets if each.name == "fate-9999-pulsar"]
    spec: Mapping[str, object] = broker.inputs["spec"]["template"]["spec"]
    assert "fsGroup" in str(spec) and "10000" in str(spec)
