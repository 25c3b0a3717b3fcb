"""Volumes. Creating one whose name exists takes it over, as the engine does: that is how kept data is found again."""

import threading

import docker.errors

from ..plugin import PluginError, Request, State
from ..values import Properties
from . import engine, shapes, waiting


class Volumes:
    """`docker.Volume`; its id is its name."""

    def __init__(self, connection: engine.Engine, cancelled: threading.Event) -> None:
        self._engine = connection
        self._cancelled = cancelled

    def create(self, inputs: Properties, request: Request) -> State:
        client = self._engine.client()
        body = {
            "Name": inputs.get("name") or "",
            "Driver": inputs.get("driver") or "",
            "DriverOpts": inputs.get("driverOpts") or {},
            "Labels": shapes.label_map(inputs.get("labels")),
        }
        try:
            answer = client._result(client._post_json(client._url("/volumes/create"), data=body), json=True)
        except docker.errors.APIError as error:
            raise PluginError(f"Unable to create volume: {engine.reason(error)}") from None
        found = self.read(answer["Name"], inputs)
        if found is None:
            raise PluginError(f"Unable to create volume: it vanished: {answer['Name']}")
        return found

    def read(self, identity: str, state: Properties) -> State | None:
        try:
            volume = self._engine.client().inspect_volume(identity)
        except docker.errors.NotFound:
            return None
        except docker.errors.APIError as error:
            raise PluginError(f"Unable to inspect volume: {engine.reason(error)}") from None
        outputs = {
            "name": volume["Name"],
            "labels": shapes.label_list(volume.get("Labels")),
            "driver": volume["Driver"],
            "driverOpts": volume.get("Options") or {},
            "mountpoint": volume["Mountpoint"],
        }
        return State(identity, outputs)

    def update(self, identity: str, old: Properties, new: Properties, request: Request) -> State:
        return State(identity, {})

    def delete(self, identity: str, state: Properties, request: Request) -> None:
        client = self._engine.client()

        def attempt() -> str:
            try:
                client.remove_volume(identity, force=True)
            except docker.errors.APIError as error:
                if "volume is in use" in str(error.explanation):
                    return "in_use"
                raise PluginError(engine.reason(error)) from None
            return "removed"

        waiting.removed(attempt, self._cancelled)
