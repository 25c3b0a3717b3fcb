"""Containers of the lab images for tests: given files, started, waited for, asked, and removed again."""

import dataclasses
import io
import json
import pathlib
import tarfile
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import docker
import docker.errors

from components.versions import fate_1_11 as fate
from lab import dockerd, process

RELEASE = fate.TAG
EGGROLL = f"federatedai/eggroll:{RELEASE}"
FATEFLOW = f"federatedai/fateflow:{RELEASE}"
FATEBOARD = f"federatedai/fateboard:{RELEASE}"
CLIENT = f"federatedai/client:{RELEASE}"
MYSQL = "mysql:8.0.28"
FLUENT_BIT = "fluent/fluent-bit:2.1.4"
PARTY = 9999
DATABASE = fate.Database(host="mysql", port=3306, name="eggroll_meta", user="fate", password="p%w' \\x")
ENGINES = fate.Engines(computing="eggroll", federation="eggroll", storage="eggroll", proxy="rollsite")
ROUTES = f"{fate.ROUTE_TABLE_FOLDER}/{fate.ROUTE_TABLE_FILE}"
PATIENCE = 30.0
"""Seconds until a service must serve or end; it takes one or two."""
_ASK = """
import json, socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    s.sendall(sys.argv[2].encode() + b"\\n")
    print(s.makefile().readline())
"""
HOST_OPTIONS = ("binds", "dns_search", "dns_opt", "mem_limit")
"""Options of a container that are its host's business."""

Files = Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Service:
    """How a service of the site is started."""

    image: str
    command: Sequence[str] | None
    files: Files


class Box:
    """A network of its own with containers in it; `close` leaves nothing behind."""

    def __init__(self) -> None:
        self.client = docker.DockerClient(base_url=dockerd.up())
        self._network = f"lab-images-{uuid.uuid4().hex[:8]}"
        self.network = self.client.networks.create(self._network)
        self._containers: list[Any] = []
        self._volumes: list[Any] = []
        self._workshops: dict[str, Any] = {}

    def volume(self) -> str:
        """Name of a new volume."""
        self._volumes.append(self.client.volumes.create())
        return str(self._volumes[-1].name)

    def start(self, service: Service, name: str = "", **options: Any) -> Any:
        """Starts a container that the others find under ``name``, if it has one."""
        settings = {name: options.pop(name) for name in HOST_OPTIONS if name in options}
        host = self.client.api.create_host_config(network_mode=self._network, **settings)
        aliases = self.client.api.create_endpoint_config(aliases=[name] if name else [])
        networks: Any = {self._network: aliases}
        made = self.client.api.create_container(
            service.image,
            list(service.command[1:]) if service.command else None,
            entrypoint=[service.command[0]] if service.command else None,
            host_config=host,
            networking_config=self.client.api.create_networking_config(networks),
            **options,
        )
        container = self.client.containers.get(made["Id"])
        self._containers.append(container)
        if service.files:
            container.put_archive("/", _archive(service.files))
        container.start()
        return container

    def refuses(self, service: Service, **options: Any) -> str:
        """Starts a service that must end by itself with exit code 1; returns what it printed."""
        if service.command and not options:
            return self._refuses_quickly(service)
        container = self.start(service, **options)
        code = container.wait(timeout=PATIENCE)["StatusCode"]
        said = container.logs().decode(errors="replace")
        assert code == 1, said
        return str(said)

    def _refuses_quickly(self, service: Service) -> str:
        """The same in a container that is kept for all tests of one image: starting one takes longest."""
        if service.image not in self._workshops:
            idle = Service(service.image, ("sleep", "infinity"), {})
            self._workshops[service.image] = self.start(idle)
        workshop = self._workshops[service.image]
        workshop.put_archive("/", _archive(service.files))
        done = workshop.exec_run(["timeout", f"{PATIENCE:g}", *(service.command or ())])
        said = done.output.decode(errors="replace")
        assert done.exit_code == 1, said
        return str(said)

    def close(self) -> None:
        """Removes everything."""
        for container in self._containers:
            container.remove(force=True, v=True)
        for volume in self._volumes:
            volume.remove(force=True)
        self.network.remove()
        self.client.close()


