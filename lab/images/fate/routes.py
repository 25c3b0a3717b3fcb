"""rollsite's route table: who is dialled for a party, decided as eggroll decides it."""

import dataclasses
import json
import pathlib
from typing import Any

from . import service

DEFAULT = "default"


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """Where a packet goes next."""

    host: str
    port: int
    is_secure: bool
    is_polling: bool


class Table:
    """A parsed route table."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise service.RefusedError(f"route table {path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise service.RefusedError(f"route table {path} is not JSON: {error}") from error
        if not isinstance(document, dict) or not isinstance(document.get("route_table"), dict):
            raise service.RefusedError(f"route table {path} has no object route_table")
        self._routes: dict[str, Any] = document["route_table"]
        permission = document.get("permission")
        allowed = permission.get("default_allow") if isinstance(permission, dict) else None
        self._fall_back = allowed if isinstance(allowed, bool) else True

    def query(self, party: str, role: str = DEFAULT) -> Endpoint:
        """The endpoint for a party's service; raises `RefusedError` where eggroll's own cast or look-up fails."""
        roles = self._pick(self._routes, party, "party")
        if not isinstance(roles, dict):
            raise self._wrong(party, role, "is not an object")
        entries = self._pick(roles, role, "role")
        if not isinstance(entries, list) or not entries or not isinstance(entries[0], dict):
            raise self._wrong(party, role, "is not a list with an object in it")
        entry = entries[0]
        secure, polling = (self._flag(party, role, entry, name) for name in ("is_secure", "is_polling"))
        if polling:
            return Endpoint("", -1, secure, True)
        host, port = entry.get("ip"), entry.get("port")
        if not isinstance(host, str) or not host:
            raise self._wrong(party, role, f"has ip {host!r}, which is not a text")
        if type(port) is not int:
            raise self._wrong(party, role, f"has port {port!r}: {type(port).__name__} cannot be cast to an integer")
        return Endpoint(host, port, secure, False)

    def check(self, party: str, host: str, port: int) -> None:
        """Refuses a table with a route that cannot be used, or that sends packets for ``party``, this site, away."""
        for name, roles in self._routes.items():
            for role in roles if isinstance(roles, dict) else [DEFAULT]:
                endpoint = self.query(name, role)
                if not endpoint.is_polling and not 0 < endpoint.port < 65536:
                    raise self._wrong(name, role, f"has port {endpoint.port}, which is not a port")
        own = self._routes.get(party)
        here = self.query(party)
        if (here.host, here.port) != (host, port):
            raise service.RefusedError(
                f"route table {self._path}: the own party {party} is routed to {here.host}:{here.port},"
                f" but eggroll.rollsite.host and port are {host}:{port}, so its packets would be sent on for ever"
            )
        if own is not None and "fateflow" not in own:
            raise service.RefusedError(
                f"route table {self._path}: party {party} is this site and has no route fateflow"
            )

    def _pick(self, table: dict[str, Any], name: str, what: str) -> Any:
        if name in table:
            return table[name]
        if DEFAULT not in table:
            raise service.RefusedError(f"route table {self._path} has neither {what} {name} nor a default")
        if not self._fall_back:
            raise service.RefusedError(f"route table {self._path} has no {what} {name}, and its default is disabled")
        return table[DEFAULT]

    def _flag(self, party: str, role: str, entry: dict[str, Any], name: str) -> bool:
        value = entry.get(name, False)
        if not isinstance(value, bool):
            raise self._wrong(party, role, f"has {name} {value!r}, which is not true or false")
        return value

    def _wrong(self, party: str, role: str, what: str) -> service.RefusedError:
        return service.RefusedError(f"route table {self._path}: the route of party {party}, role {role}, {what}")
