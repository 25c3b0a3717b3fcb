"""The plugin: a bridge's check, diff and bookkeeping around the four kinds of Docker resources."""

import dataclasses
from typing import Any, Protocol

from .. import inputs, plugin, schema, values
from . import container_fields, fields

VERSION = "5.2.0"
"""The official release whose behaviour this imitates."""


class Handler(Protocol):
    """What a resource kind does with the engine; inputs and states are plain, without secret marks."""

    def create(self, inputs: values.Properties, request: plugin.Request) -> plugin.State:
        """Make it; `PartialError` when it exists but is not as asked, `PluginError` when it does not exist."""
        ...

    def read(self, identity: str, state: values.Properties) -> plugin.State | None:
        """What the engine reports, ``None`` when it is gone; fields left out of the outputs keep their state."""
        ...

    def update(
        self, identity: str, old: values.Properties, new: values.Properties, request: plugin.Request
    ) -> plugin.State:
        """Change in place what differs between the recorded outputs and the planned ones."""
        ...

    def delete(self, identity: str, state: values.Properties, request: plugin.Request) -> None:
        """Remove it and wait until it is gone."""
        ...


@dataclasses.dataclass(frozen=True)
class Kind:
    """One resource type as the bridge sees it."""

    fields: schema.Fields
    autoname: bool = True
    delete_first: bool = False
    """Whether a replacement always deletes the old one first; else only when both would have the same name."""


KINDS = {
    "docker:index/container:Container": Kind(container_fields.CONTAINER, delete_first=True),
    "docker:index/network:Network": Kind(fields.NETWORK),
    "docker:index/volume:Volume": Kind(fields.VOLUME),
    "docker:index/remoteImage:RemoteImage": Kind(fields.IMAGE, autoname=False),
}


class DockerPlugin(plugin.Plugin):
    """Containers, networks, volumes and images of one engine."""

    def __init__(self) -> None:
        super().__init__(VERSION)
        self._handlers: dict[str, Handler] = {}

    def configure(self, config: values.Properties) -> None:
        from . import containers, engine, images, networks, volumes  # the docker library: not needed to start

        connection = engine.Engine(engine.Settings.read(config))
        if connection.settings.check and not connection.settings.host.startswith("ssh://"):
            self._must_answer(connection)
        self._handlers = {
            "docker:index/container:Container": containers.Containers(connection, self.cancelled),
            "docker:index/network:Network": networks.Networks(connection, self.cancelled),
            "docker:index/volume:Volume": volumes.Volumes(connection, self.cancelled),
            "docker:index/remoteImage:RemoteImage": images.Images(connection),
        }

    def check(self, request: plugin.Request) -> plugin.Checked:
        kind = _kind(request)
        return inputs.check(request, kind.fields, autoname=kind.autoname)

    def diff(self, request: plugin.Request) -> plugin.Difference:
        kind = _kind(request)
        wanted = _without_ignored(request)
        changes = schema.differences(kind.fields, request.state, wanted)
        replaced = any(change.replace for change in changes.values())
        same_name = inputs.named_by_program(wanted) and values.reveal(wanted["name"]) == request.state.get("name")
        stable = tuple(name for name, field in kind.fields.items() if field.force_new and name not in changes)
        return plugin.Difference(
            changes=changes, delete_before_replace=replaced and (kind.delete_first or same_name), stable=stable
        )

    def create(self, request: plugin.Request) -> plugin.State:
        kind = _kind(request)
        planned = schema.proposed(kind.fields, request.inputs)
        if request.preview:
            return plugin.State("", planned)
        known = {name: value for name, value in planned.items() if not values.is_unknown(value)}
        plain = values.reveal(known)
        try:
            made = self._handler(request).create(plain, request)
        except plugin.PartialError as error:
            raise _partial("creating", request, error, known) from None
        except plugin.PluginError as error:
            raise plugin.PluginError(_problems(str(error))) from None
        return plugin.State(made.id, _sealed({**known, **made.outputs}, request.inputs))

    def read(self, request: plugin.Request) -> plugin.State | None:
        if not request.state:
            raise plugin.PluginError(f"importing {request.type} is not supported by the stand-in plugin")
        kind, known = _kind(request), values.reveal(request.state)
        try:
            found = self._handler(request).read(request.id, known)
        except plugin.PluginError as error:
            raise plugin.PluginError(f"refreshing {request.urn}: {_problems(str(error))}") from None
        if found is None:
            return None
        outputs = _sealed({**known, **found.outputs}, request.state)
        return plugin.State(found.id, outputs, inputs.refreshed(kind.fields, request.inputs, outputs))

    def update(self, request: plugin.Request) -> plugin.State:
        kind = _kind(request)
        wanted = _without_ignored(request)
        planned = schema.proposed(kind.fields, wanted, request.state)
        if request.preview:
            return plugin.State(request.id, planned)
        old, new = values.reveal(request.state), values.reveal(planned)
        try:
            made = self._handler(request).update(request.id, old, new, request)
        except plugin.PartialError as error:
            raise _partial("updating", request, error, planned) from None
        return plugin.State(made.id, _sealed({**planned, **made.outputs}, wanted))

    def delete(self, request: plugin.Request) -> None:
        try:
            self._handler(request).delete(request.id, values.reveal(request.state), request)
        except plugin.PluginError as error:
            raise plugin.PluginError(f"deleting {request.urn}: {_problems(str(error))}") from None

    def _handler(self, request: plugin.Request) -> Handler:
        return self._handlers[request.type]

    @staticmethod
    def _must_answer(connection: Any) -> None:
        if not connection.answers():
            raise plugin.PluginError(
                "docker native provider returned an unexpected error from Configure: "
                f"failed to connect to any docker daemon (host {connection.settings.host})"
            )


def _kind(request: plugin.Request) -> Kind:
    try:
        return KINDS[request.type]
    except KeyError:
        raise plugin.PluginError(f"{request.type} is not supported by the stand-in docker plugin") from None


def _without_ignored(request: plugin.Request) -> values.Properties:
    """The inputs, with the recorded value for every property under `ignoreChanges`."""
    wanted = dict(request.inputs)
    for path in request.ignore:
        top = path.split(".")[0].split("[")[0]
        if top in request.state:
            wanted[top] = request.state[top]
        else:
            wanted.pop(top, None)
    return wanted


def _sealed(outputs: values.Properties, like: values.Properties) -> values.Properties:
    return {name: values.mark(value, like.get(name)) for name, value in outputs.items() if value is not None}


def _problems(text: str) -> str:
    """The bridge's form of an error."""
    return f"1 error occurred:\n\t* {text}\n\n"


def _partial(
    doing: str, request: plugin.Request, error: plugin.PartialError, known: values.Properties
) -> plugin.PartialError:
    outputs = _sealed({**known, **error.state.outputs}, request.inputs)
    return plugin.PartialError(plugin.State(error.state.id, outputs), f"{doing} {request.urn}: {_problems(str(error))}")
