"""rollsite: says which endpoint the next hop of a packet is, from a route table that it re-reads every minute."""

import dataclasses
import pathlib
import ssl
import threading
from typing import Any

from . import eggroll_conf, properties, routes, service

REFRESH_SECONDS = 60.0
"""Eggroll's own interval, which no setting changes."""
_SECURITY = "eggroll.core.security"


def serve(path: pathlib.Path, port: int | None, log: service.Log) -> None:
    """Checks the properties, the route table and the certificates, then serves."""
    conf = eggroll_conf.load(path, announce=True)
    expected = conf.port("eggroll.rollsite.port")
    if port is not None and port != expected:
        raise service.RefusedError(f"-p {port} is not the eggroll.rollsite.port {expected} of {path}")
    site = Site(conf, log)
    secure = _secure_server(conf, site)
    server = service.LineServer(expected, site.answer)
    service.every(REFRESH_SECONDS, site.refresh)
    if secure is not None:
        threading.Thread(target=secure.serve_forever, daemon=True).start()
        site.log.write(f"secure server started at {secure.server_address[1]}")
    site.log.write(f"server started at {expected}")
    server.serve_forever()


class Site:
    """The route table in use."""

    def __init__(self, conf: properties.Properties, log: service.Log) -> None:
        self._path = pathlib.Path(conf.text("eggroll.rollsite.route.table.path"))
        self._party = conf.text("eggroll.rollsite.party.id")
        self._table = routes.Table(self._path)
        self._table.check(self._party, conf.text("eggroll.rollsite.host"), conf.port("eggroll.rollsite.port"))
        self.log = log

    def refresh(self) -> bool:
        """Reads the table again. A table that is not one ends the refreshing, as in eggroll: its timer is cancelled by
        the first exception, and only a restart starts it again."""
        try:
            self._table = routes.Table(self._path)
        except service.RefusedError as error:
            self.log.write(f"{error}; refreshing stops", "ERROR")
            return False
        self.log.write("refreshed route table")
        return True

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """``route`` of a ``party`` and, if it matters, a ``role``."""
        if question.get("ask") != "route":
            raise ValueError("ask route")
        party, role = str(question.get("party", "")), str(question.get("role", routes.DEFAULT))
        endpoint = self._table.query(party, role)
        self.log.write(f"route of party {party}, role {role}: {endpoint.host}:{endpoint.port}")
        return {"party": self._party, **dataclasses.asdict(endpoint)}


class SecureServer(service.LineServer):
    """The same questions over TLS."""

    def __init__(self, port: int, answer: service.Answer, context: ssl.SSLContext) -> None:
        super().__init__(port, answer)
        self._context = context

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake belongs to the connection's own thread: a slow caller must not hold up the others."""
        request.settimeout(service.REACH_SECONDS)
        try:
            wrapped = self._context.wrap_socket(request, server_side=True)
        except (OSError, ValueError):
            return
        with wrapped:
            super().finish_request(wrapped, client_address)


def _secure_server(conf: properties.Properties, site: Site) -> SecureServer | None:
    """The TLS server, when a certificate and a key are configured."""
    certificate = conf.optional(f"{_SECURITY}.crt.path")
    key = conf.optional(f"{_SECURITY}.key.path")
    if not certificate or not key:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        if "BEGIN PRIVATE KEY" not in pathlib.Path(key).read_text(encoding="utf-8"):
            raise service.RefusedError(f"{key} is not a PKCS#8 private key, the only form that eggroll's TLS reads")
        context.load_cert_chain(certificate, key)
        if conf.optional(f"{_SECURITY}.secure.client.auth.enabled") == "true":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(conf.text(f"{_SECURITY}.ca.crt.path"))
    except OSError as error:
        raise service.RefusedError(f"certificate {certificate} or key {key} cannot be used: {error}") from error
    return SecureServer(conf.integer("eggroll.rollsite.secure.port", 9380), site.answer, context)
