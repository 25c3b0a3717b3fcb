"""The broker of FATE 1.11: its configuration, its routes read as FATE reads them, and the program beside it."""

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from components import args, part, pulsar
from components.platform import workload
from components.versions import fate_1_11 as fate

pytestmark = pytest.mark.unit

PEERS = {
    10001: fate.pulsar.Broker(host="10.0.0.2", port=30105, tls_port=30109, proxy="proxy.example:443"),
    10000: fate.pulsar.Broker(host="peer.example"),
}
EXCHANGE = fate.pulsar.Exchange(host="exchange.example", port=30000, domain="fate.example")
OWN = fate.pulsar.Broker(host="pulsar")


def settings(**changes: Any) -> dict[str, str]:
    """``standalone.conf`` as Java reads it."""
    return dict(line.split("=", 1) for line in fate.pulsar.conf(party_id=9999, **changes).splitlines())


def dialled(table: dict[Any, Any], party: str) -> tuple[str, str, str]:
    """FATE's own rules (``pulsar/_federation.py``): what it tells its broker about ``party``."""
    remote = table.get(int(party))
    if remote is None:
        default = table["default"]
        host = f"{party}.{default['domain']}"
        ports = default.get("brokerPort", "6650"), default.get("brokerSslPort", "6651")
    else:
        default, host = remote, remote["host"]
        ports = remote.get("port", "6650"), remote.get("sslPort", "6651")
    proxy = default.get("proxy", "")
    return f"pulsar://{host}:{ports[0]}", f"pulsar+ssl://{host}:{ports[1]}", f"pulsar+ssl://{proxy}" if proxy else ""


def told(exchange: fate.pulsar.Exchange | None) -> dict[str, Any]:
    """What the program tells the broker."""
    read: dict[str, Any] = json.loads(fate.pulsar.clusters(party_id=9999, peers=PEERS, exchange=exchange))
    return read


def table(exchange: fate.pulsar.Exchange | None) -> dict[Any, Any]:
    """FATE's route table."""
    text = fate.pulsar.route_table(party_id=9999, own=OWN, peers=PEERS, exchange=exchange)
    read: dict[Any, Any] = yaml.safe_load(text)
    return read


def test_the_broker_is_named_after_its_party_everywhere() -> None:
    """Brokers of one name block each other's replicators: three parties hang."""
    assert settings()["clusterName"] == "9999"
    block: Any = fate.pulsar.block(party_id=9999)
    assert block["fate_on_spark"]["pulsar"]["cluster"] == "9999", "FATE sends it in lists of texts"


def test_a_party_cannot_rename_its_broker() -> None:
    """Peers would send to a cluster that is not there."""
    with pytest.raises(ValueError, match="clusterName cannot be standalone"):
        settings(extra={"clusterName": "standalone"})


def test_kubefates_figures_are_the_defaults_and_further_settings_win() -> None:
    """A user who moves here must not find jobs that fitted before refused."""
    plain = settings()
    assert plain["maxMessageSize"] == "134217728"
    assert int(plain["backlogQuotaDefaultLimitBytes"]) == 10 * 2**30
    assert plain["brokerDeleteInactiveTopicsFrequencySeconds"] == "60"
    assert int(plain["nettyMaxFrameSizeBytes"]) > int(plain["maxMessageSize"]), "the bookie would refuse the largest"
    assert settings(extra={"journalSyncData": "true"})["journalSyncData"] == "true"


def test_stopping_takes_less_than_a_platform_waits() -> None:
    """Kubernetes kills after 30 s, and a killed broker starts with a recovery."""
    assert int(settings()["brokerShutdownTimeoutMs"]) <= 20_000


def test_the_advertised_name_is_loopback() -> None:
    """With any other, a standalone broker sends peers to a name that is their own broker, or nobody."""
    assert settings()["advertisedAddress"] == "localhost"


@pytest.mark.parametrize("memory", [1024, 2048, 8192])
def test_the_jvm_fits_into_its_container(memory: int) -> None:
    """Heap and direct memory beyond the limit end in a kill in the middle of a job."""
    options = fate.pulsar.environment(memory=memory)["PULSAR_MEM"]
    heap, direct = (int(re.findall(rf"{flag}(\d+)m", options)[0]) for flag in ("-Xmx", "MaxDirectMemorySize="))
    assert heap + direct <= memory * 3 // 4
    assert direct == 2 * heap


def test_too_little_memory_is_refused() -> None:
    """A broker of 512 MiB starts and fails with the first large message."""
    with pytest.raises(ValueError, match="512 MiB"):
        fate.pulsar.environment(memory=512)


@pytest.mark.parametrize("exchange", [None, EXCHANGE])
def test_broker_and_fate_dial_a_peer_at_the_same_place(exchange: fate.pulsar.Exchange | None) -> None:
    """Two tables that differ would fight, and jobs would hang after every change."""
    for party in PEERS:
        cluster = told(exchange)["clusters"][str(party)]
        assert (
            cluster["brokerServiceUrl"],
            cluster["brokerServiceUrlTls"],
            cluster["proxyServiceUrl"],
        ) == dialled(table(exchange), str(party))


