"""RabbitMQ: the broker that carries a party's data to its peers' brokers.

FATE makes a virtual host, a user and queues for every job through the management API, and lets the federation plugin
fetch from the peer's broker over plain AMQP (``fate_arch/federation/rabbitmq`` of FATE 1.11.2).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import yaml

from ..model import Hop
from . import paths, ports

HOST = "rabbitmq"
CONF_PATH = "/etc/rabbitmq/rabbitmq.conf"
PLUGINS_PATH = "/etc/rabbitmq/enabled_plugins"
DEFINITIONS_PATH = "/etc/fate/rabbitmq-definitions.json"
"""The login, hashed; the start command hands the server's user a copy, for only root may read this one."""
PASSWORD_PATH = "/etc/fate/rabbitmq-password"  # a path, not a password
DATA_PATH = "/var/lib/rabbitmq"
ROUTE_TABLE_FILE = "rabbitmq_route_table.yaml"
ROUTE_TABLE_PATH = f"{paths.ROUTE_TABLES_FOLDER}/{ROUTE_TABLE_FILE}"
SALT_BYTES = 4
"""RabbitMQ takes the first four bytes of a stored hash for its salt."""
MAX_MESSAGE_SIZE = 536870912
"""Bytes; the most that RabbitMQ 3.10 can be given."""
CHUNK_SIZE = 1048576
"""Bytes up to which FATE packs values into one message; its own default."""
CONSUMER_TIMEOUT_MS = 7 * 24 * 3600 * 1000
"""FATE takes a whole queue at once and confirms value by value, while RabbitMQ closes the channel of whoever confirms
nothing for half an hour: a large intersection would end there. A week is longer than any job."""

_HERE = "/tmp/rabbitmq-definitions.json"
# The node is called after the loopback, never after the container: the data lies in a folder of that name, and a
# container's name changes. Nobody joins this broker into a cluster, so its Erlang ports are closed to the network.
_COMMAND = """\
set -e
install -m 0400 -o rabbitmq -g rabbitmq "$1" "$2"
export RABBITMQ_NODENAME=rabbit@localhost ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
exec docker-entrypoint.sh rabbitmq-server
"""
# A question to the management API, as FATE asks: it costs no Erlang VM of its own, unlike RabbitMQ's own tools.
_PROBE = """\
login="$(printf '%s:%s' "$1" "$(cat "$2")" | base64 -w 0)"
exec 3<>"/dev/tcp/127.0.0.1/$3" || exit 1
printf 'GET /api/health/checks/port-listener/%s HTTP/1.0\\r\\nAuthorization: Basic %s\\r\\n\\r\\n' "$4" "$login" >&3
read -r answer <&3
case "$answer" in *" 200 "*) ;; *) echo "the broker answers $answer" >&2; exit 1 ;; esac
"""


def conf(*, memory_limit: int | None = None, extra: Mapping[str, str] | None = None) -> str:
    """``rabbitmq.conf``.

    ``memory_limit``: MiB of the container; at 60 % of it the broker stops taking messages instead of being killed
    (the rest is for moving messages to disk and for Erlang's collector); ``None``: RabbitMQ's own share, 40 % of the
    host. ``extra``: the user's own keys, which win. ``ValueError`` for a key or value with a line break.
    """
    given = extra or {}
    if any(set("\n\r") & set(key + value) for key, value in given.items()):
        raise ValueError("a key or value of RabbitMQ's further configuration has a line break; give one key for a line")
    settings = {
        "listeners.tcp.default": str(ports.RABBITMQ),
        "management.tcp.port": str(ports.RABBITMQ_MANAGEMENT),
        "loopback_users": "none",
        "load_definitions": _HERE,
        "log.console": "true",
        "log.file": "false",
        "max_message_size": str(MAX_MESSAGE_SIZE),
        "consumer_timeout": str(CONSUMER_TIMEOUT_MS),
    }
    if memory_limit is not None:
        settings["vm_memory_high_watermark.absolute"] = f"{memory_limit * 6 // 10}MiB"
    return "".join(f"{key} = {value}\n" for key, value in {**settings, **given}.items())


def enabled_plugins() -> str:
    """``enabled_plugins``: the API that FATE asks, and the federation that carries its queues."""
    return "[rabbitmq_federation,rabbitmq_federation_management,rabbitmq_management].\n"


def definitions(*, user: str, password: str, salt: str) -> str:
    """The definitions that the broker loads at every start: its one user, and no guest. Secret.

    They overwrite what the data has, so that kept data opens with the next stack's password. ``salt``: text whose
    digest salts the hash, so that nothing changes while the password does not. ``ValueError``, without the password,
    when user or password is empty, or the user has a colon, which a login over HTTP cannot have.
    """
    if not user or not password or ":" in user:
        raise ValueError("RabbitMQ's user or password is empty, or the user has a colon; choose another")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return json.dumps(
        {
            "users": [
                {
                    "name": user,
                    "password_hash": password_hash(password, hashlib.sha256(salt.encode()).digest()[:SALT_BYTES]),
                    "hashing_algorithm": "rabbit_password_hashing_sha256",
                    # FATE makes users and virtual hosts.
                    "tags": "administrator",
                }
            ],
            "vhosts": [{"name": "/"}],
            "permissions": [{"user": user, "vhost": "/", **everything}],
        },
        indent=2,
    )


def password_hash(password: str, salt: bytes) -> str:
    """``password`` as RabbitMQ stores it: the salt, then SHA-256 of salt and password, in base64."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def command() -> tuple[str, ...]:
    """Starts the broker with the definitions in ``DEFINITIONS_PATH``."""
    return ("bash", "-c", _COMMAND, "rabbitmq", DEFINITIONS_PATH, _HERE)


def probe(*, user: str) -> tuple[str, ...]:
    """Exits 0 once ``user`` may ask the broker, and it takes AMQP connections."""
    numbers = (str(ports.RABBITMQ_MANAGEMENT), str(ports.RABBITMQ))
    return ("bash", "-c", _PROBE, "probe", user, PASSWORD_PATH, *numbers)


def route_table(*, party_id: int, own: Hop, peers: Mapping[int, Hop]) -> str:
    """``rabbitmq_route_table.yaml``: the broker of each party, by number.

    ``own``: FATE looks up the own party as well when both sides of a job are the same party. There is no default:
    every peer is dialled directly. ``ValueError`` when ``peers`` has the party itself.
    """
    if party_id in peers:
        raise ValueError(f"party {party_id} is linked with itself; remove it from its own links")
    brokers = {party_id: own, **{peer: peers[peer] for peer in sorted(peers)}}
    return yaml.safe_dump({party: {"host": hop.host, "port": hop.port} for party, hop in brokers.items()})


def block(
    *,
    user: str,
    password: Any,
    host: str = HOST,
    port: int = ports.RABBITMQ,
    management_port: int = ports.RABBITMQ_MANAGEMENT,
) -> dict[str, Any]:
    """The broker's block of service_conf.yaml, secret because of the password, which may be an output."""
    return {
        "fate_on_spark": {
            "rabbitmq": {
                "host": host,
                "mng_port": management_port,
                "port": port,
                "user": user,
                "password": password,
                "route_table": ROUTE_TABLE_PATH,
                "mode": "replication",
                "max_message_size": CHUNK_SIZE,
            }
        }
    }
