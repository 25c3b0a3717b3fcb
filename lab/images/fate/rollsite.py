"""rollsite: sends packets on to their next hop, by a route table that it re-reads every minute, or says which it is."""

import dataclasses
import functools
import pathlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

from . import eggroll_conf, properties, routes, service, tls_files

if TYPE_CHECKING:
    from . import transfer

REFRESH_SECONDS = 60.0
"""Eggroll's own interval, which no setting changes."""
_SECURITY = "eggroll.core.security"
PREFACE = b"PRI"
"""How a connection of HTTP/2 begins."""


def serve(path: pathlib.Path, port: int | None, log: service.Log) -> None:
    """Checks the properties, the route table and the certificates, then serves."""
    conf = eggroll_conf.load(path, announce=True)
    expected = conf.port("eggroll.rollsite.port")
    if port is not None and port != expected:
        raise service.RefusedError(f"-p {port} is not the eggroll.rollsite.port {expected} of {path}")
    site = Site(conf, log)
    secure = _secure_server(conf, site)
    server = Server(expected, site)
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
        self._own = conf.text("eggroll.rollsite.host"), conf.port("eggroll.rollsite.port")
        self._table.check(self._party, *self._own)
        self._client = tls_files.ClientFiles.of(conf)
        self.log = log

    @functools.cached_property
    def transfer(self) -> "transfer.Server":
        """What takes packets; made for the first one: gRPC takes longer to load than everything else here."""
        from . import transfer

        return transfer.Server(self.deliver)

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
        """``route`` of a ``party`` and, if it matters, a ``role``; or ``send`` a packet, as eggroll's own site does."""
        if question.get("ask") == "send":
            return self.deliver({"from": self._party, "to": question.get("party"), "body": question.get("body")})
        if question.get("ask") != "route":
            raise ValueError("ask route or send")
        party, role = str(question.get("party", "")), str(question.get("role", routes.DEFAULT))
        endpoint = self._table.query(party, role)
        self.log.write(f"route of party {party}, role {role}: {endpoint.host}:{endpoint.port}")
        return {"party": self._party, **dataclasses.asdict(endpoint)}

    def deliver(self, packet: dict[str, Any]) -> dict[str, Any]:
        """Keeps a packet whose route leads here, and sends any other on; its answer tells of every hop.

        A hop is encrypted on eggroll's three conditions: its route says so, there is a file that says whom to believe,
        and the packet's two ends are different parties.
        """
        source, to = str(packet.get("from", "")), str(packet.get("to", ""))
        endpoint = self._table.query(to)
        if (endpoint.host, endpoint.port) == self._own:
            self.log.write(f"packet of party {source} for party {to} arrived")
            return {"arrived at": self._party, "body": packet.get("body"), "hops": [self._party]}
        secure = endpoint.is_secure and self._client is not None and source != to
        from . import transfer

        answer = transfer.send(endpoint.host, endpoint.port, self._client if secure else None, packet)
        word = "with TLS" if secure else "in plain text"
        return {**answer, "hops": [f"{self._party} {word}", *answer["hops"]]}


class Server(service.LineServer):
    """Lines of JSON for tests, and gRPC for other rollsites, on one port."""

    def __init__(self, port: int, site: Site) -> None:
        super().__init__(port, site.answer)
        self._site = site

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Whoever connects speaks first, in both."""
        request.settimeout(service.REACH_SECONDS)
        try:
            begins = request.recv(3, socket.MSG_PEEK) == PREFACE
        except OSError:
            return
        if begins:
            request.settimeout(None)
            self._site.transfer.take(request)
        else:
            super().finish_request(request, client_address)


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
        tls_files.load(context, pathlib.Path(certificate), pathlib.Path(key))
        if conf.optional(f"{_SECURITY}.secure.client.auth.enabled") == "true":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(conf.text(f"{_SECURITY}.ca.crt.path"))
    except OSError as error:
        raise service.RefusedError(f"certificate {certificate} or key {key} cannot be used: {error}") from error
    return SecureServer(conf.integer("eggroll.rollsite.secure.port", 9380), site.answer, context)