def ready(container: Any, probe: Sequence[str], seconds: float = PATIENCE) -> None:
    """Waits until the probe exits 0 inside the container; the container's own words are the failure's text."""

    def passes() -> bool:
        try:
            return bool(container.exec_run(list(probe)).exit_code == 0)
        except docker.errors.APIError as error:
            raise AssertionError(f"{container.logs().decode(errors='replace')}\n{error}") from error

    process.wait_for(passes, seconds, lambda: container.logs().decode(errors="replace")[-2000:])


def run(container: Any, *command: str) -> str:
    """What a command prints inside a container; it must succeed."""
    done = container.exec_run(list(command))
    text = done.output.decode(errors="replace")
    assert done.exit_code == 0, text
    return str(text)


def ask(container: Any, port: int, **question: str) -> dict[str, Any]:
    """A stand-in's answer to a question on one of its ports."""
    asked = ("python3", "-c", _ASK, str(port), json.dumps(question))
    # A busy engine now and then hands no output over.
    answer = json.loads(process.wait_for(lambda: run(container, *asked), PATIENCE, "an answer"))
    assert isinstance(answer, dict)
    return answer


def services() -> dict[str, Service]:
    """The site's services with the program's own files and commands."""
    plain = _properties(None)
    board = fate.board_properties(username="admin", password="board", fateflow_url="http://fateflow:9380")
    table = fate.route_table(party_id=PARTY, default=None, peers={10000: fate.Hop(host="peer.example", port=30091)})
    blocks = [fate.fate_on_eggroll(cores=2, nodes=2)]
    conf = fate.service_conf(party_id=PARTY, engines=ENGINES, database=DATABASE, blocks=blocks)
    at = fate.EGGROLL_PROPERTIES_PATH
    return {
        "clustermanager": Service(EGGROLL, fate.clustermanager_command(), {at: _properties(DATABASE)}),
        "nodemanager": Service(EGGROLL, fate.nodemanager_command(), {at: plain}),
        "rollsite": Service(EGGROLL, fate.rollsite_command(), {at: plain, ROUTES: table}),
        "fateflow": Service(FATEFLOW, fate.fateflow_command(), {at: plain, fate.SERVICE_CONF_PATH: conf}),
        "fateboard": Service(FATEBOARD, fate.fateboard_command(), {fate.BOARD_PROPERTIES_PATH: board}),
    }


def changed(service: Service, path: str, old: str, new: str) -> Service:
    """The service with one text of one file replaced; the text must be there."""
    assert old in service.files[path], f"{path} has no {old!r}"
    return dataclasses.replace(service, files={**service.files, path: service.files[path].replace(old, new, 1)})


def mysql(**environment: str) -> tuple[Service, dict[str, str]]:
    """The database server that the services expect, and its environment."""
    schema = {"/docker-entrypoint-initdb.d/eggroll.sql": fate.eggroll_schema(database=DATABASE.name)}
    account = {"MYSQL_DATABASE": DATABASE.name, "MYSQL_USER": DATABASE.user, "MYSQL_PASSWORD": DATABASE.password}
    return Service(MYSQL, None, schema), {"MYSQL_ROOT_PASSWORD": "root's", **account, **environment}


def _properties(database: fate.Database | None) -> str:
    return fate.eggroll_properties(party_id=PARTY, database=database, processors_per_node=2, coordinator="lab")


def _archive(files: Files) -> bytes:
    """The files as a tar, folders included."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            for folder in [*pathlib.PurePosixPath(name).parents][-2::-1]:
                info = tarfile.TarInfo(str(folder))
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()
