"""What every settings model shares: its strictness, its names in the configuration, and its scalar types.

``pulumi config set`` writes most scalars as text, so text that spells a number or a truth value is accepted where
one is expected. Nothing else is converted: a conversion that surprises hides a mistake.
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Annotated

import pydantic
from pydantic import alias_generators
from pydantic_core import PydanticCustomError


class Model(pydantic.BaseModel):
    """A part of the settings: immutable, with unknown keys refused and no input repeated in error messages.

    Keys are camelCase in the configuration and snake_case in Python.
    """

    model_config = pydantic.ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        alias_generator=alias_generators.to_camel,
        validate_by_name=True,
    )

    def as_config(self) -> dict[str, object]:
        """The configuration that gives this model: its values by camelCase key."""
        return {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}

    @pydantic.model_validator(mode="before")
    @classmethod
    def _keep_defaults(cls, given: object) -> object:
        """Let a section that is given in part keep the defaults of the rest, which differ from service to service."""
        if not isinstance(given, Mapping):
            return given
        filled = dict(given)
        for name, field in cls.model_fields.items():
            key = field.alias or name
            if isinstance(field.default, Model) and isinstance(given.get(key), Mapping):
                filled[key] = field.default.as_config() | dict(given[key])
        return filled


@dataclasses.dataclass(frozen=True)
class Kind:
    """Put in an annotation: what the reference calls a type whose Python name would not tell a user enough."""

    words: str


def wrong(message: str) -> PydanticCustomError:
    """The error a validator raises: ``message`` says what is wrong and the remedy, never the value itself."""
    return PydanticCustomError("fate", "{message}", {"message": message})


def _integer(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", value):
        return int(value)
    raise wrong("expects a whole number without a leading zero, such as 16")


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    raise wrong("expects true or false")


Integer = Annotated[int, pydantic.BeforeValidator(_integer), Kind("whole number")]
"""A whole number, or text that spells one."""

Flag = Annotated[bool, pydantic.BeforeValidator(_flag), Kind("`true` or `false`")]
"""``true`` or ``false``, or text that spells one of them."""

PortNumber = Annotated[Integer, pydantic.Field(ge=1, le=65535), Kind("port")]
"""A TCP port."""

Seconds = Annotated[Integer, pydantic.Field(ge=1, le=86400), Kind("seconds")]
"""A time span of at most a day."""

_DNS_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

HOST_NAME = re.compile(rf"(?=.{{1,253}}$){_DNS_LABEL}(\.{_DNS_LABEL})*")
"""RFC 1123: what a DNS name may look like; every dotted IPv4 address fits as well."""

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""RFC 1123 label: what Kubernetes takes as the name of a namespace."""
