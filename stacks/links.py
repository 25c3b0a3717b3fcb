"""The contract between stacks: what a site tells others about itself.

One model writes the ``link`` output and reads it, whether it comes by stack reference or as a file.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import pydantic
from pydantic import alias_generators

Transport = Literal["rollsite", "rabbitmq", "pulsar"]
"""What carries a site's traffic to others."""
VERSION: Final = 1
"""Of the contract: a reader refuses one that it does not know rather than misread it."""
_REMEDY = "ask its operator for a new one: pulumi stack output link --json"


class Unreadable(ValueError):
    """What was given is no link that can be used; the message says why, and the remedy."""


class _Contract(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        alias_generator=alias_generators.to_camel,
        validate_by_name=True,
        use_attribute_docstrings=True,
    )


class LinkEndpoint(_Contract):
    """Where others dial one service of the site."""

    host: str | None = None
    """``None`` while the site has no address that others can dial."""
    port: Annotated[int, pydantic.Field(ge=1, le=65535)] | None = None
    """``None`` while the platform has not assigned one."""
    tls: bool = False
    """Whether the service expects mutual TLS."""


class Admitted(_Contract):
    """What a site has signed for another."""

    certificate: str
    """PEM of the certificate for the other's key."""
    anchor: str
    """PEM of the signing certificate that only the other has one from."""


class Link(_Contract):
    """A site, as others know it. Nothing in it is secret."""

    version: Literal[1] = 1
    role: Literal["party", "exchange"]
    site: str
    """Name of the site (``fate-9999``), for messages."""
    party_id: int | None = None
    """``None`` for an exchange."""
    fate_version: str
    transport: Transport
    """Sites link only where this is the same."""
    endpoints: dict[str, LinkEndpoint]
    """Service name to address."""
    domain: str | None = None
    """DNS domain below which an exchange knows brokers, as ``<partyId>.<domain>``; ``None``: it routes none."""
    certificate_request: str | None = None
    """PEM; ``None``: the site asks for no certificate."""
    trust_anchors: tuple[str, ...] = ()
    """PEM certificates that the site's own are signed with."""
    parties: dict[int, Admitted | None] = pydantic.Field(default_factory=dict)
    """Parties that the site knows, with what it signed for each; ``None``: it waits for that party's request."""

    def exported(self) -> dict[str, Any]:
        """The link as plain JSON data in camelCase, the form in which it travels, sealed against slips."""
        data: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        return {**data, "digest": _digest(data)}


def read(given: object) -> Link:
    """The link in ``given``, JSON text or data. Raises ``Unreadable``."""
    data = _decoded(given)
    version = data.get("version")
    if isinstance(version, int | float) and version > VERSION:
        raise Unreadable(
            f"is a link of version {version:g}, and this program reads version {VERSION}: use a newer program"
        )
    seal = data.pop("digest", None)
    try:
        link = Link.model_validate(data, by_alias=True, by_name=False)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise Unreadable(f"is no link of a site ({key}: {first['msg']}); {_REMEDY}") from None
    if seal != link.exported()["digest"]:
        raise Unreadable(f"was altered after it was written; {_REMEDY}")
    return link


def _decoded(given: object) -> dict[str, Any]:
    if isinstance(given, str | bytes):
        try:
            given = json.loads(given)
        except ValueError:
            raise Unreadable(f"is not JSON; {_REMEDY}") from None
    if not isinstance(given, Mapping):
        raise Unreadable(f"is no link of a site; {_REMEDY}")
    return dict(given)


def _digest(data: Mapping[str, Any]) -> str:
    text = json.dumps({key: value for key, value in data.items() if key != "digest"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
