"""Reading settings from Pulumi's own configuration."""

import asyncio
from collections.abc import Collection, Iterator, Mapping

import pulumi
import pytest
from pulumi.runtime import config as runtime

from stacks import config, settings

SECRET = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Pulumi keeps a program's configuration in the process."""
    before = dict(runtime.CONFIG.get())
    yield
    pulumi.runtime.set_all_config(before, [])


def given(secret: list[str] | None = None, **values: str) -> pulumi.Config:
    """The project's configuration, as the engine hands it to a program."""
    pulumi.runtime.set_all_config({f"fate:{key}": value for key, value in values.items()}, secret or [])
    return pulumi.Config("fate")


def load(
    source: pulumi.Config | Mapping[str, object], stack: str, secret: Collection[str] = ()
) -> settings.StackSettings:
    """What the program makes of ``source``."""
    return asyncio.run(config.load(source, stack, secret)).config


def refusal(source: pulumi.Config, stack: str = "party-9999") -> str:
    """The message with which the program ends."""
    with pytest.raises(pulumi.RunError) as refused:
        load(source, stack)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    return str(refused.value)


def test_sections_arrive_as_json_and_scalars_as_text() -> None:
    """That is how the engine hands over a configuration."""
    loaded = load(given(partyId="9999", backend="eggroll", kubernetes='{"renderTo":"out","wait":false}'), "dev")
    assert (loaded.party_id, loaded.backend) == (9999, settings.Backend.EGGROLL)
    assert (loaded.kubernetes.render_to, loaded.kubernetes.wait) == ("out", False)


def test_message_counts_and_lists_every_mistake() -> None:
    """The heading tells how many lines there are to look for."""
    heading, *lines = refusal(given(partyId="9999", backend="egg", kubernets="{}", computeCores="many")).splitlines()
    assert heading == "the configuration of stack party-9999 has 3 errors:"
    assert [line.split(":")[1] for line in lines] == ["backend", "computeCores", "kubernets"]
    assert refusal(given(partyId="9999")).startswith("the configuration of stack party-9999 has 1 error:")


def test_other_namespaces_are_not_ours() -> None:
    """Providers have configuration of their own in the same file."""
    source = given(partyId="9999", backend="eggroll")
    pulumi.runtime.set_config("pulumi:disable-default-providers", '["kubernetes"]')
    pulumi.runtime.set_config("docker:host", "unix:///var/run/docker.sock")
    assert load(source, "dev").party_id == 9999


def test_secret_password_is_taken_and_kept_secret() -> None:
    """Set with --secret it is good; its section is marked secret by Pulumi."""
    source = given(["fate:mysql"], partyId="9999", backend="eggroll", mysql=f'{{"password":"{SECRET}"}}')
    loaded = load(source, "dev")
    assert loaded.mysql.password is not None
    assert loaded.mysql.password.get_secret_value() == SECRET
    assert SECRET not in repr(loaded)


def test_plain_password_is_refused_without_being_repeated() -> None:
    """It would be in the state and in every preview in plain text."""
    message = refusal(given(partyId="9999", backend="eggroll", mysql=f'{{"password":"{SECRET}"}}'))
    assert "pulumi config set --secret --path fate:mysql.password" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "key", ["partyId", "backend", "computeCores", "mysql", "kubernetes", "docker", "peers", "mysqll"]
)
def test_value_of_a_secret_key_is_never_repeated(key: str) -> None:
    """A secret that was put under a wrong key would be shown to everybody who sees the error."""
    values = {"partyId": "9999", "backend": "eggroll"} | {key: SECRET}
    assert SECRET not in refusal(given([f"fate:{key}"], **values), "dev")


def test_mapping_stands_for_a_configuration() -> None:
    """Tests and tools load settings without an engine."""
    raw = {"partyId": 9999, "backend": "eggroll", "mysql": {"password": SECRET}}
    assert load(raw, "dev", secret=["mysql"]).party_id == 9999
    with pytest.raises(pulumi.RunError, match="plain text"):
        load(raw, "dev")


def test_warning_reaches_pulumi_s_log_and_does_not_stop_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cores are few but allowed; without a word, the refusal of an example job comes as a surprise."""
    logged: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", logged.append)
    assert load({"partyId": 9999, "backend": "eggroll", "computeCores": "4"}, "dev").compute_cores == 4
    assert ["fate:computeCores" in line for line in logged] == [True]
