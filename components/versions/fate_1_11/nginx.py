"""nginx between parties: it sends fateflow's control messages on by the party they are for.

The routes lie in a folder that changes while nginx runs. Ports, headers and answers are FATE-Flow 1.11.2's
(``fate_flow/utils/api_utils.py``, ``grpc_utils.py``): it asks over HTTP with the header ``DEST-PARTY-ID``, or over
gRPC with the metadata ``dest-party-id``.
"""

import dataclasses
import re
from collections.abc import Mapping

from ..model import Hop, KeyPair
from . import nginx_text, nginx_tls_text, paths, ports

HOST = "nginx"
CONF_PATH = "/etc/nginx/nginx.conf"
"""Where the official image looks."""
ROUTES_FOLDER = "/etc/nginx/fate-routes"
"""The live folder; ``routes()`` makes its files."""
SERVER_NAMES = "server-names.map"
"""Not called ``.conf``: the start command looks for hosts in those, and these names are in no name server."""
RUN_FOLDER = "/run/fate"
"""What the start command finds out about the container's name servers."""

KEY_PAIR = KeyPair(certificate="/etc/nginx/fate-tls/certificate.pem", key="/etc/nginx/fate-tls/key.pem")
"""What nginx shows to whom it serves and dials."""

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?")
_ADDRESS_6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Route:
    """A router or fateflow that takes messages for a party."""

    host: str
    http_port: int = ports.NGINX_HTTP
    grpc_port: int = ports.NGINX_GRPC
    tls: bool = False
    """Whether both ports are dialled with mutual TLS."""
    server_name: str | None = None
    """DNS name in its certificate, with TLS; ``None``: ``host``, which must be a name then, for nginx compares no
    addresses."""


OWN_FATEFLOW = Route(host=paths.FATEFLOW_HOST, http_port=ports.FATEFLOW_HTTP, grpc_port=ports.FATEFLOW_GRPC)
"""By name: fateflow starts after its router, and its address changes with every start."""


def conf(*, owner: str, brokers: int | None = None) -> str:
    """``nginx.conf`` of the router called ``owner`` (``fate-9999``), which its refusals name.

    Messages to a party without a route are refused in words that FATE-Flow writes into the job's log: over HTTP with
    status 200 and ``retcode`` 104, as FATE-Flow itself refuses, because of any other status it logs the number only;
    over gRPC with NOT_FOUND. A message that comes back is refused too, for it would go round for ever.
    ``brokers``: port on which TLS for brokers is passed on, unopened, by the name that the client asks for; default:
    none. ``ValueError`` when ``owner`` is no plain name.
    """
    text = nginx_text.HTTP if brokers is None else nginx_text.MODULES + nginx_text.HTTP + nginx_text.STREAM
    plain = {"@SECURE@": "", "@SECURE_HTTP@": "", "@SECURE_GRPC@": "", "@STRAYED@": "", "@S@": ""}
    return _filled(text, owner, {**plain, "@BROKERS@": brokers})


def secure_conf(*, owner: str, party_id: int | None, brokers: int | None = None, broker: bool = False) -> str:
    """The same with mutual TLS on ports of their own, in both directions.

    Whoever shows a certificate that no anchor has signed is refused, and so is what another site wants sent on by a
    party. ``party_id``: the party that the router belongs to; ``None``: an exchange, which sends on for all.
    ``brokers``: as in ``conf()``. ``broker``: whether the router also takes TLS off what is for the own broker.
    """
    streams = (nginx_text.STREAM if brokers is not None else "") + (nginx_tls_text.STREAM if broker else "")
    modules = nginx_text.MODULES if streams else ""
    secure = {
        "@SECURE@": nginx_tls_text.HTTP,
        "@SECURE_HTTP@": nginx_tls_text.HTTP_SERVER,
        "@SECURE_GRPC@": nginx_tls_text.GRPC_SERVER,
        "@STRAYED@": nginx_tls_text.GRPC_STRAYED,
        "@STRAYS@": nginx_tls_text.NO_STRAYS if party_id is None else nginx_tls_text.STRAYS,
        "@PARTY@": party_id,
        "@S@": "$fate_s",
    }
    return _filled(modules + nginx_tls_text.MAIN + nginx_text.HTTP + streams, owner, {**secure, "@BROKERS@": brokers})


def front_conf(*, owner: str) -> str:
    """``nginx.conf`` in front of a rollsite, which takes mutual TLS off what other sites send; nothing else."""
    return _filled(nginx_tls_text.FRONT, owner, {})


def _filled(text: str, owner: str, values: Mapping[str, object]) -> str:
    if not _NAME.fullmatch(owner):
        raise ValueError(f"a router cannot be called {owner!r}; use letters, digits, dots and dashes")
    everywhere = {
        "@ROUTES@": ROUTES_FOLDER,
        "@RUN@": RUN_FOLDER,
        "@HTTP@": ports.NGINX_HTTP,
        "@GRPC@": ports.NGINX_GRPC,
        "@HEALTH@": ports.NGINX_HEALTH,
        "@HTTP_TLS@": ports.NGINX_HTTP_TLS,
        "@GRPC_TLS@": ports.NGINX_GRPC_TLS,
        "@BROKER@": ports.PULSAR_TLS,
        "@FRONT@": ports.ROLLSITE_SECURE,
        "@CERTIFICATE@": KEY_PAIR.certificate,
        "@KEY@": KEY_PAIR.key,
        "@ANCHORS@": paths.ANCHORS_FILE,
        "@OWNER@": owner,
        "@OWNER_RE@": re.escape(owner),
    }
    for mark, value in {**values, **everywhere}.items():
        text = text.replace(mark, str(value))
    return text


