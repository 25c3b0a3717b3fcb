"""Connections to MySQL, from eggroll's JDBC address and from FATE-Flow's block."""

import contextlib
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pymysql

from . import service

CONNECT_SECONDS = 10
_JDBC = re.compile(r"jdbc:mysql://(?P<host>[^:/?]+)(?::(?P<port>[0-9]+))?/(?P<name>[^?]+)(?:\?(?P<options>.*))?")
_OPTIONS = {"useSSL", "serverTimezone", "characterEncoding", "allowPublicKeyRetrieval", "autoReconnect", "useUnicode"}
Options = dict[str, Any]
"""Arguments of `pymysql.connect`."""


def from_jdbc(url: str, user: str, password: str) -> Options:
    """Connection options of a JDBC address; raises `RefusedError` for one that the driver would not take."""
    found = _JDBC.fullmatch(url)
    if found is None:
        raise service.RefusedError("the jdbc.url is not of the form jdbc:mysql://HOST:PORT/DATABASE?OPTIONS")
    options = dict(urllib.parse.parse_qsl(found["options"] or "", keep_blank_values=True))
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise service.RefusedError(f"the jdbc.url has options that are not known: {', '.join(unknown)}")
    name = urllib.parse.unquote(found["name"])
    return {
        "host": found["host"],
        "port": int(found["port"] or 3306),
        "user": user,
        "password": password,
        "database": name,
    }


@contextlib.contextmanager
def connection(options: Options) -> Iterator[Any]:
    """A cursor in a transaction of its own; raises `RefusedError` when the server does not let us in or fails."""
    where = f"MySQL at {options.get('host')}:{options.get('port')}"
    try:
        link = pymysql.connect(**options, connect_timeout=CONNECT_SECONDS)
    except (pymysql.MySQLError, TypeError, ValueError, OSError) as error:
        raise service.RefusedError(f"{where} refused database {options.get('database')}: {error}") from error
    try:
        with link.cursor() as cursor:
            yield cursor
        link.commit()
    except pymysql.MySQLError as error:
        raise service.RefusedError(f"{where} failed: {error}") from error
    finally:
        link.close()
