"""What a good configuration becomes."""

from typing import Any

import pydantic
import pytest

from stacks import settings

SMALLEST = {"partyId": "9999", "backend": "eggroll"}


def parse(**more: Any) -> settings.StackSettings:
    """Settings of the smallest party with ``more`` set, every password as a secret."""
    return settings.parse({**SMALLEST, **more}, "party-9999", secret={"mysql", "fateboard", "notebook"})


def test_smallest_party_is_two_keys() -> None:
    """A newcomer's first configuration would need keys that have an obvious value."""
    given = parse()
    assert (given.role, given.platform, given.party_id) == ("party", "kubernetes", 9999)
    assert (given.namespace, given.image_tag, given.site) == ("fate-9999", "1.11.2-release", "fate-9999")
    assert given.kubernetes.expose is settings.Expose.NODE_PORT
    assert given.retain_data is True
    assert given.mysql.password is None


@pytest.mark.parametrize(
    ("written", "meant"), [("true", True), ("false", False), (True, True), (False, False)]
)  # fmt: skip
def test_truth_values_as_pulumi_writes_them(written: object, meant: bool) -> None:
    """`pulumi config set` writes text: without --path a truth value would be refused."""
    assert parse(retainData=written).retain_data is meant
    assert parse(kubernetes={"wait": written}).kubernetes.wait is meant


def test_numbers_as_pulumi_writes_them() -> None:
    """With --path the same number arrives as a number, without it as text; both mean the same."""
    for written in ("9999", 9999):
        assert settings.parse({"partyId": written, "backend": "eggroll"}, "dev").party_id == 9999
    assert parse(platform="docker", docker={"ports": {"rollsite": "9371"}}).docker.ports.rollsite == 9371


@pytest.mark.parametrize(
    ("written", "cores"), [("500m", 0.5), ("0.25", 0.25), ("2", 2.0), (2, 2.0), (1.5, 1.5), ("1m", 0.001)]
)
def test_cpu_quantities(written: object, cores: float) -> None:
    """A misread CPU quantity reserves a thousand times too much or too little."""
    assert parse(mysql={"resources": {"cpu": written}}).mysql.resources.cpu == cores


@pytest.mark.parametrize(
    ("written", "mebibytes"),
    [("512Mi", 512), ("2Gi", 2048), ("1.5Gi", 1536), ("1G", 954), ("1048576Ki", 1024), ("1Ti", 1048576)],
)
def test_memory_quantities(written: str, mebibytes: int) -> None:
    """A misread memory quantity gets pods killed or never scheduled."""
    assert parse(mysql={"resources": {"memory": written}}).mysql.resources.memory == mebibytes


def test_part_of_a_section_keeps_the_service_s_own_defaults() -> None:
    """Setting one limit would drop the requests that suit the service, or demand them all."""
    whole = parse()
    part = parse(eggroll={"nodemanager": {"resources": {"memoryLimit": "4Gi"}, "storage": {"storageClass": "fast"}}})
    before, after = whole.eggroll.nodemanager, part.eggroll.nodemanager
    assert after.resources.memory_limit == 4096
    assert (after.resources.cpu, after.resources.memory) == (before.resources.cpu, before.resources.memory)
    assert (after.storage.size, after.storage.storage_class) == (before.storage.size, "fast")
    assert part.eggroll.rollsite == whole.eggroll.rollsite


@pytest.mark.parametrize("backend", settings.Backend)
def test_defaults_are_what_their_configuration_gives(backend: str) -> None:
    """Some are built without validation, so a wrong one would reach a pod unseen."""
    whole = settings.parse({"partyId": 9999, "backend": backend}, "dev")
    for service in settings.own_services(whole).values():
        written = {key: value for key, value in service.as_config().items() if value is not None}
        assert type(service).model_validate(written) == service
        assert settings.Resources.model_validate(service.resources.as_config()) == service.resources
    for storage in (whole.mysql.storage, whole.fateflow.storage, whole.notebook.storage):
        assert settings.Storage.model_validate(storage.as_config()) == storage


def test_settings_cannot_be_changed() -> None:
    """A component that changed them would change what the components after it see."""
    resources, name = parse().mysql.resources, "cpu"
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        setattr(resources, name, 4.0)


def test_processors_are_shared_among_nodemanagers() -> None:
    """fateflow would accept jobs that eggroll has no processors for."""
    assert parse(computeCores="16", eggroll={"nodemanager": {"replicas": 3}}).processors_per_node == 6
    assert parse(eggroll={"nodemanager": {"replicas": 2, "processorsPerNode": 20}}).processors_per_node == 20


def test_data_is_retained_unless_said_otherwise_for_the_stack_or_the_service() -> None:
    """A service could not differ from its stack, and a slip would lose models."""
    given = parse(retainData="false", mysql={"storage": {"retain": True}})
    assert given.retains(given.mysql.storage) is True
    assert given.retains(given.fateflow.storage) is False


def test_storage_class_of_the_stack_serves_where_a_service_names_none() -> None:
    """Every volume would have to repeat the class of a cluster without a default one."""
    given = parse(kubernetes={"storageClass": "disk"}, mysql={"storage": {"storageClass": "ssd"}})
    assert given.storage_class(given.mysql.storage) == "ssd"
    assert given.storage_class(given.fateflow.storage) == "disk"


def test_peers_and_exchange_by_address() -> None:
    """Without links, an address is the only way to name another site."""
    peer = {"host": "192.168.1.2", "port": "9370", "tls": "false"}
    given = parse(peers={"10000": peer}, exchange={"host": "exchange.example.org", "port": 9371, "tls": False})
    assert given.peers == {10000: settings.Endpoint(host="192.168.1.2", port=9370, tls=False)}
    assert isinstance(given.exchange, settings.Endpoint)
    assert given.exchange.port == 9371


def test_password_is_never_shown() -> None:
    """A password in a repr ends in a log."""
    given = parse(mysql={"password": "correct-horse"})
    assert given.mysql.password is not None
    assert given.mysql.password.get_secret_value() == "correct-horse"
    assert "correct-horse" not in f"{given!r}{given}"


def test_few_cores_are_allowed_with_a_warning() -> None:
    """FATE's own examples would be refused later, without a word now."""
    assert parse(computeCores=8).warnings() == ()
    (warning,) = parse(computeCores="4").warnings()
    assert "fate:computeCores" in warning


def test_empty_values_count_as_not_set() -> None:
    """The project file declares every key with an empty default; those would all be refused."""
    given = parse(docker={}, rabbitmq="{}", transport="", kubernetes="", fateVersion="")
    assert given == parse()