def inside(hop: Hop, *, port: int) -> dict[str, str]:
    """File of ``ROUTES_FOLDER``: what nginx takes off TLS on ``port`` goes to ``hop``, inside the site."""
    return {"inside.conf": _table({str(port): (hop.host, hop.port)})}


def routes(
    *,
    owner: int | None,
    peers: Mapping[int, Route],
    default: Route | None = None,
    brokers: Mapping[str, Hop] | None = None,
    tls: bool = False,
) -> dict[str, str]:
    """Files of ``ROUTES_FOLDER``.

    ``owner``: the party whose own fateflow stands behind this router; ``None`` for an exchange. ``default``: where
    messages for all other parties go; ``None``: they are refused. ``brokers``: TLS name to broker. ``tls``: whether
    the router is one of ``secure_conf()``, which alone can dial with TLS. ``ValueError`` for a party that is its own
    peer, for what is no host name, address or port, and for TLS to an address without a name to compare.
    """
    if owner in peers:
        raise ValueError(f"party {owner} is linked with itself; remove it from its own links")
    known: dict[str, Route] = {} if owner is None else {str(owner): OWN_FATEFLOW}
    known |= {str(party): peers[party] for party in sorted(peers)}
    if default is not None:
        known["default"] = default
    named = brokers or {}
    for name in named:
        _host(name)
    secure = {party: _server_name(route) for party, route in known.items() if route.tls}
    if secure and not tls:
        raise ValueError(f"a router without certificates cannot dial party {min(secure)} with TLS; give it a trust")
    return {
        "http.conf": _table({party: (route.host, route.http_port) for party, route in known.items()}),
        "grpc.conf": _table({party: (route.host, route.grpc_port) for party, route in known.items()}),
        "brokers.conf": _table({name: (named[name].host, named[name].port) for name in sorted(named)}),
        **({SERVER_NAMES: _names(secure)} if tls else {}),
    }


def command(*, tls: bool = False) -> tuple[str, ...]:
    """Starts nginx and keeps it in step with its routes: a change is in force some two seconds after it is seen.

    ``tls``: and in step with the anchors beside them. Whoever is admitted no more gets no connection from then on, and
    what was open before ends within half a minute.
    """
    plain = {"@ALL@": "*.conf", "@RELOAD@": 'kill -HUP "$server"', "@RELOADING@": ""}
    secure = {"@ALL@": "*", "@RELOAD@": "reload", "@RELOADING@": nginx_tls_text.RELOADING}
    text = nginx_text.COMMAND
    for mark, value in {**(secure if tls else plain), "@ANCHORS@": paths.ANCHORS_FILE}.items():
        text = text.replace(mark, value)
    return ("bash", "-c", text, "nginx", ROUTES_FOLDER, RUN_FOLDER)


def probe() -> tuple[str, ...]:
    """Exits 0 once nginx serves; whether fateflow does is for fateflow's own probe to say."""
    ask = f"exec 3<>/dev/tcp/127.0.0.1/{ports.NGINX_HEALTH} && printf 'GET /test HTTP/1.0\\r\\n\\r\\n' >&3"
    return ("bash", "-c", f'{ask} && read -r answer <&3 && case "$answer" in *" 200 "*) ;; *) exit 1 ;; esac')


def block(
    *, host: str = HOST, http_port: int = ports.NGINX_HTTP, grpc_port: int = ports.NGINX_GRPC
) -> dict[str, object]:
    """The router's block of service_conf.yaml; the defaults are the party's own router."""
    return {"fate_on_spark": {"nginx": {"host": host, "http_port": http_port, "grpc_port": grpc_port}}}


def _table(targets: Mapping[str, tuple[str, int]]) -> str:
    """A file for nginx's ``map``; never empty, for Docker takes no empty file."""
    lines = [f'"{key}" "{_host(host)}:{_port(host, port)}";\n' for key, (host, port) in targets.items()]
    return "# who it is for, and where it goes\n" + "".join(lines).replace('"default"', "default")


def _names(secure: Mapping[str, str]) -> str:
    lines = [f'"{party}" "{name}";\n' for party, name in secure.items()]
    return "# who it is for, and whose certificate is expected there\n" + "".join(lines).replace('"default"', "default")


def _server_name(route: Route) -> str:
    name = route.server_name or route.host
    if _ADDRESS_6.fullmatch(name) or not name.strip("0123456789."):
        raise ValueError(f"{name} is an address, and nginx compares names only; the link must say the server's name")
    return _host(name)


def _host(host: str) -> str:
    if _ADDRESS_6.fullmatch(host):
        return f"[{host}]"
    if not _NAME.fullmatch(host):
        raise ValueError(f"{host!r} is no host name and no address, so nothing can be routed there; correct the link")
    return host


def _port(host: str, port: int) -> int:
    if not 1 <= port <= 65535:
        raise ValueError(f"{host} cannot listen on port {port}; a port is 1 to 65535")
    return port
