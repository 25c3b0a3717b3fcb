"""Where the images of this line keep things, and the host names that its services dial each other by."""

import types
from collections.abc import Mapping

from ..model import KeyPair

ROOT = "/data/projects/fate"
"""Everything of FATE in its images lies below."""

ROLLSITE_HOST = "rollsite"
CLUSTERMANAGER_HOST = "clustermanager"
FATEFLOW_HOST = "fateflow"
FATEBOARD_HOST = "fateboard"

EGGROLL_HOME = f"{ROOT}/eggroll"
EGGROLL_PROPERTIES_PATH = f"{EGGROLL_HOME}/conf/eggroll.properties"
"""The same in the eggroll and the fateflow image."""
ROUTE_TABLE_FOLDER = f"{EGGROLL_HOME}/conf/route_table"
"""A folder of its own: rollsite rereads the file every minute, and only a whole folder can change in place."""
ROUTE_TABLE_FILE = "route_table.json"
ANCHORS_FILE = "anchors.pem"
"""Everybody whom the site believes, in the live folder of each server that speaks TLS."""
ROLLSITE_KEY_PAIR = KeyPair(
    certificate=f"{EGGROLL_HOME}/conf/tls/certificate.pem", key=f"{EGGROLL_HOME}/conf/tls/key.pem"
)
"""What rollsite shows to whom it dials; nginx in front of it has its own copy."""
EGGROLL_DATA_PATH = f"{EGGROLL_HOME}/data"
"""nodemanager's tables and the id that clustermanager knows the node by."""
EGGROLL_LOGS_PATH = f"{EGGROLL_HOME}/logs"
"""Scratch space that nodemanager shares with the companion that prints its processors' logs."""
LOG_TAIL_PATH = "/fluent-bit/etc/fluent-bit.conf"
"""Where the official fluent-bit image looks when it is given no arguments."""

SERVICE_CONF_PATH = f"{ROOT}/conf-template/service_conf.yaml"
"""What fateflow's container is given; its start command makes ``SERVICE_CONF_RESULT_PATH`` of it."""
SERVICE_CONF_RESULT_PATH = f"{ROOT}/conf/service_conf.yaml"
"""What FATE reads. nodemanager is given the file here directly: its processors import FATE, which reads the
engines and not fateflow's address."""
FATEFLOW_VOLUMES: Mapping[str, str] = types.MappingProxyType(
    {
        "jobs": f"{ROOT}/fateflow/jobs",
        "logs": f"{ROOT}/fateflow/logs",
        "models": f"{ROOT}/fateflow/model_local_cache",
    }
)
"""Volume name to folder: what fateflow must find again after a restart."""

ROUTE_TABLES_FOLDER = f"{ROOT}/route-tables"
"""Route tables of brokers, which fateflow reads anew for every job."""

BOARD_PROPERTIES_PATH = f"{ROOT}/fateboard/conf/application.properties"
NOTEBOOK_DATA_PATH = f"{ROOT}/persistence"
NOTEBOOK_HASH_PATH = "/etc/fate/notebook-password-hash"

MYSQL_DATA_PATH = "/var/lib/mysql"
MYSQL_PASSWORD_PATH = "/etc/fate/mysql-password"  # a path, not a password
MYSQL_ROOT_PASSWORD_PATH = "/etc/fate/mysql-root-password"
SCHEMA_PATH = "/etc/fate/eggroll-schema.sql"
