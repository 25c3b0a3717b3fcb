"""From a configuration as it was given to settings, or to everything that is wrong with it."""

import dataclasses
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

SECTIONS: Final = frozenset(key for key, field in _FIELDS.items() if any(problems.models(field.annotation)))
"""Keys that hold a map."""

KEYS: Final = (*_FIELDS,)
"""Every key of the public interface."""


@dataclasses.dataclass(frozen=True)
class Examined:
    """What could be understood of a configuration, and everything that is wrong with it."""

    settings: stack.StackSettings
    """In these a faulty key has its default."""
    problems: tuple[problems.Problem, ...]
    faulty: frozenset[str]
    """Top-level keys that are missing or wrong: nothing further can be said about them."""


def parse(raw: Mapping[str, object], stack_name: str, secret: Collection[str] = ()) -> stack.StackSettings:
    """The settings in ``raw``, as ``examine`` finds them. Raises ``Invalid`` with every mistake."""
    examined = examine(raw, stack_name, secret)
    if examined.problems:
        raise Invalid(examined.problems)
    return examined.settings


def examine(raw: Mapping[str, object], stack_name: str, secret: Collection[str] = ()) -> Examined:
    """The settings in ``raw``, the configuration of the stack ``stack_name``, and all mistakes in it.

    ``raw`` has every key that is set, without its namespace; sections are maps or JSON text. ``secret`` names the keys
    that hold a secret anywhere in them. No message has a secret in it.
    """
    found: list[problems.Problem] = []
    given = _decoded(raw, found)
    found += [problems.unknown([key], KEYS, stack.StackSettings) for key in raw if key not in KEYS]
    wording = problems.Wording(stack.StackSettings, frozenset(secret))
    known = {key: value for key, value in given.items() if key in _FIELDS}
    settings, errors = _validated(known)
    told = {problem.path for problem in found}
    faulty = frozenset(str(error["loc"][0]) for error in errors) | told
    found += [wording.problem(error) for error in errors]
    if settings is None:
        sound = {key: value for key, value in known.items() if key not in faulty}
        settings = stack.StackSettings.model_validate(sound, by_name=False, by_alias=True)
    missing = {key for key in vocabulary.REQUIRED[settings.role] if key not in given and key not in told}
    found += [problems.Problem(key, problems.REQUIRED[key]) for key in missing]
    faulty |= missing
    context = Given(given, settings, faulty, frozenset(secret), stack_name)
    found += [problem for check in checks.ALL for problem in check(context)]
    return Examined(_of_role(settings, context), tuple(checks.told_once(found)), faulty)


def _of_role(settings: stack.StackSettings, given: Given) -> stack.StackSettings:
    """``settings`` with what an exchange takes where a party takes another."""
    if not settings.is_exchange or given.has("docker.ports.pulsar"):
        return settings
    ports = settings.docker.ports.model_copy(update={"pulsar": vocabulary.EXCHANGE_PULSAR_PORT})
    return settings.model_copy(update={"docker": settings.docker.model_copy(update={"ports": ports})})


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
