"""What is wrong with a configuration, one line a mistake, in words that name the key and the remedy.

A value is repeated only where it cannot be a secret: never from a section that holds one or has a password among its
keys, and never when it is long or has a character that a login in an address has.
"""

import dataclasses
import difflib
import functools
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from . import base, references, vocabulary

_PRIVATE = ("kubeconfig", "annotations", "environment", "config", "affinity")
"""Keys below which a value may be a secret that somebody put there."""
_QUOTE = "in the stack file put it in quotes, or use pulumi config set --type string"

REQUIRED: Mapping[str, str] = {
    "partyId": "is missing; set it to the party's number in the federation: pulumi config set fate:partyId <number>",
    "backend": f"is missing; choose one of {', '.join(vocabulary.Backend)}: pulumi config set fate:backend <it>",
    "transport": f"is missing; choose one of {', '.join(vocabulary.Transport)}: pulumi config set fate:transport <it>",
}
"""What to say of the keys that a role cannot do without."""


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One mistake."""

    path: str
    """Key as the user writes it, without the namespace: ``docker.ports.rollsite``. Empty: no single key is wrong."""
    text: str
    """What is wrong, and the remedy."""

    def __str__(self) -> str:
        return f"{key(self.path)}: {self.text}" if self.path else self.text


def key(path: str) -> str:
    """``path`` as ``pulumi config`` knows it."""
    return f"{vocabulary.NAMESPACE}:{path}"


def joined(words: Iterable[str], last: str) -> str:
    """``words`` as a list in a sentence, with ``last`` before the last of them."""
    *head, tail = words
    return f"{', '.join(head)} {last} {tail}" if head else tail


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` is most likely meant to be."""
    by_letters = {"".join(filter(str.isalnum, name)).lower(): name for name in known}
    found = difflib.get_close_matches("".join(filter(str.isalnum, word)).lower(), by_letters, n=1, cutoff=0.6)
    return by_letters[found[0]] if found else None


def models(annotation: object) -> Iterator[type[base.Model]]:
    """Every model that a value of this type may be, at any depth of unions, mappings and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, base.Model):
        yield annotation
    for part in typing.get_args(annotation):
        yield from models(part)


def unknown(path: Sequence[str], siblings: Sequence[str], model: type[base.Model]) -> Problem:
    """An unknown key, with the known one it may be meant to be: beside it, or the same name elsewhere.

    At the top the same name elsewhere is the likelier one: somebody left out the section.
    """
    here = ".".join(path)
    *parents, name = path
    near = nearest(name, siblings)
    same = list(dict.fromkeys(known for known, _ in fields(model) if known.split(".")[-1] == name))
    if near and (parents or not same):
        return Problem(here, f"unknown key; did you mean {key('.'.join([*parents, near]))}?")
    if same:
        return Problem(here, f"unknown key; did you mean {joined(map(key, same), 'or')}?")
    if len(siblings) <= 12:
        return Problem(here, f"unknown key; remove it, or use one of {', '.join(siblings)}")
    return Problem(here, "unknown key; remove it")


@functools.cache
def fields(model: type[base.Model], prefix: str = "") -> tuple[tuple[str, FieldInfo], ...]:
    """Every field at any depth of ``model``, with its key as a dotted path; not those behind a user's own keys."""
    found: list[tuple[str, FieldInfo]] = []
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        found.append((path, field))
        if typing.get_origin(field.annotation) is not Mapping:
            for part in models(field.annotation):
                found += fields(part, f"{path}.")
    return tuple(found)


@functools.cache
def paths(model: type[base.Model], kind: type[base.Model]) -> tuple[str, ...]:
    """Path of every section of ``model`` that is a ``kind`` or a refinement of it."""
    return tuple(
        path for path, field in fields(model) if any(issubclass(each, kind) for each in models(field.annotation))
    )


@functools.cache
def secrets(model: type[base.Model]) -> tuple[str, ...]:
    """Path of every key of ``model`` that holds a secret."""
    return tuple(path for path, field in fields(model) if _may_be(field.annotation, pydantic.SecretStr))


def _may_be(annotation: object, kind: type) -> bool:
    return annotation is kind or any(_may_be(part, kind) for part in typing.get_args(annotation))


class Wording:
    """Puts pydantic's errors about one configuration into words."""

    def __init__(self, model: type[base.Model], secret: frozenset[str]) -> None:
        self._model = model
        # Where a password is a key, it may stand by mistake in the section around it, and in the one around that.
        around = {path.rsplit(".", 2)[0] for path in secrets(model)}
        self._secret = secret | around

    def problem(self, error: ErrorDetails) -> Problem:
        """The mistake that ``error`` is."""
        location = [part for part in error["loc"] if part not in {"[key]", *references.FORMS.values()}]
        if error["type"] == "extra_forbidden":
            return unknown([str(part) for part in location], self._siblings(location), self._model)
        return Problem(dotted(location), self._text(error, location))

    def _siblings(self, location: Sequence[int | str]) -> list[str]:
        level: list[type[base.Model]] = [self._model]
        for part in location[:-1]:
            named = [
                field for model in level for name, field in model.model_fields.items() if part == (field.alias or name)
            ]
            level = [model for field in named for model in models(field.annotation)] or level
        return [field.alias or name for model in level for name, field in model.model_fields.items()]

    def _text(self, error: ErrorDetails, location: Sequence[int | str]) -> str:
        value, kind, context = error["input"], error["type"], error.get("ctx", {})
        if kind == "missing":
            return "is missing; set it"
        text = _sentence(kind, context, value) or f"{error['msg'][:1].lower()}{error['msg'][1:]}"
        if kind in ("enum", "literal_error") and isinstance(value, str) and self._repeatable(value, location):
            near = nearest(value, re.findall(r"'([^']+)'", str(context["expected"])))
            text += f"; did you mean {near}?" if near else ""
        if isinstance(value, str | int | float) and self._repeatable(value, location):
            return (
                f"{value!r} {text}"
                if text.startswith(("is ", "reaches ", "has ", "belongs "))
                else f"{text} (it is {value!r})"
            )
        return text

    def _repeatable(self, value: object, location: Sequence[int | str]) -> bool:
        parts = [str(part) for part in location]
        above = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        private = not parts or not {*parts}.isdisjoint(_PRIVATE) or not above.isdisjoint(self._secret)
        return not private and re.fullmatch(r"[\w.,:/+-]{1,40}", str(value)) is not None


def _sentence(kind: str, context: Mapping[str, object], value: object) -> str | None:
    if kind == "string_type" and isinstance(value, int | float):
        return f"expects text, not a number or truth value; {_QUOTE}"
    shapes = {
        "string_type": "expects text",
        "model_type": "expects a map of keys",
        "model_attributes_type": "expects a map of keys",
        "dict_type": "expects a map of keys",
        "mapping_type": "expects a map of keys",
        "tuple_type": "expects a list",
        "string_too_short": "expects text that is not empty; give a value or remove the key",
    }
    if kind in ("enum", "literal_error"):
        return f"expects one of {str(context['expected']).replace(chr(39), '').replace(' or ', ', ')}"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = "least" if kind == "greater_than_equal" else "most"
        return f"expects at {bound} {context.get('ge', context.get('le'))}"
    return shapes.get(kind)


def dotted(location: Iterable[int | str]) -> str:
    """``location`` as ``pulumi config set --path`` takes it: ``docker.sshOptions[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")
