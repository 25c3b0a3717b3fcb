"""Links of sites that do not exist, for what a site makes of its neighbours."""

import asyncio
import base64
import datetime
import hashlib
import ipaddress
import json
import pathlib
from typing import Any

import pulumi
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from stacks import config, links, neighbours

_SIGNER = ed25519.Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def _certificate(holder: ed25519.Ed25519PublicKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fate-9999")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder(name, name, holder, 1, start, start + datetime.timedelta(days=36500))
    return made.sign(_SIGNER, None).public_bytes(serialization.Encoding.PEM).decode()


PEM = _certificate(_SIGNER.public_key())
"""Some certificate."""


def request(common: str, *names: str, seed: int = 0) -> str:
    """What a site called ``common`` asks to have signed; the same text each time, for one ``seed`` of its key."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    others = [x509.IPAddress(ipaddress.ip_address(each)) for each in names if _is_ip(each)]
    hosts = [x509.DNSName(each) for each in names if not _is_ip(each)]
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
    asked = x509.CertificateSigningRequestBuilder(subject)
    if names:
        asked = asked.add_extension(x509.SubjectAlternativeName([*hosts, *others]), critical=False)
    return asked.sign(key, None).public_bytes(serialization.Encoding.PEM).decode()


def certificate(name: str) -> str:
    """What looks like a certificate, with ``name`` in it; the same text each time."""
    body = base64.b64encode(name.encode()).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def for_request(asked: str) -> str:
    """A certificate for the key that ``asked`` was made with."""
    holder = x509.load_pem_x509_csr(asked.encode()).public_key()
    assert isinstance(holder, ed25519.Ed25519PublicKey)
    return _certificate(holder)


def digest(asked: str) -> str:
    """By which a link says what was signed."""
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def party(number: int, **changes: Any) -> links.Link:
    """The link of an eggroll party."""
    told: dict[str, Any] = {
        "role": "party",
        "stack": f"organization/fate/party-{number}",
        "site": f"fate-{number}",
        "party_id": number,
        "fate_version": "1.11.2",
        "transport": "rollsite",
        "endpoints": {"rollsite": links.LinkEndpoint(host=f"party-{number}.example", port=9370)},
    }
    return links.Link(**{**told, **changes})


def exchange(**changes: Any) -> links.Link:
    """The link of an exchange of eggroll parties that knows party 9999."""
    told: dict[str, Any] = {
        "role": "exchange",
        "stack": "organization/fate/exchange",
        "site": "fate-exchange",
        "fate_version": "1.11.2",
        "transport": "rollsite",
        "endpoints": {"rollsite": links.LinkEndpoint(host="exchange.example", port=9371)},
        "parties": {9999: links.Known(stack="organization/fate/party-9999")},
    }
    return links.Link(**{**told, **changes})


def on_disk(folder: pathlib.Path, **given: links.Link) -> dict[str, Any]:
    """References by file to ``given`` links: ``exchange``, or ``p10000`` for a party."""
    found: dict[str, Any] = {}
    for name, link in given.items():
        file = folder / f"{name}.json"
        file.write_text(json.dumps(link.exported()))
        found[name.removeprefix("p")] = {"file": str(file)}
    return found


def load(stack: str, **settings: Any) -> neighbours.Site:
    """The site that ``settings`` describe; ``pulumi.RunError`` with every mistake."""
    return asyncio.run(config.load(settings, stack))


def refusals(stack: str, **settings: Any) -> list[str]:
    """The lines that ``settings`` are answered with; none when they are good."""
    try:
        load(stack, **settings)
    except pulumi.RunError as error:
        return [line.strip() for line in str(error).splitlines()[1:]]
    return []
