"""Pulsar, which carries data between parties: one standalone broker, ZooKeeper and BookKeeper inside.

What FATE 1.11.2 does with it is in ``fate_arch/federation/pulsar``: it talks plainly to its own broker, makes tenant
and namespaces there, and has the broker replicate topics to the peers' brokers, which it knows as clusters.
"""

from collections.abc import Mapping

from ..model import Hop, KeyPair
from . import paths, ports, pulsar_text
from .properties import render
from .pulsar_routes import Broker, Exchange, clusters, route_table

__all__ = [
    "CLUSTERS_FILE",
    "CLUSTERS_FOLDER",
    "CONF_PATH",
    "DATA_PATH",
    "HOST",
    "INSIDE",
    "KEY_PAIR",
    "ROUTE_TABLE",
    "USER",
    "Broker",
    "Exchange",
    "block",
    "clusters",
    "command",
    "conf",
    "environment",
    "probe",
    "route_table",
]

HOST = "pulsar"
INSIDE = Hop(host=HOST, port=ports.PULSAR)
"""The broker as the site's own services dial it, nginx in front of it included."""
CONF_PATH = "/pulsar/conf/standalone.conf"
KEY_PAIR = KeyPair(certificate="/pulsar/conf/tls/certificate.pem", key="/pulsar/conf/tls/key.pem")
"""What the broker shows to other brokers that it dials."""
DATA_PATH = "/pulsar/data"
"""Messages and the state of ZooKeeper; the broker finds them again after a restart."""
CLUSTERS_FOLDER = "/pulsar/fate-clusters"
"""The live folder with what the broker has to know of peers; ``clusters()`` makes its file."""
CLUSTERS_FILE = "clusters.json"
ROUTE_TABLE = "pulsar_route_table.yaml"
"""Name of the file with FATE's own route table."""
USER = 10000
"""User of the official image since Pulsar 2.10; its group may be any."""
TENANT = "fl-tenant"
"""FATE's own default; all parties of a job must use the same."""
STOP_MILLISECONDS = 15_000
"""What the broker takes at most to hand in its topics: half of the 30 s after which a platform kills it."""
PADDING = 10 * 1024
"""Room for headers beside the largest message; Pulsar's own figure (``Commands.MESSAGE_SIZE_FRAME_PADDING``)."""
SMALLEST = 1024
"""MiB below which a standalone broker has not enough of heap or of direct memory."""


def conf(
    *,
    party_id: int,
    backlog_quota: int = 10,
    inactive_topics: int = 60,
    max_message_size: int = 134_217_728,
    tls: bool = False,
    extra: Mapping[str, str] | None = None,
) -> str:
    """``standalone.conf``: what FATE needs; the rest are Pulsar's defaults, which differ little from its own file's.

    ``party_id``: also the cluster's name. Two brokers of one name take each other's replicators for their own and
    block them. ``backlog_quota``: GiB of a topic that may wait for its receiver, after which senders wait; KubeFATE's
    10. ``inactive_topics``: seconds between two looks for topics that nobody uses any more; KubeFATE's 60.
    ``max_message_size``: bytes; KubeFATE's 128 MiB, with which FATE's largest single values fit. ``tls``: whether other
    brokers are dialled with mutual TLS; nginx takes it off what they send here. ``extra``: further keys of Pulsar;
    they win. ``ValueError`` for a ``clusterName`` among them, with which no peer would reckon.
    """
    extra = extra or {}
    if extra.get("clusterName", str(party_id)) != str(party_id):
        raise ValueError(
            f"Pulsar's clusterName cannot be {extra['clusterName']}: peers know the broker as {party_id}, "
            "its party's id; remove it from the further settings"
        )
    broker = {
        "clusterName": str(party_id),
        "brokerServicePort": str(ports.PULSAR),
        "webServicePort": str(ports.PULSAR_HTTP),
        "bindAddress": "0.0.0.0",
        **(_secure() if tls else _PLAIN),
        "brokerShutdownTimeoutMs": str(STOP_MILLISECONDS),
        "maxMessageSize": str(max_message_size),
        "backlogQuotaDefaultLimitBytes": str(backlog_quota * 2**30),
        "brokerDeleteInactiveTopicsEnabled": "true",
        "brokerDeleteInactiveTopicsFrequencySeconds": str(inactive_topics),
        # Messages never expire by age: the receiver may be a task that starts hours later.
        "ttlDurationDefaultInSeconds": "0",
        "webSocketServiceEnabled": "false",
        "systemTopicEnabled": "false",
        "topicLevelPoliciesEnabled": "false",
    }
    return render({**broker, **pulsar_text.STANDALONE, **_bookie(max_message_size), **extra})


