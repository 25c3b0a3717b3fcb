"""rollsites of several sites, each with its nginx on a network of its own; others reach the nginx only."""

import dataclasses
import pathlib
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.versions import fate_1_11 as fate
from lab import process
from tests.certified import Pair
from tests.docker import stand_ins
from tests.docker.stand_ins import Box, Service, ready
from tests.docker.tls_routers import IMAGE

ANCHORS = f"{fate.ROUTE_TABLE_FOLDER}/{fate.ANCHORS_FILE}"


def service(party: int, routes: Mapping[int, fate.Hop], pair: Pair, anchors: str) -> Service:
    """rollsite with the program's own files; a ``party`` of 0 is the exchange."""
    properties = fate.eggroll_properties(party_id=party, database=None, coordinator=f"fate-{party}", tls=True)
    default = routes.get(0)
    peers = {number: hop for number, hop in routes.items() if number}
    files = {
        fate.EGGROLL_PROPERTIES_PATH: properties,
        fate.ROLLSITE_KEY_PAIR.certificate: pair.certificate,
        fate.ROLLSITE_KEY_PAIR.key: pair.key,
        stand_ins.ROUTES: fate.route_table(party_id=party, default=default, peers=peers),
        ANCHORS: anchors,
    }
    return Service(stand_ins.EGGROLL, fate.rollsite_command(), files)


@dataclasses.dataclass
class Site:
    """One site: rollsite, and nginx in front of it."""

    rollsite: Any
    front: Any
    folder: pathlib.Path
    """The live folder of ``front``, on this machine."""
    address: str
    """Of ``front``, where others dial it."""

    def admit(self, anchors: str) -> None:
        """Others than before, the way a platform changes a live folder."""
        new = self.folder / ".new"
        new.write_text(anchors, encoding="utf-8")
        new.rename(self.folder / fate.ANCHORS_FILE)

    def send(self, party: int, body: str = "gradients") -> dict[str, Any]:
        """A packet of this site to ``party``."""
        return stand_ins.ask(self.rollsite, fate.ports.ROLLSITE, ask="send", party=str(party), body=body)

    def arrives(self, party: int) -> Callable[[], bool]:
        """Whether a packet to ``party`` does, for whoever waits."""
        return lambda: self.send(party).get("arrived at") == str(party)


def start(
    outside: Box, box: Box, names: Sequence[str], rollsite: Service, pair: Pair, live: pathlib.Path, anchors: str
) -> Site:
    """Starts a site in ``box``; on ``outside`` others find its nginx under ``names``, and its rollsite not at all."""
    live.mkdir(mode=0o755)
    behind = fate.Hop(host=fate.ROLLSITE_HOST, port=fate.ports.ROLLSITE)
    told = {**fate.nginx.inside(behind, port=fate.ports.ROLLSITE_SECURE), fate.ANCHORS_FILE: anchors}
    for file, text in told.items():
        (live / file).write_text(text, encoding="utf-8")
    files = {
        fate.nginx.CONF_PATH: fate.nginx.front_conf(owner="fate-site"),
        fate.nginx.KEY_PAIR.certificate: pair.certificate,
        fate.nginx.KEY_PAIR.key: pair.key,
    }
    running = box.start(rollsite, fate.ROLLSITE_HOST)
    outside.network.connect(running)
    front = box.start(
        Service(IMAGE, fate.nginx.command(tls=True), files), "nginx", binds=[f"{live}:{fate.nginx.ROUTES_FOLDER}:ro"]
    )
    outside.network.connect(front, aliases=[*names])
    ready(running, fate.rollsite_probe())
    ready(front, fate.nginx.probe())
    front.reload()
    address = front.attrs["NetworkSettings"]["Networks"][outside.network.name]["IPAddress"]
    return Site(running, front, live, str(address))


class Relay:
    """Another address for a server, known before the server starts: what a router with port forwarding is."""

    def __init__(self, host: str) -> None:
        self._listener = socket.create_server((host, 0))
        self.target: tuple[str, int] | None = None
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                one = self._listener.accept()[0]
            except OSError:
                return
            process.wait_for(lambda: self.target, 60, "a server behind the relay")
            other = socket.create_connection(self.target or ("", 0))
            for pair in ((one, other), (other, one)):
                threading.Thread(target=_copy, args=pair, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        source.close()
        target.close()
