"""Writes docs/reference.md, the list of every configuration key, from the settings: ``python -m stacks.reference``."""

import ast
import copy
import enum
import inspect
import itertools
import pathlib
import textwrap
import typing
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from . import settings
from .settings import base, problems, quantity, vocabulary

PAGE: Final = pathlib.Path(__file__).parent.parent / "docs" / "reference.md"
"""The page that is kept with the program."""

_HEAD: Final = """\
# Configuration reference

Written from the settings by `python -m stacks.reference`; a test fails when it is out of date.

Every key is in the namespace `fate`. A nested key is set with `--path`:

    pulumi config set fate:partyId 9999
    pulumi config set --path fate:kubernetes.expose LoadBalancer
    pulumi config set --secret --path fate:mysql.password

An amount of CPU is written `500m` or `2` (cores); an amount of memory or disk always has its unit: `512Mi`, `10Gi`.
All mistakes in a configuration are reported together, before anything is planned.
"""

_SHARED: Final = (
    settings.Resources,
    settings.Storage,
    settings.Placement,
    settings.PeerService,
    settings.OperatorService,
    settings.Ingress,
)
"""Sections that many services have: described once."""

_FORMS: Final = (settings.StackReference, settings.LinkFile, settings.Endpoint)


def text() -> str:
    """The whole page."""
    keyed = _keyed(settings.StackSettings)
    sites = {key: field for key, field in keyed.items() if {*problems.models(field.annotation)} & {*_FORMS}}
    scalars = {key: field for key, field in keyed.items() if key not in settings.SECTIONS}
    parts = [_HEAD, "## The site", "", *_table(scalars)]
    for key, field in keyed.items():
        if key in settings.SECTIONS and key not in sites:
            (model,) = problems.models(field.annotation)
            parts += [f"## `{key}`", "", _belonging(key, model.__doc__ or ""), "", *_table({key: field})]
    for shared in _SHARED:
        parts += [f"## {shared.__name__}", "", shared.__doc__ or "", "", *_table(_keyed(shared), "the service's own")]
    parts += ["## Other sites", "", *_table(sites)]
    parts += ["Another site is named in exactly one of three ways.", ""]
    for form in _FORMS:
        parts += [
            form.__doc__ or "",
            "",
            *_table(_keyed(form)),
        ]
    return "\n".join(parts) + "\n"


def _keyed(model: type[base.Model]) -> dict[str, FieldInfo]:
    """The fields by key, each described by the text below it.

    Pydantic would read those texts as well, but from the source in every run of the program.
    """
    keyed = {}
    meanings = _meanings(model)
    for name, field in model.model_fields.items():
        keyed[field.alias or name] = described = copy.copy(field)
        described.description = meanings.get(name)
    return keyed


def _meanings(model: type[base.Model]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, base.Model):
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
            for field, text in itertools.pairwise(definition.body if isinstance(definition, ast.ClassDef) else ()):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                        found[name] = " ".join(words.split())
    return found


def _belonging(key: str, words: str) -> str:
    """``words``, and for which backends, role or platform ``key`` may be set."""
    backends = [f"`{name}`" for name in vocabulary.BACKENDS_OF.get(key, ())]
    homes = [f"backend {problems.joined(backends, 'or')}"] if backends else []
    homes += [f"role `{vocabulary.ROLE_OF[key]}`"] if key in vocabulary.ROLE_OF else []
    homes += [f"platform `{vocabulary.PLATFORM_OF[key]}`"] if key in vocabulary.PLATFORM_OF else []
    return f"{words} Only for {' and '.join(homes)}." if homes else words


def _table(fields: Mapping[str, FieldInfo], required: str = "required") -> list[str]:
    head = ["| key | type | default | meaning |", "|---|---|---|---|"]
    defaults = {key: field.get_default(call_default_factory=True) for key, field in fields.items()}
    return [*head, *(row for key, field in fields.items() for row in _rows(key, field, defaults[key], required)), ""]


def _rows(path: str, field: FieldInfo, default: object, required: str) -> Iterator[str]:
    """A row for one value; for a section, the rows of everything below it, with this section's own defaults."""
    if isinstance(default, base.Model) and not isinstance(default, _SHARED):
        values = default.as_config()
        for key, below in _keyed(type(default)).items():
            yield from _rows(f"{path}.{key}", below, values[key], required)
        return
    missing = default is PydanticUndefined or path in problems.REQUIRED
    shown = required if missing else _shown(default, _type(field))
    homes = [key for key in (*vocabulary.PLATFORM_OF, *vocabulary.ROLE_OF) if "." in key and path.startswith(key)]
    meaning = _belonging(homes[0] if homes else path, field.description or "")
    yield f"| `{path}` | {_type(field)} | {shown} | {meaning} |"
    for model in problems.models(field.annotation):
        if model not in (*_SHARED, *_FORMS):
            for key, below in _keyed(model).items():
                value = below.get_default(call_default_factory=True)
                inside = f"{path}[].{key}" if typing.get_origin(field.annotation) is tuple else f"{path}.{key}"
                yield from _rows(inside, below, value, "required with its section")


def _shown(value: object, kind: str) -> str:
    if isinstance(value, settings.Resources):
        return f"`cpu: {value.cpu:g}`, `memory: {value.memory}Mi`"
    if isinstance(value, settings.Storage):
        return f"`size: {value.size}`"
    if kind == "amount of data" and isinstance(value, int):
        return f"`{quantity.written(value)}`" if value >= 2**10 else f"`{value}Gi`"
    if isinstance(value, base.Model) or value in (None, "", (), {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(field: FieldInfo) -> str:
    kinds = [part.words for part in field.metadata if isinstance(part, base.Kind)]
    return kinds[-1] if kinds else _words(field.annotation)


def _words(annotation: object) -> str:
    """A type as a user calls it."""
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, base.Model):
        if annotation in _SHARED:
            return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
        return "site" if issubclass(annotation, _FORMS) else "map of the keys below"
    if typing.get_origin(annotation) is Literal:
        return ", ".join(f"`{word}`" for word in typing.get_args(annotation))
    kinds = [part.words for part in getattr(annotation, "__metadata__", ()) if isinstance(part, base.Kind)]
    if kinds:
        return kinds[-1]
    parts = [_words(part) for part in typing.get_args(annotation) if part not in (type(None), ...)]
    match typing.get_origin(annotation), parts:
        case (origin, [key, value]) if origin is Mapping:
            return f"map of {key} to {value}"
        case (origin, [item]) if origin is tuple:
            return f"list of {item}"
        case _, [first, *_]:
            return first
        case _:
            return "text"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text(), encoding="utf-8")
