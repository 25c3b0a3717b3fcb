"""Networks. Every field can only be changed by a new network."""

import threading
from typing import Any

import docker.errors

from ..plugin import PluginError, Request, State
from ..values import Properties
from . import engine, shapes, waiting


class Networks:
    """`docker.Network`; its id is the engine's."""

    def __init__(self, connection: engine.Engine, cancelled: threading.Event) -> None:
        self._engine = connection
        self._cancelled = cancelled

    def create(self, inputs: Properties, request: Request) -> State:
        client = self._engine.client()
        try:
            answer = client._result(client._post_json(client._url("/networks/create"), data=_body(inputs)), json=True)
        except docker.errors.APIError as error:
            raise PluginError(f"Unable to create network: {engine.reason(error)}") from None
        found = self.read(answer["Id"], inputs)
        if found is None:
            raise PluginError(f"Unable to create network: it vanished: {inputs['name']}")
        return found

    def read(self, identity: str, state: Properties) -> State | None:
        try:
            network = self._engine.client().inspect_network(identity)
        except docker.errors.APIError:
            return None  # whatever the reason: the official plugin takes every error for an absence
        return State(identity, _outputs(network))

    def update(self, identity: str, old: Properties, new: Properties, request: Request) -> State:
        raise PluginError("doesn't support update")

    def delete(self, identity: str, state: Properties, request: Request) -> None:
        client = self._engine.client()

        def attempt() -> str:
            try:
                client.inspect_network(identity)
            except docker.errors.APIError:
                return "removed"
            try:
                client.remove_network(identity)
            except docker.errors.APIError as error:
                if "has active endpoints" in str(error.explanation):
                    return "pending"
                raise PluginError(engine.reason(error)) from None
            return "removed"

        waiting.removed(attempt, self._cancelled)


def _body(inputs: Properties) -> dict[str, Any]:
    ipam: dict[str, Any] = {"Driver": inputs.get("ipamDriver") or "default", "Options": inputs.get("ipamOptions") or {}}
    if inputs.get("ipamConfigs"):
        ipam["Config"] = [
            {
                "Subnet": item.get("subnet") or "",
                "IPRange": item.get("ipRange") or "",
                "Gateway": item.get("gateway") or "",
                "AuxiliaryAddresses": item.get("auxAddress") or {},
            }
            for item in inputs["ipamConfigs"]
        ]
    body = {
        "Name": inputs["name"],
        "Driver": inputs.get("driver") or "bridge",
        "Internal": bool(inputs.get("internal")),
        "Attachable": bool(inputs.get("attachable")),
        "Ingress": bool(inputs.get("ingress")),
        "Labels": shapes.label_map(inputs.get("labels")),
        "Options": inputs.get("options") or {},
        "IPAM": ipam,
    }
    if inputs.get("ipv6"):
        body["EnableIPv6"] = True
    return body


def _outputs(network: dict[str, Any]) -> Properties:
    ipam = network.get("IPAM") or {}
    configs = []
    for item in ipam.get("Config") or []:
        config = {"subnet": item.get("Subnet"), "ipRange": item.get("IPRange"), "gateway": item.get("Gateway")}
        config["auxAddress"] = item.get("AuxiliaryAddresses") or item.get("AuxAddress")
        configs.append({key: value for key, value in config.items() if value})
    return {
        "name": network["Name"],
        "labels": shapes.label_list(network.get("Labels")),
        "driver": network["Driver"],
        "internal": network["Internal"],
        "attachable": network["Attachable"],
        "ingress": network["Ingress"],
        "ipv6": network["EnableIPv6"],
        "ipamDriver": ipam.get("Driver") or "default",
        "ipamOptions": ipam.get("Options") or {},
        "ipamConfigs": configs,
        "options": network.get("Options") or {},
        "scope": network["Scope"],
    }
