"""Talks to one Docker engine, as configured on the provider resource; errors read as the official plugin's."""

import dataclasses
import json
import os
import pathlib
import threading
from typing import Any

import docker
import docker.errors
import docker.tls
import requests.exceptions

from ..plugin import PluginError
from ..values import Properties
from . import ssh

DEFAULT_HOST = "unix:///var/run/docker.sock"
SHORT_SECONDS = 10
"""Room for an answer to a ping; an engine that is up takes milliseconds."""
SSH_SECONDS = 35
"""Longer than ssh itself tries to connect, so that its own words say what is wrong."""
LONG_SECONDS = 1200
"""The official plugin's own limit for creating, updating and deleting."""
ENVIRONMENT = {
    "host": "DOCKER_HOST",
    "caMaterial": "DOCKER_CA_MATERIAL",
    "certMaterial": "DOCKER_CERT_MATERIAL",
    "keyMaterial": "DOCKER_KEY_MATERIAL",
    "certPath": "DOCKER_CERT_PATH",
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the engine is and how to get in."""

    host: str
    ssh_options: tuple[str, ...] = ()
    cert_path: str = ""
    check: bool = True
    """Whether the engine must answer before it is used."""

    @classmethod
    def read(cls, config: Properties) -> "Settings":
        """From the provider's configuration, with the variables of the Docker client for what it leaves out."""
        value = {key: config.get(key) or os.environ.get(name, "") for key, name in ENVIRONMENT.items()}
        if value["certMaterial"] or value["keyMaterial"]:
            raise PluginError("the stand-in docker plugin takes certPath, not certMaterial and keyMaterial")
        options = config.get("sshOpts") or os.environ.get("DOCKER_SSH_OPTS", "").split()
        return cls(
            host=value["host"] or DEFAULT_HOST,
            ssh_options=tuple(json.loads(options) if isinstance(options, str) else options),
            cert_path=value["certPath"],
            check=str(config.get("disableDockerDaemonCheck", False)).lower() != "true",
        )


class Engine:
    """Clients of one engine: one for each thread, for a session of `requests` is not made to be shared."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._local = threading.local()

    def client(self) -> Any:
        """A client of this thread; :class:`PluginError` in the official words when the engine does not answer."""
        client = getattr(self._local, "client", None)
        if client is None:
            try:
                client = self._connect()
                client.ping()
            except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
                raise PluginError(
                    "failed to create Docker client: Error pinging Docker server, please make sure that "
                    f"{self.settings.host} is reachable and has a  '_ping' endpoint. Error: {self._unreachable(error)}"
                ) from None
            client.timeout = LONG_SECONDS
            self._local.client = client
        return client

    def answers(self) -> bool:
        """Whether the engine is there now."""
        try:
            self.client()
        except PluginError:
            return False
        return True

    def _connect(self) -> Any:
        host = self.settings.host
        if host.startswith("ssh://"):
            return ssh.client(host, self.settings.ssh_options, SSH_SECONDS)
        tls: Any = False
        if self.settings.cert_path:
            folder = pathlib.Path(self.settings.cert_path)
            pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
            tls = docker.tls.TLSConfig(client_cert=pair, ca_cert=str(folder / "ca.pem"), verify=True)
        return docker.APIClient(base_url=host, version="auto", timeout=SHORT_SECONDS, tls=tls)

    def _unreachable(self, error: Exception) -> str:
        if self.settings.host.startswith("ssh://"):
            return f"error during connect: {error}"
        return f"Cannot connect to the Docker daemon at {self.settings.host}. Is the docker daemon running?"


def reason(error: Exception) -> str:
    """What the engine says, as the official client words it."""
    if isinstance(error, docker.errors.APIError):
        return f"Error response from daemon: {(error.explanation or str(error)).strip()}"
    return str(error)
