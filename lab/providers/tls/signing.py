"""Keys, requests and certificates, as the official plugin (Go's crypto/x509) makes them."""

import base64
import dataclasses
import datetime
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from ..plugin import PluginError

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_KEY_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("cert_signing", "crl_signing", "encipher_only", "decipher_only"),
)
_EXTENDED: Mapping[str, ObjectIdentifier] = {
    "any_extended": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code_signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email_protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "ipsec_end_system": ObjectIdentifier("1.3.6.1.5.5.7.3.5"),
    "ipsec_tunnel": ObjectIdentifier("1.3.6.1.5.5.7.3.6"),
    "ipsec_user": ObjectIdentifier("1.3.6.1.5.5.7.3.7"),
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
    "ocsp_signing": ExtendedKeyUsageOID.OCSP_SIGNING,
    "microsoft_server_gated_crypto": ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"),
    "netscape_server_gated_crypto": ObjectIdentifier("2.16.840.1.113730.4.1"),
    "microsoft_commercial_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.2.1.22"),
    "microsoft_kernel_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.61.1.1"),
}
USES = (*_KEY_USES, *_EXTENDED)
"""Every word of `allowedUses`."""
_CURVES: Mapping[str, Callable[[], ec.EllipticCurve]] = {
    "P224": ec.SECP224R1,
    "P256": ec.SECP256R1,
    "P384": ec.SECP384R1,
    "P521": ec.SECP521R1,
}
_NAME: Mapping[str, ObjectIdentifier] = {
    "country": NameOID.COUNTRY_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "organizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "province": NameOID.STATE_OR_PROVINCE_NAME,
    "postalCode": NameOID.POSTAL_CODE,
    "commonName": NameOID.COMMON_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
}
"""In the order in which Go writes them."""


_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclasses.dataclass(frozen=True)
class Subject:
    """Whom a request or certificate is for."""

    name: x509.Name
    alternatives: tuple[x509.GeneralName, ...]

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> "Subject":
        """From the inputs `subject`, `dnsNames`, `ipAddresses` and `uris`."""
        given = inputs.get("subject") or {}
        unknown = sorted(set(given) - set(_NAME))
        if unknown:
            raise PluginError(f"subject.{unknown[0]} is not played by the stand-in plugin")
        name = x509.Name([x509.NameAttribute(oid, given[key]) for key, oid in _NAME.items() if given.get(key)])
        try:
            addresses = [ipaddress.ip_address(text) for text in inputs.get("ipAddresses") or []]
        except ValueError as error:
            raise PluginError(f"invalid IP address: {error}") from error
        alternatives: list[x509.GeneralName] = [x509.DNSName(text) for text in inputs.get("dnsNames") or []]
        alternatives += [x509.IPAddress(address) for address in addresses]
        alternatives += [x509.UniformResourceIdentifier(text) for text in inputs.get("uris") or []]
        return cls(name, tuple(alternatives))


@dataclasses.dataclass(frozen=True)
class Issued:
    """A certificate that was just made."""

    identity: str
    outputs: Mapping[str, Any]


def generate(kind: str, bits: int, curve: str) -> Key:
    """A new key."""
    if kind == "RSA":
        return rsa.generate_private_key(65537, bits)
    return ed25519.Ed25519PrivateKey.generate() if kind == "ED25519" else ec.generate_private_key(_CURVES[curve]())


def algorithm(key: Key) -> str:
    """The official word for the key's kind."""
    if isinstance(key, rsa.RSAPrivateKey):
        return "RSA"
    return "ECDSA" if isinstance(key, ec.EllipticCurvePrivateKey) else "ED25519"


def private_forms(key: Key) -> dict[str, str]:
    """The private key as PEM, as PKCS#8, and as OpenSSH writes it (empty for P224, which that does not know)."""
    form, none = serialization.PrivateFormat, serialization.NoEncryption()
    plain = form.PKCS8 if isinstance(key, ed25519.Ed25519PrivateKey) else form.TraditionalOpenSSL

    def written(kind: serialization.PrivateFormat) -> str:
        return key.private_bytes(serialization.Encoding.PEM, kind, none).decode()

    return {
        "privateKeyPem": written(plain),
        "privateKeyPemPkcs8": written(form.PKCS8),
        "privateKeyOpenssh": written(form.OpenSSH) if _known_to_ssh(key) else "",
    }


def public_forms(key: Key) -> dict[str, str]:
    """The public key as PEM and as OpenSSH writes it, and its fingerprints there."""
    public, form = key.public_key(), serialization.PublicFormat
    pem = public.public_bytes(serialization.Encoding.PEM, form.SubjectPublicKeyInfo).decode()
    shown = {"publicKeyPem": pem, "publicKeyOpenssh": "", "publicKeyFingerprintMd5": ""}
    if not _known_to_ssh(key):
        return {**shown, "publicKeyFingerprintSha256": ""}
    openssh = public.public_bytes(serialization.Encoding.OpenSSH, form.OpenSSH).decode() + "\n"
    md5 = serialization.ssh_key_fingerprint(public, hashes.MD5()).hex(":")
    sha = _unpadded(serialization.ssh_key_fingerprint(public, hashes.SHA256()))
    prints = {"publicKeyFingerprintMd5": md5, "publicKeyFingerprintSha256": f"SHA256:{sha}"}
    return {**shown, "publicKeyOpenssh": openssh, **prints}