def test_what_fate_writes_for_an_unlinked_party_is_what_the_broker_is_told() -> None:
    """Else the program would undo FATE's entry in the middle of a job."""
    default = {key: value.replace("@PARTY@", "20000") for key, value in told(EXCHANGE)["default"].items()}
    expected = dialled(table(EXCHANGE), "20000")
    assert expected == ("pulsar://20000.fate.example:6650", "pulsar+ssl://20000.fate.example:6651", EXCHANGE_URL)
    assert (default["brokerServiceUrl"], default["brokerServiceUrlTls"], default["proxyServiceUrl"]) == expected


EXCHANGE_URL = "pulsar+ssl://exchange.example:30000"


def test_without_an_exchange_unlinked_parties_have_no_address() -> None:
    """An address that stays after a link is gone keeps sending data to a party that was removed."""
    assert "default" not in table(None)
    addresses = {key: value for key, value in told(None)["default"].items() if key != "proxyProtocol"}
    assert set(addresses.values()) == {""}, "FATE takes any other value for an address"


def test_the_route_table_is_what_fate_expects() -> None:
    """Keys that are texts are never found, and an absent proxy that is no text becomes the address 'None'."""
    read = table(EXCHANGE)
    assert list(read) == [9999, 10000, 10001, "default"]
    assert read[9999] == {"host": "pulsar", "port": 6650, "sslPort": 6651, "proxy": ""}


@pytest.mark.parametrize("write", [fate.pulsar.clusters, lambda **told: fate.pulsar.route_table(own=OWN, **told)])
def test_a_party_is_not_its_own_peer(write: Any) -> None:
    """The broker would replicate to itself for ever."""
    with pytest.raises(ValueError, match="10000 is linked with itself"):
        write(party_id=10000, peers=PEERS, exchange=None)


def test_the_block_has_what_fate_reads() -> None:
    """A missing key falls back to FATE's own default: 100 kB messages, no retention, a table in its image."""
    block: Any = fate.pulsar.block(party_id=9999, topic_ttl=30)
    assert block["fate_on_spark"]["pulsar"] == {
        "host": "pulsar",
        "port": 6650,
        "mng_port": 8080,
        "topic_ttl": 30,
        "cluster": "9999",
        "tenant": "fl-tenant",
        "route_table": f"{fate.ROUTE_TABLES_FOLDER}/pulsar_route_table.yaml",
        "mode": "replication",
        "max_message_size": 1048576,
    }


def test_data_is_never_wiped() -> None:
    """Pulsar's ``--wipe-data`` throws away the messages of running jobs with each restart."""
    assert "wipe" not in " ".join(fate.pulsar.command(party_id=9999))


@pytest.mark.parametrize("command", [fate.pulsar.command(party_id=9999), fate.pulsar.probe(party_id=9999)])
def test_scripts_are_ones_that_kubernetes_leaves_alone_and_bash_reads(command: tuple[str, ...]) -> None:
    """Kubernetes replaces ``$(NAME)`` and ``$$`` in commands, and a script with a slip never starts."""
    for word in command:
        assert not re.search(r"\$\$|\$\(\w+\)", word)
    subprocess.run(["bash", "-n", "-c", command[2]], check=True)


def args_of(**changes: Any) -> pulsar.PulsarArgs:
    """What a transport is told, with the smallest broker."""
    told: dict[str, Any] = {
        "image": "apachepulsar/pulsar:2.10.2",
        "resources": workload.Resources(cpu=1, memory=2048),
        "storage": args.StorageArgs(size="10Gi"),
        "peers": PEERS,
        **changes,
    }
    return pulsar.PulsarArgs(**told)


def test_a_new_peer_restarts_nothing() -> None:
    """A restarted broker interrupts the jobs of all parties; only the live folder may differ."""
    before, after = (pulsar.broker(args_of(peers=peers), 9999) for peers in ({}, PEERS))
    assert before.containers == after.containers
    assert before.live is not None and after.live is not None
    assert before.live.files != after.live.files


def test_the_limit_is_what_the_jvm_may_use_and_a_user_may_say_otherwise() -> None:
    """A JVM of the request's size wastes the limit; one of a user's own size is the user's."""
    limited = args_of(resources=workload.Resources(cpu=1, memory=2048, memory_limit=4096))
    assert "-Xmx1024m" in pulsar.broker(limited, 9999).main.environment["PULSAR_MEM"]
    own = args_of(environment={"PULSAR_MEM": "-Xmx3g"})
    assert pulsar.broker(own, 9999).main.environment["PULSAR_MEM"] == "-Xmx3g"


def test_somebody_elses_broker_is_dialled_where_it_is() -> None:
    """fateflow would make its topics on a broker that does not exist."""
    existing = pulsar.PulsarExisting(host="broker.example", port=16650, management_port=18080)
    client: part.Client = pulsar.client(args_of(existing=existing), 9999)
    block = client.blocks["fate_on_spark"]["pulsar"]
    assert (block["host"], block["port"], block["mng_port"]) == ("broker.example", 16650, 18080)
    own = yaml.safe_load(str(client.routes["pulsar_route_table.yaml"]))[9999]
    assert (own["host"], own["port"]) == ("broker.example", 16650)


def test_only_the_brokers_own_port_is_for_peers() -> None:
    """The admin API lets in whoever reaches it: a peer there could read and delete every topic."""
    ports = {port.name: port.audience for port in pulsar.broker(args_of(), 9999).ports}
    assert ports == {"pulsar": workload.Audience.PEERS, "pulsar-http": workload.Audience.OPERATORS}
