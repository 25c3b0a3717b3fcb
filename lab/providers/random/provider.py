"""Random values that live in the state: drawn once, drawn anew whenever an input changes."""

from .. import plugin, values
from . import resources

VERSION = "4.21.4"
"""The official release whose behaviour this imitates."""


class RandomPlugin(plugin.Plugin):
    """All resources are alike: create draws, any change replaces, read and delete touch nothing."""

    def __init__(self) -> None:
        super().__init__(VERSION)

    def configure(self, config: values.Properties) -> None:
        """There is nothing to configure."""

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
        failures += _mistyped(kind, given) or _out_of_range(request, given)
        return plugin.Checked(given, tuple(failures))

    def diff(self, request: plugin.Request) -> plugin.Difference:
        kind = _resource(request)
        wanted = _with_defaults(kind, request.inputs)
        changes: dict[str, plugin.Change] = {}
        for key in kind.inputs:
            old, new = values.reveal(request.state.get(key)), values.reveal(wanted.get(key))
            if key == "keepers":
                old, new = _without_nulls(old), _without_nulls(new)
            if old == new or key in request.ignore:
                continue
            sort = plugin.Kind.ADD if old is None else plugin.Kind.DELETE if new is None else plugin.Kind.UPDATE
            changes[key] = plugin.Change(sort, replace=True)
        return plugin.Difference(changes=changes)

    def create(self, request: plugin.Request) -> plugin.State:
        kind = _resource(request)
        inputs = _with_defaults(kind, request.inputs)
        if request.preview:
            return plugin.State("", inputs | dict.fromkeys(kind.outputs, values.UNKNOWN))
        identity, drawn = kind.draw(values.reveal(inputs))
        sealed = {key: values.Secret(value) if key in kind.secret else value for key, value in drawn.items()}
        return plugin.State(identity, inputs | sealed)

    def read(self, request: plugin.Request) -> plugin.State | None:
        if not request.state:
            raise plugin.PluginError(f"importing {request.type} is not supported by the stand-in plugin")
        return plugin.State(request.id, request.state)

    def update(self, request: plugin.Request) -> plugin.State:
        computed = {key: value for key, value in request.state.items() if key not in _resource(request).inputs}
        return plugin.State(request.id, _with_defaults(_resource(request), request.inputs) | computed)

    def delete(self, request: plugin.Request) -> None:
        """Nothing exists outside the state."""


def _resource(request: plugin.Request) -> resources.Resource:
    try:
        return resources.RESOURCES[request.type]
    except KeyError:
        raise plugin.PluginError(f"unrecognized resource type: {request.type}") from None


def _with_defaults(kind: resources.Resource, inputs: values.Properties) -> values.Properties:
    """Inputs with defaults; `number` is the old name of `numeric`, and both always say the same."""
    complete = {**kind.defaults, **inputs}
    if "numeric" in kind.inputs:
        numeric = inputs.get("numeric", inputs.get("number", True))
        complete.update(number=numeric, numeric=numeric)
    return complete


def _without_nulls(keepers: values.Value) -> values.Value:
    return {key: value for key, value in (keepers or {}).items() if value is not None} or None


def _mistyped(kind: resources.Resource, given: values.Properties) -> list[plugin.Failure]:
    failures = []
    for key, value in given.items():
        wanted, plain = kind.inputs.get(key), values.reveal(value)
        if wanted is None or values.has_unknown(plain):
            continue
        if not isinstance(plain, wanted) or (wanted is int and isinstance(plain, bool)):
            failures.append(plugin.Failure(key, f"expected {wanted.__name__}, got {type(plain).__name__}"))
    return failures


def _out_of_range(request: plugin.Request, given: values.Properties) -> list[plugin.Failure]:
    plain = values.reveal(given)
    if "length" not in plain or values.has_unknown(plain):
        return []
    least = 1 if "randomPet" not in request.type else 0
    if plain["length"] < least:
        return [plugin.Failure("length", f"Attribute length value must be at least 1, got: {plain['length']}")]
    total = sum(plain.get(key, 0) for key in ("minUpper", "minLower", "minNumeric", "minSpecial"))
    if plain["length"] < total:
        reason = "Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special"
        return [plugin.Failure("length", f"{reason}, got: {plain['length']}")]
    flags = [plain.get(key) for key in ("upper", "lower", "special")] + [plain.get("numeric", plain.get("number"))]
    if "upper" in _resource(request).inputs and flags == [False] * 4:
        return [
            plugin.Failure(
                "special", "At least one attribute out of [special,upper,lower,numeric] must be specified as true"
            )
        ]
    return []