def private_key(text: str) -> Key:
    """The key in a PEM text."""
    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError) as error:
        raise PluginError(f"Failed to parse private key PEM: {error}") from error
    if not isinstance(key, Key):
        raise PluginError("Failed to parse private key PEM: unsupported key type")
    return key


def request(key: Key, subject: Subject) -> str:
    """A request for a certificate, in PEM."""
    builder = x509.CertificateSigningRequestBuilder(subject.name)
    if subject.alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(subject.alternatives), critical=not subject.name)
    return builder.sign(key, _hash(key)).public_bytes(serialization.Encoding.PEM).decode()


def self_signed(key: Key, subject: Subject, wanted: Mapping[str, Any]) -> Issued:
    """A certificate that vouches for itself."""
    builder = x509.CertificateBuilder(subject_name=subject.name, issuer_name=subject.name, public_key=key.public_key())
    if wanted["setAuthorityKeyId"]:
        if not (wanted["isCaCertificate"] or wanted["setSubjectKeyId"]):
            raise PluginError("Invalid Certificate Authority: Could not determine Authority Key Identifier")
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        builder = builder.add_extension(own, critical=False)
    return _issue(builder, key.public_key(), key, subject, wanted)


def signed(asked: str, key: Key, authority: str, wanted: Mapping[str, Any]) -> Issued:
    """A certificate for the request ``asked``, signed by the authority with its ``key``."""
    try:
        request_ = x509.load_pem_x509_csr(asked.encode())
    except ValueError as error:
        raise PluginError(f"Failed to parse certificate request PEM: {error}") from error
    try:
        issuer = x509.load_pem_x509_certificate(authority.encode())
    except ValueError as error:
        raise PluginError(f"Failed to parse CA certificate PEM: {error}") from error
    if issuer.public_key() != key.public_key():
        raise PluginError("Failed to create certificate: x509: provided PrivateKey doesn't match parent's PublicKey")
    try:
        names = tuple(request_.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        names = ()
    builder = x509.CertificateBuilder(
        subject_name=request_.subject, issuer_name=issuer.subject, public_key=request_.public_key()
    )
    try:
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        pass
    else:
        known = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        builder = builder.add_extension(known, critical=False)
    return _issue(builder, request_.public_key(), key, Subject(request_.subject, names), wanted)


def _issue(
    builder: x509.CertificateBuilder, public: Any, key: Key, subject: Subject, wanted: Mapping[str, Any]
) -> Issued:
    uses, authority = wanted["allowedUses"], wanted["isCaCertificate"]
    if authority and not list(subject.name):
        raise PluginError("Invalid Certificate Subject: Must contain at least one Distinguished Name")
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    end = start + datetime.timedelta(hours=wanted["validityPeriodHours"])
    serial = secrets.randbits(127) + 1
    longest = wanted.get("maxPathLength")
    length = longest if authority and longest is not None and longest >= 0 else None
    builder = builder.serial_number(serial).not_valid_before(start).not_valid_after(end)
    builder = builder.add_extension(x509.BasicConstraints(authority, length), critical=True)
    if authority or wanted["setSubjectKeyId"]:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    if set(uses) & set(_KEY_USES):
        builder = builder.add_extension(_key_usage(uses), critical=True)
    extended = [_EXTENDED[use] for use in uses if use in _EXTENDED]
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    if subject.alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(subject.alternatives), critical=not subject.name)
    pem = builder.sign(key, _hash(key)).public_bytes(serialization.Encoding.PEM).decode()
    times = {"validityStartTime": f"{start:{_TIME}}", "validityEndTime": f"{end:{_TIME}}"}
    return Issued(str(serial), {"certPem": pem, "readyForRenewal": False, **times})


def _key_usage(uses: list[str]) -> x509.KeyUsage:
    agreed = "key_agreement" in uses
    return x509.KeyUsage(
        digital_signature="digital_signature" in uses,
        content_commitment="content_commitment" in uses,
        key_encipherment="key_encipherment" in uses,
        data_encipherment="data_encipherment" in uses,
        key_agreement=agreed,
        key_cert_sign="cert_signing" in uses,
        crl_sign="crl_signing" in uses,
        encipher_only=agreed and "encipher_only" in uses,
        decipher_only=agreed and "decipher_only" in uses,
    )


def _hash(key: Key) -> hashes.SHA256 | None:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def _known_to_ssh(key: Key) -> bool:
    return not (isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP224R1))


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
