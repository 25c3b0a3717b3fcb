"""RabbitMQ of FATE 1.11 as text: its configuration, its login, and the table of brokers."""

import json
import re

import pytest
import yaml

from components.versions import fate_1_11 as fate

pytestmark = pytest.mark.unit
broker = fate.rabbitmq


def settings(text: str) -> dict[str, str]:
    """``rabbitmq.conf`` as RabbitMQ reads it."""
    return dict(line.split(" = ", 1) for line in text.splitlines())


def test_the_hash_is_the_one_that_rabbitmq_checks() -> None:
    """A hash that is one byte off locks FATE out of its own broker."""
    # The worked example of RabbitMQ's own guide to passwords.
    example = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    assert broker.password_hash("test12", bytes.fromhex("908DC60A")) == example


def test_definitions_change_with_the_password_only() -> None:
    """A hash that differs at every run would restart the broker at every `up`."""
    made = broker.definitions(user="fate", password="one", salt="s")
    assert made == broker.definitions(user="fate", password="one", salt="s")
    assert made != broker.definitions(user="fate", password="two", salt="s")
    assert "one" not in json.loads(made)["users"][0]["password_hash"]


def test_definitions_have_one_administrator_and_no_guest() -> None:
    """FATE makes users and virtual hosts; guest/guest is the first login that anybody tries."""
    made = json.loads(broker.definitions(user="fate", password="x", salt="s"))
    assert [(user["name"], user["tags"]) for user in made["users"]] == [("fate", "administrator")]
    assert made["permissions"][0] | {"vhost": "/", "write": ".*"} == made["permissions"][0]


@pytest.mark.parametrize(("user", "password"), [("", "x"), ("fate", ""), ("a:b", "secret-one")])
def test_a_login_that_cannot_work_is_refused_without_showing_it(user: str, password: str) -> None:
    """The broker would start and let nobody in."""
    with pytest.raises(ValueError, match="RabbitMQ's user or password") as refused:
        broker.definitions(user=user, password=password, salt="s")
    assert "secret-one" not in str(refused.value)


def test_conf_follows_memory_and_the_user_has_the_last_word() -> None:
    """A broker that believes in the host's memory is killed at its container's limit, with its messages."""
    made = settings(broker.conf(memory_limit=1000))
    assert made["vm_memory_high_watermark.absolute"] == "600MiB"
    assert int(made["consumer_timeout"]) > 24 * 3600 * 1000, "the default half hour ends large intersections"
    assert not [key for key in settings(broker.conf()) if key.startswith("vm_memory")]
    assert settings(broker.conf(extra={"max_message_size": "1", "heartbeat": "9"}))["max_message_size"] == "1"
    with pytest.raises(ValueError, match="line break"):
        broker.conf(extra={"heartbeat": "9\nlog.file = x"})


def test_the_route_table_has_numbers_and_the_own_party() -> None:
    """FATE looks up int(party), the own party included; text for a key is a job that ends with 'NoneType'."""
    own, peer = fate.Hop(host="rabbitmq", port=5672), fate.Hop(host="p.example", port=31)
    made = yaml.safe_load(broker.route_table(party_id=9999, own=own, peers={10000: peer}))
    assert made == {9999: {"host": "rabbitmq", "port": 5672}, 10000: {"host": "p.example", "port": 31}}
    with pytest.raises(ValueError, match="party 9999 is linked with itself"):
        broker.route_table(party_id=9999, own=own, peers={9999: peer})


def test_the_block_has_the_keys_that_fate_reads() -> None:
    """Keys as in fate_arch/federation/rabbitmq/_federation.py; a misspelled one is silently a default."""
    made = broker.block(user="u", password="p", host="h")["fate_on_spark"]["rabbitmq"]
    read = {"host", "port", "mng_port", "user", "password", "mode", "max_message_size", "route_table"}
    assert set(made) == read
    assert made["route_table"].startswith("/"), "FATE looks for a relative path below its own folder"


def test_commands_leave_kubernetes_nothing_to_expand_and_hold_no_password() -> None:
    """Kubernetes replaces $(NAME) and $$ in commands; commands are shown by every inspect command."""
    for word in (*broker.command(), *broker.probe(user="fate")):
        assert "$$" not in word
        assert not re.search(r"\$\([A-Za-z_][A-Za-z0-9_]*\)", word)
