"""Certificates for tests of TLS, made by a library that is not the program's, as its authorities make them."""

import dataclasses
import datetime
import functools
import ipaddress
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

DOMAIN = "fate.internal"
_HOUR = datetime.timedelta(hours=1)


@functools.cache
def _key(whose: str) -> rsa.RSAPrivateKey:
    """Keys take long to make, and only certificates have to differ between tests."""
    return rsa.generate_private_key(65537, 2048)


@dataclasses.dataclass(frozen=True)
class Pair:
    """What a site shows."""

    certificate: str
    key: str
    """PKCS#8."""


@dataclasses.dataclass(frozen=True)
class Anchor:
    """A signing certificate that one site alone has its certificate from; all of an authority's share its key."""

    authority: str
    site: str
    key: str = ""
    """Whose key it is; default: the authority's own."""

    @property
    def pem(self) -> str:
        """What others believe."""
        return _pem(self._certificate)

    @functools.cached_property
    def _certificate(self) -> x509.Certificate:
        name = _name(f"{self.authority} for {self.site}")
        return _signed(name, name, self._own, self._own, [x509.BasicConstraints(ca=True, path_length=None)])

    @property
    def _own(self) -> rsa.RSAPrivateKey:
        return _key(self.key or self.authority)

    def signs(self, *names: str, expired: bool = False, key: str = "site") -> Pair:
        """A certificate of the site for ``names``, host names and addresses, that ends in an hour, or ended one ago."""
        own = _key(key)
        made = self._leaf(names, own, self._certificate.subject, self._own, expired=expired)
        return Pair(_pem(made), written(own, serialization.PrivateFormat.PKCS8))

    def signs_through_another(self, *names: str) -> Pair:
        """The same, with a certificate between it and the anchor."""
        own, between = _key("site"), _key("between")
        subject, authority = _name("between"), x509.BasicConstraints(ca=True, path_length=None)
        middle = _signed(subject, self._certificate.subject, between, self._own, [authority])
        made = self._leaf(names, own, subject, between)
        return Pair(_pem(made) + _pem(middle), written(own, serialization.PrivateFormat.PKCS8))

    def _leaf(
        self,
        names: Sequence[str],
        own: rsa.RSAPrivateKey,
        issuer: x509.Name,
        by: rsa.RSAPrivateKey,
        *,
        expired: bool = False,
    ) -> x509.Certificate:
        alternatives: list[x509.GeneralName] = [
            x509.IPAddress(ipaddress.ip_address(each)) if each[-1].isdigit() else x509.DNSName(each) for each in names
        ]
        extensions: list[x509.ExtensionType] = [
            x509.SubjectAlternativeName(alternatives),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
        ]
        return _signed(_name(self.site), issuer, own, by, extensions, expired=expired)


def written(key: rsa.RSAPrivateKey, form: serialization.PrivateFormat) -> str:
    """``key`` as PEM in that form."""
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def pkcs1(key: str = "site") -> str:
    """The same key as in ``Anchor.signs``, in the form that eggroll and Pulsar cannot read."""
    return written(_key(key), serialization.PrivateFormat.TraditionalOpenSSL)


def _name(common: str) -> x509.Name:
    organization = x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "FATE")
    return x509.Name([organization, x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey,
    by: rsa.RSAPrivateKey,
    extensions: list[x509.ExtensionType],
    *,
    expired: bool = False,
) -> x509.Certificate:
    end = datetime.datetime.now(datetime.UTC) + (-_HOUR if expired else _HOUR)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(end - 3 * _HOUR).not_valid_after(end)
    for each in extensions:
        builder = builder.add_extension(each, critical=isinstance(each, x509.BasicConstraints))
    return builder.sign(by, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
