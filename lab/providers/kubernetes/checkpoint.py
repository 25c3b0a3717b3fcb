"""What is kept in the state of a resource: the live object, the inputs it was made from, and who manages its fields."""

from typing import Any

from .. import values
from . import objects

INPUTS = "__inputs"
INITIAL_API_VERSION = "__initialApiVersion"
FIELD_MANAGER = "__fieldManager"
_DASHED = {
    f"x_kubernetes_{name}": f"x-kubernetes-{name.replace('_', '-')}"
    for name in (
        "embedded_resource",
        "int_or_string",
        "list_map_keys",
        "list_type",
        "map_type",
        "preserve_unknown_fields",
        "validations",
    )
}
_UNDERSCORED = {dashed: name for name, dashed in _DASHED.items()}


def from_properties(properties: values.Properties) -> objects.Object:
    """The object behind a resource's properties: no secret marks, no nulls, Kubernetes' own field names."""
    result: objects.Object = _rename(values.reveal(objects.without_nulls(properties)), _DASHED)
    return result


def to_properties(obj: objects.Object, inputs: values.Properties) -> values.Properties:
    """``obj`` as properties, secret wherever ``inputs`` are secret, and in every Secret."""
    result: values.Properties = _rename(obj, _UNDERSCORED)
    return seal(result, inputs)


def write(
    inputs: objects.Object, live: objects.Object, secrets: values.Properties, api_version: str, manager: str
) -> values.Properties:
    """The state of a resource; ``secrets`` says which of its values are secret."""
    state = to_properties(live, secrets)
    state[INPUTS] = to_properties(inputs, secrets)
    state[INITIAL_API_VERSION] = api_version
    state[FIELD_MANAGER] = manager
    return state


def read(state: values.Properties) -> tuple[objects.Object, objects.Object]:
    """Inputs and live object out of a state; the live one keeps the private keys, as the official plugin's does."""
    live = from_properties(state)
    inputs = live.pop(INPUTS, {})
    return inputs, live


def seal(properties: values.Properties, inputs: values.Properties) -> values.Properties:
    """``properties`` with secret marks: where ``inputs`` have them, and on the data of every Secret."""
    if properties.get("kind") == "Secret":
        return {
            key: values.Secret(values.reveal(item)) if key in ("data", "stringData") else item
            for key, item in properties.items()
        }
    return {key: _seal(item, inputs.get(key)) for key, item in properties.items()}


def _seal(value: Any, like: Any) -> Any:
    if isinstance(value, dict) and isinstance(like, dict | None):
        return seal(value, like or {})
    return values.mark(value, like)


def _rename(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    return value
