"""Containers: created, joined to their networks, given their files, started, and waited for."""

import threading
import time
from typing import Any

import docker.errors
import requests.exceptions

from ..plugin import PartialError, PluginError, Request, State
from ..values import Properties
from . import container_body, container_state, engine, images, shapes, uploads

UPDATED = (
    "restart",
    "maxRetryCount",
    "cpuShares",
    "memory",
    "memoryReservation",
    "cpuSet",
    "memorySwap",
    *container_body.RATES,
)
"""The only fields whose update reaches the engine; the update of any other is recorded and changes nothing."""
PAUSE = 0.5
"""Seconds between two looks at a container that is waited for."""


class Containers:
    """`docker.Container`; its id is the engine's."""

    def __init__(self, connection: engine.Engine, cancelled: threading.Event) -> None:
        self._engine = connection
        self._cancelled = cancelled

    def create(self, inputs: Properties, request: Request) -> State:
        client = self._engine.client()
        try:
            images.find(client, inputs["image"])
        except PluginError as error:
            raise PluginError(f"Unable to create container with image {inputs['image']}: {error}") from None
        container_body.refuse(inputs, client.api_version)
        identity = _create(client, inputs)
        try:
            _prepare(client, identity, inputs)
            if inputs.get("start", True):
                _start(client, identity)
                if inputs.get("wait"):
                    self._wait_healthy(client, identity, inputs.get("waitTimeout", 60))
            logs = _attach(client, identity, inputs) if inputs.get("attach") else None
            found = self.read(identity, inputs if logs is None else {**inputs, "containerLogs": logs})
        except PluginError as error:
            raise PartialError(State(identity, inputs), str(error)) from None
        if found is None:
            raise PluginError(f"container {inputs['name']} vanished right after its creation")
        return found

    def read(self, identity: str, state: Properties) -> State | None:
        client = self._engine.client()
        try:
            container = client.inspect_container(identity)
        except docker.errors.NotFound:
            return None
        except docker.errors.APIError as error:
            raise PluginError(engine.reason(error)) from None
        return State(container["Id"], container_state.outputs(container, state))

    def update(self, identity: str, old: Properties, new: Properties, request: Request) -> State:
        client = self._engine.client()
        try:
            if not old.get("mustRun", True) and new.get("mustRun", True) and new.get("start", True):
                _start(client, identity)
            if any((old.get(name) or 0) != (new.get(name) or 0) for name in UPDATED):
                _change(client, identity, new)
        except PluginError as error:
            raise PartialError(State(identity, new), str(error)) from None
        return State(identity, {})

    def delete(self, identity: str, state: Properties, request: Request) -> None:
        client = self._engine.client()
        if not state.get("attach"):
            grace = max(int(state.get("destroyGraceSeconds") or 0), 0)
            try:
                client.stop(identity, timeout=grace)
            except docker.errors.APIError as error:
                if not _says(error, "No such container"):
                    raise PluginError(f"Error stopping container {identity}: {engine.reason(error)}") from None
        try:
            client.remove_container(identity, v=bool(state.get("removeVolumes", True)), force=True)
        except docker.errors.APIError as error:
            if not _says(error, "No such container", "is already in progress"):
                raise PluginError(f"Error deleting container {identity}: {engine.reason(error)}") from None
        self._wait_gone(client, identity)

    def _wait_healthy(self, client: Any, identity: str, seconds: float) -> None:
        """Until the engine calls it healthy. A container that exits or turns unhealthy is waited for all the same."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._cancelled.is_set():
            try:
                health = client.inspect_container(identity)["State"].get("Health")
            except docker.errors.APIError as error:
                raise PluginError(f"error inspecting container state: {engine.reason(error)}") from None
            if health is None:
                raise PluginError(
                    "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. "
                    "Please remove the 'wait' argument or add a 'healthcheck' attribute"
                )
            if health["Status"] == "healthy":
                return
            self._cancelled.wait(PAUSE)
        raise PluginError("container failed to be in healthy state")

    def _wait_gone(self, client: Any, identity: str) -> None:
        """The removal may go on after the engine's answer (`rm`, a removal already in progress)."""
        end = time.monotonic() + engine.LONG_SECONDS
        while time.monotonic() < end:
            try:
                client.inspect_container(identity)
            except docker.errors.NotFound:
                return
            except docker.errors.APIError as error:
                raise PluginError(f"Error waiting for container removal '{identity}': {engine.reason(error)}") from None
            if self._cancelled.wait(PAUSE):
                raise PluginError(f"Error waiting for container removal '{identity}': context canceled")


def _create(client: Any, inputs: Properties) -> str:
    try:
        answer = client.create_container_from_config(
            container_body.body(inputs), inputs["name"], inputs.get("platform") or None
        )
    except docker.errors.APIError as error:
        raise PluginError(f"Unable to create container: {engine.reason(error)}") from None
    return str(answer["Id"])


def _prepare(client: Any, identity: str, inputs: Properties) -> None:
    """Networks and files: everything between creation and start."""
    if inputs.get("networksAdvanced"):
        try:
            client.disconnect_container_from_network(identity, "bridge")
        except docker.errors.APIError as error:
            if not _says(error, "is not connected to the network bridge"):
                raise PluginError(f"Unable to disconnect the default network: {engine.reason(error)}") from None
    for network in inputs.get("networksAdvanced") or []:
        body = {"Container": identity, "EndpointConfig": container_body.endpoint(network)}
        try:
            url = client._url("/networks/{0}/connect", network["name"])
            client._raise_for_status(client._post_json(url, data=body))
        except docker.errors.APIError as error:
            raise PluginError(f"Unable to connect to network '{network['name']}': {engine.reason(error)}") from None
    if inputs.get("uploads"):
        uploads.put(client, identity, inputs["uploads"])


def _start(client: Any, identity: str) -> None:
    try:
        client.start(identity)
    except docker.errors.APIError as error:
        raise PluginError(f"Unable to start container: {engine.reason(error)}") from None


def _attach(client: Any, identity: str, inputs: Properties) -> str | None:
    """Wait for the end of the container; its logs if they are asked for."""
    try:
        client.wait(identity, timeout=engine.LONG_SECONDS)
    except (docker.errors.APIError, requests.exceptions.RequestException) as error:
        raise PluginError(f"Unable to wait container end of execution: {engine.reason(error)}") from None
    if not inputs.get("logs"):
        return None
    return bytes(client.logs(identity, stdout=True, stderr=True)).decode(errors="replace")


def _change(client: Any, identity: str, new: Properties) -> None:
    resources = {
        "CpuShares": new.get("cpuShares") or 0,
        "Memory": (new.get("memory") or 0) * shapes.MIB,
        "MemoryReservation": (new.get("memoryReservation") or 0) * shapes.MIB,
        "CpusetCpus": new.get("cpuSet") or "",
        "MemorySwap": container_body.swap(new),
        **container_body.rates(new),
    }
    body = {"RestartPolicy": container_body.restart(new), **resources}
    try:
        client._raise_for_status(client._post_json(client._url("/containers/{0}/update", identity), data=body))
    except docker.errors.APIError as error:
        raise PluginError(f"Unable to update a container: {engine.reason(error)}") from None


def _says(error: docker.errors.APIError, *words: str) -> bool:
    return any(word.lower() in str(error.explanation).lower() for word in words)
