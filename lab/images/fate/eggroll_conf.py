"""eggroll.properties: what all of eggroll's services insist on."""

import pathlib

from . import properties

_MANAGER = "eggroll.resourcemanager"
_BOOTSTRAP = f"{_MANAGER}.bootstrap.egg_pair"
TEXTS = (
    "eggroll.data.dir",
    "eggroll.logs.dir",
    f"{_MANAGER}.clustermanager.host",
    "eggroll.bootstrap.root.script",
    f"{_BOOTSTRAP}.exepath",
    f"{_BOOTSTRAP}.pythonpath",
    f"{_BOOTSTRAP}.filepath",
    "eggroll.rollsite.coordinator",
    "eggroll.rollsite.host",
    "eggroll.rollsite.party.id",
    "eggroll.rollsite.route.table.path",
)
"""Must be there and not empty."""
PRESENT = (f"{_BOOTSTRAP}.venv", f"{_MANAGER}.process.tag")
"""Must be there; empty means none."""
PORTS = (f"{_MANAGER}.clustermanager.port", f"{_MANAGER}.nodemanager.port", "eggroll.rollsite.port")
INTEGERS = ("eggroll.session.processors.per.node",)
INTEGERS_IF_THERE = (
    "eggroll.rollsite.secure.port",
    "eggroll.core.grpc.channel.keepalive.timeout.sec",
    "eggroll.session.start.timeout.ms",
    "eggroll.rollpair.transferpair.sendbuf.size",
    "eggroll.rollsite.push.max.retry",
    "eggroll.rollsite.push.long.retry",
    "eggroll.rollsite.push.batches.per.stream",
    "eggroll.rollsite.adapter.sendbuf.size",
    "eggroll.resourcemanager.nodemanager.heartbeat.interval",
)
HEARTBEAT_MILLISECONDS = 10000
"""Eggroll's own default."""


def load(path: pathlib.Path, *, announce: bool) -> properties.Properties:
    """Reads and checks the file; raises `RefusedError` for the first key that is missing or of the wrong type.

    ``announce``: print it first, as the Java services do.
    """
    conf = properties.Properties(path)
    if announce:
        conf.announce()
    conf.present(f"[{properties.SECTION}]")
    for key in TEXTS:
        conf.text(key)
    for key in PRESENT:
        conf.present(key)
    for key in PORTS:
        conf.port(key)
    for key in INTEGERS:
        conf.integer(key)
    for key in INTEGERS_IF_THERE:
        conf.integer(key, 0)
    return conf


def clustermanager(conf: properties.Properties) -> tuple[str, int]:
    """Host and port that the other services dial."""
    return conf.text(f"{_MANAGER}.clustermanager.host"), conf.port(f"{_MANAGER}.clustermanager.port")


def heartbeat_seconds(conf: properties.Properties) -> float:
    """Time between two heartbeats of a nodemanager."""
    return conf.integer(f"{_MANAGER}.nodemanager.heartbeat.interval", HEARTBEAT_MILLISECONDS) / 1000
