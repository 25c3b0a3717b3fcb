"""The kinds of keys and certificates: their inputs, their defaults and how each is made."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping

from ..values import Properties
from . import signing

ALGORITHMS = ("RSA", "ECDSA", "ED25519")
CURVES = ("P224", "P256", "P384", "P521")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource type. `make` gets the inputs with defaults and returns the id and the computed outputs."""

    make: Callable[[Properties], tuple[str, Properties]]
    inputs: Mapping[str, type]
    """Name to Python type of everything the program may write."""
    outputs: tuple[str, ...]
    required: tuple[str, ...] = ()
    defaults: Mapping[str, object] = dataclasses.field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Input to the words it may be (or, for a list, hold)."""
    in_place: tuple[str, ...] = ()
    """Inputs that change without a new resource."""
    secret: tuple[str, ...] = ()
    expires: bool = False
    """Whether it has `validityEndTime`, before which it is made anew."""


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _key(inputs: Properties) -> tuple[str, Properties]:
    key = signing.generate(inputs["algorithm"], inputs["rsaBits"], inputs["ecdsaCurve"])
    made = {**signing.private_forms(key), **signing.public_forms(key)}
    return _digest(made["publicKeyPem"]), made


def _request(inputs: Properties) -> tuple[str, Properties]:
    key = signing.private_key(inputs["privateKeyPem"])
    text = signing.request(key, signing.Subject.of(inputs))
    return _digest(text), {"certRequestPem": text, "keyAlgorithm": signing.algorithm(key)}


def _self_signed(inputs: Properties) -> tuple[str, Properties]:
    key = signing.private_key(inputs["privateKeyPem"])
    issued = signing.self_signed(key, signing.Subject.of(inputs), inputs)
    return issued.identity, {**issued.outputs, "keyAlgorithm": signing.algorithm(key)}


def _locally_signed(inputs: Properties) -> tuple[str, Properties]:
    key = signing.private_key(inputs["caPrivateKeyPem"])
    issued = signing.signed(inputs["certRequestPem"], key, inputs["caCertPem"], inputs)
    return issued.identity, {**issued.outputs, "caKeyAlgorithm": signing.algorithm(key)}


_NAMES = {"subject": dict, "dnsNames": list, "ipAddresses": list, "uris": list}
_CERTIFICATE = {
    "allowedUses": list,
    "validityPeriodHours": int,
    "earlyRenewalHours": int,
    "isCaCertificate": bool,
    "maxPathLength": int,
    "setSubjectKeyId": bool,
}
_CERTIFICATE_DEFAULTS = {"earlyRenewalHours": 0, "isCaCertificate": False, "setSubjectKeyId": False}
_VALIDITY = ("certPem", "readyForRenewal", "validityStartTime", "validityEndTime")
RESOURCES = {
    "tls:index/privateKey:PrivateKey": Resource(
        make=_key,
        inputs={"algorithm": str, "rsaBits": int, "ecdsaCurve": str},
        required=("algorithm",),
        defaults={"rsaBits": 2048, "ecdsaCurve": "P224"},
        choices={"algorithm": ALGORITHMS, "ecdsaCurve": CURVES},
        outputs=(
            *("privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh", "publicKeyPem", "publicKeyOpenssh"),
            *("publicKeyFingerprintMd5", "publicKeyFingerprintSha256"),
        ),
        secret=("privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"),
    ),
    "tls:index/certRequest:CertRequest": Resource(
        make=_request,
        inputs={"privateKeyPem": str, **_NAMES},
        required=("privateKeyPem",),
        outputs=("certRequestPem", "keyAlgorithm"),
        secret=("privateKeyPem",),
    ),
    "tls:index/selfSignedCert:SelfSignedCert": Resource(
        make=_self_signed,
        inputs={"privateKeyPem": str, **_NAMES, **_CERTIFICATE, "setAuthorityKeyId": bool},
        required=("privateKeyPem", "allowedUses", "validityPeriodHours"),
        defaults={**_CERTIFICATE_DEFAULTS, "setAuthorityKeyId": False},
        choices={"allowedUses": signing.USES},
        in_place=("earlyRenewalHours",),
        outputs=(*_VALIDITY, "keyAlgorithm"),
        secret=("privateKeyPem",),
        expires=True,
    ),
    "tls:index/locallySignedCert:LocallySignedCert": Resource(
        make=_locally_signed,
        inputs={"certRequestPem": str, "caPrivateKeyPem": str, "caCertPem": str, **_CERTIFICATE},
        required=("certRequestPem", "caPrivateKeyPem", "caCertPem", "allowedUses", "validityPeriodHours"),
        defaults=_CERTIFICATE_DEFAULTS,
        choices={"allowedUses": signing.USES},
        in_place=("earlyRenewalHours",),
        outputs=(*_VALIDITY, "caKeyAlgorithm"),
        secret=("caPrivateKeyPem",),
        expires=True,
    ),
}