# A loopback address, on purpose: then a standalone broker tells whoever looks up a topic to stay on the address that it
# dialled, the only one that is right inside the site and for peers alike. It also keeps the broker's name when its
# address changes, and answers before the site's name server knows the broker.
_PLAIN: Mapping[str, str] = {"advertisedAddress": "localhost"}


def _secure() -> Mapping[str, str]:
    """The same address for who dials with TLS, and how the broker itself dials."""
    return {
        "advertisedListeners": f"inside:pulsar://localhost:{ports.PULSAR},inside:pulsar+ssl://localhost:{ports.PULSAR_TLS}",
        "internalListenerName": "inside",
        "brokerClientTlsEnabled": "true",
        "brokerClientTrustCertsFilePath": f"{CLUSTERS_FOLDER}/{paths.ANCHORS_FILE}",
        # Keys that begin like this go to the clients with which the broker dials. Its own words for a certificate count
        # only where a broker asks everybody who they are, fateflow too, which has nothing to answer.
        "brokerClient_authPluginClassName": "org.apache.pulsar.client.impl.auth.AuthenticationTls",
        "brokerClient_authParams": f"tlsCertFile:{KEY_PAIR.certificate},tlsKeyFile:{KEY_PAIR.key}",
        "brokerClient_tlsHostnameVerificationEnable": "true",
    }


def _bookie(max_message_size: int) -> dict[str, str]:
    """The one BookKeeper reads the same file, and loses a message that is larger than its frames."""
    return {"nettyMaxFrameSizeBytes": str(max_message_size + PADDING)}


def environment(*, memory: int) -> dict[str, str]:
    """Variables of the official start script for a container with ``memory`` MiB.

    A quarter is heap and half is direct memory, where messages lie: Pulsar's own proportion of one to two. The rest
    is for the JVM itself and RocksDB. ``ValueError`` below ``SMALLEST``.
    """
    if memory < SMALLEST:
        raise ValueError(f"Pulsar cannot serve with {memory} MiB of memory; give it {SMALLEST} MiB at least")
    heap = memory // 4
    return {"PULSAR_MEM": f"-Xms{heap}m -Xmx{heap}m -XX:MaxDirectMemorySize={memory // 2}m"}


def command(*, party_id: int) -> tuple[str, ...]:
    """Starts the broker with its data as it finds it, and beside it what keeps the broker's peers in step.

    Neither stream storage (``-nss``) nor functions (``-nfw``): FATE uses none, and they take longest to start.
    """
    told = (f"{CLUSTERS_FOLDER}/{CLUSTERS_FILE}", str(party_id), str(ports.PULSAR_HTTP))
    return ("bash", "-c", pulsar_text.START, "pulsar", pulsar_text.PEERS, *told)


def probe(*, party_id: int) -> tuple[str, ...]:
    """Exits 0 once the broker is fully up and knows its own cluster.

    These two questions read memory and metadata only; the broker's own ``health`` sends a message through a topic at
    each question.
    """
    return ("bash", "-c", pulsar_text.PROBE, "probe", str(ports.PULSAR_HTTP), str(party_id))


def block(
    *,
    party_id: int,
    host: str = HOST,
    port: int = ports.PULSAR,
    management_port: int = ports.PULSAR_HTTP,
    cluster: str | None = None,
    tenant: str = TENANT,
    topic_ttl: int = 3,
    max_message_size: int = 1_048_576,
) -> dict[str, object]:
    """The broker's block of service_conf.yaml; the defaults are the party's own broker.

    ``cluster``: name of the broker's cluster; default: the party's id. ``topic_ttl``: minutes that a broker keeps what
    all receivers have taken; KubeFATE's 3. ``max_message_size``: bytes of rows that FATE puts into one message;
    KubeFATE's 1 MiB.
    """
    return {
        "fate_on_spark": {
            "pulsar": {
                "host": host,
                "port": port,
                "mng_port": management_port,
                "topic_ttl": topic_ttl,
                # A text: FATE writes it into lists of texts.
                "cluster": cluster or str(party_id),
                "tenant": tenant,
                "route_table": f"{paths.ROUTE_TABLES_FOLDER}/{ROUTE_TABLE}",
                "mode": "replication",
                "max_message_size": max_message_size,
            }
        }
    }
