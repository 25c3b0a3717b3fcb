"""Where a Java service logs to, by the log4j 2 properties file that its command line names."""

import os
import pathlib
import re

from . import properties, service

_VARIABLE = re.compile(r"\$\{env:([A-Za-z0-9_]+)(?::-([^}]*))?\}")
_STREAMS = {"SYSTEM_OUT": "/dev/stdout", "SYSTEM_ERR": "/dev/stderr"}


def open_log(path: pathlib.Path) -> service.Log:
    """The log that the root logger's appender writes; raises `RefusedError` when the file says none that can be."""
    conf = properties.Properties(path)
    level = _expand(conf.text("rootLogger.level")).upper()
    wanted = {conf.text(key) for key in conf.keys("rootLogger.appenderRef.", ".ref")}
    for key in conf.keys("appender.", ".name"):
        appender = key.removesuffix(".name")
        if conf.text(key) in wanted:
            return service.Log(pathlib.Path(_target(conf, appender)), level)
    raise service.RefusedError(f"{path}: rootLogger refers to no appender that the file has")


def _target(conf: properties.Properties, appender: str) -> str:
    kind = conf.text(f"{appender}.type")
    if kind in ("File", "RollingFile"):
        return _expand(conf.text(f"{appender}.fileName"))
    target = conf.optional(f"{appender}.target", "SYSTEM_OUT")
    if kind != "Console" or target not in _STREAMS:
        raise service.RefusedError(f"{conf.path}: {appender} of type {kind}, target {target}, cannot be used")
    return _STREAMS[target]


def _expand(value: str) -> str:
    """Replaces ``${env:NAME:-DEFAULT}``."""
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], found[2] or ""), value)
