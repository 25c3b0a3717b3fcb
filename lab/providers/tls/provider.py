"""Keys and certificates that live in the state: made anew when an input changes or their time is near."""

import datetime

from .. import plugin, values
from . import resources

VERSION = "5.6.2"
"""The official release whose behaviour this imitates."""


class TlsPlugin(plugin.Plugin):
    """All resources are alike: create makes, most changes replace, delete touches nothing."""

    def __init__(self) -> None:
        super().__init__(VERSION)

    def configure(self, config: values.Properties) -> None:
        """A proxy is the only thing to configure, for data sources that are not played."""

    def check(self, request: plugin.Request) -> plugin.Checked:
        kind = _resource(request)
        given = {key: value for key, value in request.inputs.items() if value is not None}
        failures = [
            plugin.Failure(
                key, f"An argument named {key!r} is not expected here. Examine values at '{request.name}.{key}'."
            )
            for key in given
            if key not in kind.inputs
        ]
        failures += [
            plugin.Failure(key, f"Missing required property '{key}'") for key in kind.required if key not in given
        ]
        return plugin.Checked(given, tuple(failures or _unfit(kind, given)))

    def diff(self, request: plugin.Request) -> plugin.Difference:
        kind = _resource(request)
        wanted = {**kind.defaults, **request.inputs}
        changes: dict[str, plugin.Change] = {}
        for key in kind.inputs:
            old, new = values.reveal(request.state.get(key)), values.reveal(wanted.get(key))
            if (old or None) == (new or None) or key in request.ignore:
                continue
            sort = plugin.Kind.ADD if old is None else plugin.Kind.DELETE if new is None else plugin.Kind.UPDATE
            changes[key] = plugin.Change(sort, replace=key not in kind.in_place)
        if kind.expires and _ready(request.state, wanted) and "readyForRenewal" not in request.ignore:
            changes["readyForRenewal"] = plugin.Change(plugin.Kind.UPDATE, replace=True)
        return plugin.Difference(changes=changes)

    def create(self, request: plugin.Request) -> plugin.State:
        kind = _resource(request)
        inputs = {**kind.defaults, **request.inputs}
        if request.preview:
            return plugin.State("", inputs | dict.fromkeys(kind.outputs, values.UNKNOWN))
        identity, made = kind.make(values.reveal(inputs))
        everything = {**inputs, **made}
        sealed = {key: values.Secret(values.reveal(everything[key])) for key in kind.secret}
        return plugin.State(identity, everything | sealed)

    def read(self, request: plugin.Request) -> plugin.State | None:
        if not request.state:
            raise plugin.PluginError(f"importing {request.type} is not supported by the stand-in plugin")
        state = dict(request.state)
        if _resource(request).expires and _ready(state, state):
            state["readyForRenewal"] = True
        return plugin.State(request.id, state)

    def update(self, request: plugin.Request) -> plugin.State:
        kind = _resource(request)
        computed = {key: value for key, value in request.state.items() if key not in kind.inputs}
        return plugin.State(request.id, {**kind.defaults, **request.inputs} | computed)

    def delete(self, request: plugin.Request) -> None:
        """Nothing exists outside the state."""


def _resource(request: plugin.Request) -> resources.Resource:
    try:
        return resources.RESOURCES[request.type]
    except KeyError:
        raise plugin.PluginError(f"unrecognized resource type: {request.type}") from None


def _unfit(kind: resources.Resource, given: values.Properties) -> list[plugin.Failure]:
    failures = []
    for key, value in given.items():
        wanted, plain = kind.inputs[key], values.reveal(value)
        if values.has_unknown(plain):
            continue
        if not isinstance(plain, wanted) or (wanted is int and isinstance(plain, bool)):
            failures.append(plugin.Failure(key, f"expected {wanted.__name__}, got {type(plain).__name__}"))
            continue
        words = plain if isinstance(plain, list) else [plain]
        wrong = [word for word in words if key in kind.choices and word not in kind.choices[key]]
        if wrong:
            known = ", ".join(f'"{word}"' for word in kind.choices[key])
            failures.append(plugin.Failure(key, f'value must be one of: [{known}], got: "{wrong[0]}"'))
        if isinstance(plain, int) and plain < (-1 if key == "maxPathLength" else 0):
            failures.append(plugin.Failure(key, f"value must be at least 0, got: {plain}"))
    return failures


def _ready(state: values.Properties, wanted: values.Properties) -> bool:
    """Whether the time to make the certificate anew has come."""
    end = values.reveal(state.get("validityEndTime"))
    early = values.reveal(wanted.get("earlyRenewalHours")) or 0
    if not isinstance(end, str) or not isinstance(early, int | float):
        return False
    renewal = datetime.datetime.fromisoformat(end) - datetime.timedelta(hours=early)
    return renewal <= datetime.datetime.now(datetime.UTC)
