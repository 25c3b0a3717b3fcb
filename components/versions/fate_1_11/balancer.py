"""nginx between a party's rollsite and several rollsites of its exchange, so that one that is down stops nothing."""

from collections.abc import Sequence

from ..model import Hop
from . import ports

CONF_PATH = "/etc/nginx/nginx.conf"
"""Where the official image looks."""
HOST = "lbrollsite"
"""The name that KubeFATE's users know it by."""
PORT = ports.ROLLSITE
HOP = Hop(host=HOST, port=PORT)
"""How the party's rollsite reaches it."""
_CONF = """\
user nginx;
worker_processes 2;
pid /run/nginx.pid;
error_log /dev/stderr notice;

events {{
    worker_connections 4096;
}}

http {{
    access_log /dev/stdout;
    client_max_body_size 0;
    client_body_timeout 600s;

    upstream exchanges {{
        least_conn;
{servers}
        keepalive 64;
    }}

    server {{
        listen {port} http2;
        location / {{
            grpc_pass grpc{s}://exchanges;
            grpc_connect_timeout 10s;
            grpc_send_timeout 600s;
            grpc_read_timeout 600s;
            grpc_next_upstream error timeout http_502 http_503;
        }}
    }}
}}
"""


def conf(exchanges: Sequence[Hop]) -> str:
    """``nginx.conf`` that spreads gRPC streams over ``exchanges``, the least busy first, around those that are down.

    ``ValueError`` for none, and for some that speak TLS beside some that do not.
    """
    if len({hop.is_secure for hop in exchanges}) != 1:
        raise ValueError("a balancer needs one or more exchanges, all with TLS or all without; correct the list")
    servers = "\n".join(f"        server {_address(hop)} max_fails=1 fail_timeout=10s;" for hop in exchanges)
    return _CONF.format(servers=servers, port=PORT, s="s" if exchanges[0].is_secure else "")


def command() -> tuple[str, ...]:
    """Starts nginx as the container's first process; it ends what it carries when told to stop."""
    return ("nginx", "-g", "daemon off;")


def probe() -> tuple[str, ...]:
    """Exits 0 once nginx accepts connections; whether an exchange stands behind it is not its own health."""
    return ("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{PORT}")


def _address(hop: Hop) -> str:
    return f"[{hop.host}]:{hop.port}" if ":" in hop.host else f"{hop.host}:{hop.port}"
