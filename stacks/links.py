"""The contract between stacks: what a site tells others about itself.

The model writes the ``link`` output. Nothing reads one yet: when linking arrives, this model will read links too,
whether they come by stack reference or as a file.
"""

from typing import Annotated, Any, Literal

import pydantic
from pydantic import alias_generators

Transport = Literal["rollsite", "rabbitmq", "pulsar"]
"""What carries a site's traffic to others."""


class _Contract(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        frozen=True,
        extra="forbid",
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


class Link(_Contract):
    """A site, as others know it. Nothing in it is secret."""

    version: Literal[1] = 1
    """Version of the contract, so that a reader refuses one it does not know rather than misread it."""
    role: Literal["party", "exchange"]
    party_id: int | None = None
    """``None`` for an exchange."""
    fate_version: str
    transport: Transport
    """Sites link only where this is the same."""
    endpoints: dict[str, LinkEndpoint]
    """Service name to address."""
    certificate_request: str | None = None
    """PEM; ``None``: the site asks for no certificate."""
    trust_anchors: tuple[str, ...] = ()
    """PEM certificates that the site's own are signed with."""

    def exported(self) -> dict[str, Any]:
        """The link as plain JSON data in camelCase, the form in which it travels."""
        data: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        return data
