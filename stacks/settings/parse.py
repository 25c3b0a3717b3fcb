"""From a configuration as it was given to settings, or to everything that is wrong with it."""

import json
from collections.abc import Collection, Mapping
from typing import Final

import pydantic
from pydantic_core import ErrorDetails

from . import checks, problems, stack, vocabulary
from .given import Given


class Invalid(ValueError):
    """The configuration cannot be used; ``problems`` says why, in the order of their keys."""

    def __init__(self, found: Collection[problems.Problem]) -> None:
        self.problems = tuple(sorted(set(found)))
        super().__init__("\n".join(map(str, self.problems)))


_FIELDS: Final = {field.alias or name: field for name, field in stack.StackSettings.model_fields.items()}

SECTIONS: Final = frozenset(
    {key for key, field in _FIELDS.items() if any(problems.models(field.annotation))}
    | {*vocabulary.LATER} - {"transport"}
)
"""Keys that hold a map."""

KEYS: Final = (*_FIELDS, *vocabulary.LATER)
"""Every key of the public interface."""

_STAND_IN: Final[Mapping[str, object]] = {"partyId": 1, "backend": vocabulary.Backend.EGGROLL}
"""Stand for required keys that are missing or wrong, while the other keys are looked at."""


def parse(raw: Mapping[str, object], stack_name: str, secret: Collection[str] = ()) -> stack.StackSettings:
    """The settings in ``raw``, the configuration of the stack ``stack_name``.

    ``raw`` has every key that is set, without its namespace; sections are maps or JSON text. ``secret`` names the keys
    that hold a secret anywhere in them. Raises ``Invalid`` with every mistake; no message has a secret in it.
    """
    found: list[problems.Problem] = []
    given = _decoded(raw, found)
    found += [problems.unknown([key], KEYS, stack.StackSettings) for key in raw if key not in KEYS]
    wording = problems.Wording(stack.StackSettings, frozenset(secret))
    known = {key: value for key, value in given.items() if key in _FIELDS}
    settings, errors = _validated(known)
    told = {problem.path for problem in found}
    faulty = frozenset(str(error["loc"][0]) for error in errors) | told
    found += [wording.problem(error) for error in errors if _concerns(error, given, told)]
    if settings is None:
        sound = {key: value for key, value in known.items() if key not in faulty}
        settings = stack.StackSettings.model_validate({**_STAND_IN, **sound}, by_name=False, by_alias=True)
    context = Given(given, settings, faulty, frozenset(secret), stack_name)
    found += [problem for check in checks.ALL for problem in check(context)]
    if found:
        raise Invalid(checks.told_once(found))
    return settings


def _decoded(raw: Mapping[str, object], found: list[problems.Problem]) -> dict[str, object]:
    """``raw`` with sections as maps and without what is empty: the project file declares keys with empty defaults."""
    given: dict[str, object] = {}
    for key, text_or_value in raw.items():
        value = _json(text_or_value) if key in SECTIONS else text_or_value
        if key in SECTIONS and value not in (None, "") and not isinstance(value, Mapping):
            text = f"expects a map of keys; set one with: pulumi config set --path {problems.key(key)}.<key> <value>"
            found.append(problems.Problem(key, text))
        elif key in KEYS and key not in SECTIONS and isinstance(value, Mapping | list):
            text = f"expects one value; set it with: pulumi config set {problems.key(key)} <value>"
            found.append(problems.Problem(key, text))
        elif value not in (None, "", {}):
            given[key] = value
    return given


def _concerns(error: ErrorDetails, given: Mapping[str, object], told: Collection[str]) -> bool:
    """Whether ``error`` is worth a line: a missing key is not when its role has none, or when it is told already."""
    if error["type"] != "missing" or len(error["loc"]) > 1:
        return True
    return given.get("role") != vocabulary.Role.EXCHANGE and error["loc"][0] not in told


def _json(value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _validated(given: Mapping[str, object]) -> tuple[stack.StackSettings | None, list[ErrorDetails]]:
    try:
        return stack.StackSettings.model_validate(given, by_alias=True, by_name=False), []
    except pydantic.ValidationError as error:
        return None, error.errors(include_url=False)
