"""The contract between stacks: what a site tells others about itself.

One model writes the ``link`` output and reads it, whether it comes by stack reference or as a file.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import pydantic
from pydantic import alias_generators

from . import pem, settings

VERSION: Final = 1
"""Of the contract: a reader refuses one that it does not know rather than misread it."""
_REMEDY = "ask its operator for a new one: pulumi stack output link --json"


class Unreadable(ValueError):
    """What was given is no link that can be used; the message says why, and the remedy."""


Pem = Annotated[str, pydantic.AfterValidator(pem.certificates)]
"""Certificates in PEM form."""


class _Contract(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        alias_generator=alias_generators.to_camel,
        validate_by_name=True,
    )


class LinkEndpoint(_Contract):
    """Where others dial one service of the site."""

    host: str | None = None
    """``None`` while the site has no address that others can dial."""
    port: Annotated[int, pydantic.Field(ge=1, le=65535)] | None = None
    """``None`` while the platform has not assigned one."""
    tls: bool = False
    """Whether the service expects mutual TLS."""


class Known(_Contract):
    """What a site knows of a party, and has signed for it."""

    stack: str | None = None
    """Full name of the party's stack; ``None``: it was named by its address."""
    certificate: Pem | None = None
    """For the party's key; ``None``: none was asked for, or no request has come yet."""
    signed: str | None = None
    """Digest of the request that the certificate was made from: a party whose names changed asks again."""
    trust_anchors: tuple[Pem, ...] = ()
    """What others are to believe, to know the party by that certificate."""


class Link(_Contract):
    """A site, as others know it. Nothing in it is secret."""

    version: Literal[1] = 1
    role: Literal["party", "exchange"]
    stack: str
    """Full name of the site's stack, ``organization/project/stack``: two stacks with one party id are two parties."""
    site: str
    """Name of the site (``fate-9999``), for messages."""
    party_id: int | None = None
    """``None`` for an exchange."""
    fate_version: str
    transport: settings.Carrier
    """Sites link only where this is the same."""
    endpoints: dict[str, LinkEndpoint]
    """Service name to address."""
    place: str | None = None
    """Digest of the host or cluster that the site runs on: addresses that only reach it are good for sites there.
    ``None``: unknown."""
    domain: str | None = None
    """DNS domain of the names in certificates, ``<partyId>.<domain>`` and ``<site>.<domain>``; an exchange's counts for
    its parties. ``None``: the site has no certificate."""
    certificate_request: str | None = None
    """PEM; ``None``: the site asks for no certificate."""
    trust_anchors: tuple[Pem, ...] = ()
    """What the site's own certificate is, or may be, signed with."""
    parties: dict[int, Known] = pydantic.Field(default_factory=dict)
    """Parties that the site dials: those of an exchange, or the direct peers of a party."""
    exchange: str | None = None
    """Full name of the stack of the exchange that a party uses, or ``host:port`` of one that it knows no more of;
    ``None``: it uses none."""

    @pydantic.model_validator(mode="after")
    def _is_called_after_itself(self) -> "Link":
        party = f"fate-{self.party_id}" if self.role == "party" else None
        numbered = re.fullmatch(r"fate-[0-9]+", self.site)
        if (self.party_id is None) is (self.role == "party") or self.site != (party or self.site):
            raise ValueError(f"a {self.role} cannot be {self.site}")
        if self.role == "exchange" and numbered:
            raise ValueError(f"an exchange cannot be {self.site}")
        return self

    def exported(self) -> dict[str, Any]:
        """The link as plain JSON data in camelCase, the form in which it travels, sealed against slips.

        What is ``None`` is left out: a stack reference loses it on the way, and a file does not.
        """
        data: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_none=True)
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
        key = ".".join(map(str, first["loc"])) or "site"
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
