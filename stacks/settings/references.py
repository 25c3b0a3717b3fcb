"""How a stack names another site: by its stack, by the file it sent, or by its address."""

import re
from typing import Annotated

import pydantic

from . import base, texts, vocabulary


def _stack_name(value: str) -> str:
    if not re.fullmatch(r"[^/\s]+(/[^/\s]+){2}", value):
        raise base.wrong("expects the full name of a stack, organization/project/stack (pulumi stack ls shows it)")
    return value


class StackReference(base.Model):
    """A site whose stack lives in the same state backend."""

    stack: Annotated[str, pydantic.AfterValidator(_stack_name)]
    """Full name of its stack, `organization/project/stack`; the organization of a file backend is `organization`."""


class LinkFile(base.Model):
    """A site of another organisation, which sent the `link` its stack exports."""

    file: Annotated[str, pydantic.Field(min_length=1)]
    """Path of the JSON file."""


class Endpoint(base.Model):
    """A site that is known by its address only."""

    host: texts.ServerHost
    """Host name or IP address to dial."""
    port: base.PortNumber | None = None
    """Port to dial for data: rollsite's (eggroll; required), RabbitMQ's or Pulsar's. Default: 5672 for RabbitMQ, 6650
    for Pulsar, their own, for a site on Docker that chose no other."""
    nginx_port: base.PortNumber = 9300
    """Port of its nginx for HTTP (Spark backends). Default 9300, nginx's own in a FATE site."""
    nginx_grpc_port: base.PortNumber = 9310
    """Port of its nginx for gRPC (Spark backends). Default 9310, likewise."""
    tls: base.Flag = True
    """Whether it is encrypted and both sides prove who they are. Default true: plain text has to be asked for."""
    trust_anchors: texts.Pem | None = None
    """Certificates that the site's own is signed with, in PEM form: the path of a file, or the text. Required with
    `tls`: without, nobody could be told from anybody else."""
    server_name: texts.HostName | None = None
    """Name in the site's certificate. Default: `host`; behind a party's nginx `<partyId>.<domain>`."""
    domain: texts.DomainName | None = None
    """Domain below which an exchange for Pulsar knows brokers, as `<partyId>.<domain>`. Default: `domain` of this
    stack."""


FORMS = {
    "stack": "stack reference",
    "file": "link file",
    **dict.fromkeys(
        ("host", "port", "nginxPort", "nginxGrpcPort", "tls", "trustAnchors", "serverName", "domain"), "endpoint"
    ),
}
"""Key of a reference to the form it makes it."""


def _form(value: object) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, base.Model) else ()
    forms = {FORMS[key] for key in keys if key in FORMS}
    return forms.pop() if len(forms) == 1 else None


SiteReference = Annotated[
    Annotated[StackReference, pydantic.Tag("stack reference")]
    | Annotated[LinkFile, pydantic.Tag("link file")]
    | Annotated[Endpoint, pydantic.Tag("endpoint")],
    pydantic.Discriminator(
        _form,
        custom_error_type="fate",
        custom_error_message=(
            "expects exactly one of {stack: organization/project/stack}, {file: link.json} "
            "or {host: ..., port: ..., tls: ...}"
        ),
    ),
]
"""Exactly one of the three forms."""


def _party_id(value: int) -> int:
    if value in vocabulary.RESERVED_PARTY_IDS:
        raise base.wrong(f"is reserved: {vocabulary.RESERVED_PARTY_IDS[value]}; choose another, from 1 on")
    if not 0 < value <= vocabulary.LARGEST_PARTY_ID:
        raise base.wrong(f"is no party id; choose a whole number from 1 to {vocabulary.LARGEST_PARTY_ID}")
    return value


PartyId = Annotated[base.Integer, pydantic.AfterValidator(_party_id), base.Kind("party id")]
"""Number that a party has in the whole federation."""
