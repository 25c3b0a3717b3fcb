"""nginx between parties: it sends fateflow's control messages on by the party they are for.

The routes lie in a folder that changes while nginx runs. Ports, headers and answers are FATE-Flow 1.11.2's
(``fate_flow/utils/api_utils.py``, ``grpc_utils.py``): it asks over HTTP with the header ``DEST-PARTY-ID``, or over
gRPC with the metadata ``dest-party-id``.
"""

import dataclasses
import re
from collections.abc import Mapping

from ..model import Hop
from . import nginx_text, paths, ports

HOST = "nginx"
CONF_PATH = "/etc/nginx/nginx.conf"
"""Where the official image looks."""
ROUTES_FOLDER = "/etc/nginx/fate-routes"
"""The live folder; ``routes()`` makes its files."""
RUN_FOLDER = "/run/fate"
"""What the start command finds out about the container's name servers."""

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?")
_ADDRESS_6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Route:
    """A router or fateflow that takes messages for a party."""

    host: str
    http_port: int = ports.NGINX_HTTP
    grpc_port: int = ports.NGINX_GRPC


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
    if not _NAME.fullmatch(owner):
        raise ValueError(f"a router cannot be called {owner!r}; use letters, digits, dots and dashes")
    text = nginx_text.HTTP if brokers is None else nginx_text.MODULES + nginx_text.HTTP + nginx_text.STREAM
    values = {
        "@ROUTES@": ROUTES_FOLDER,
        "@RUN@": RUN_FOLDER,
        "@HTTP@": ports.NGINX_HTTP,
        "@GRPC@": ports.NGINX_GRPC,
        "@HEALTH@": ports.NGINX_HEALTH,
        "@BROKERS@": brokers,
        "@OWNER@": owner,
        "@OWNER_RE@": re.escape(owner),
    }
    for mark, value in values.items():
        text = text.replace(mark, str(value))
    return text


def routes(
    *,
    owner: int | None,
    peers: Mapping[int, Route],
    default: Route | None = None,
    brokers: Mapping[str, Hop] | None = None,
) -> dict[str, str]:
    """Files of ``ROUTES_FOLDER``.

    ``owner``: the party whose own fateflow stands behind this router; ``None`` for an exchange. ``default``: where
    messages for all other parties go; ``None``: they are refused. ``brokers``: TLS name to broker. ``ValueError``
    for a party that is its own peer, and for what is no host name, address or port.
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
    return {
        "http.conf": _table({party: (route.host, route.http_port) for party, route in known.items()}),
        "grpc.conf": _table({party: (route.host, route.grpc_port) for party, route in known.items()}),
        "brokers.conf": _table({name: (named[name].host, named[name].port) for name in sorted(named)}),
    }


def command() -> tuple[str, ...]:
    """Starts nginx and keeps it in step with its routes: a change is in force some two seconds after it is seen."""
    return ("bash", "-c", nginx_text.COMMAND, "nginx", ROUTES_FOLDER, RUN_FOLDER)


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
