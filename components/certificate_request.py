"""What a request for a certificate asks to have signed, read before anything is."""

import dataclasses
import ipaddress
import re
import typing
from collections.abc import Collection, Iterator

if typing.TYPE_CHECKING:
    from cryptography import x509

_PEM = re.compile(r"\s*-----BEGIN CERTIFICATE REQUEST-----[^-]*-----END CERTIFICATE REQUEST-----\s*")
"""One and no other text: of several, whoever signs might read another than is read here."""
_REMEDY = "ask its operator for a new link: pulumi stack output link --json"


class Refused(ValueError):
    """The request is not one to sign; the message says why, and the remedy."""


@dataclasses.dataclass(frozen=True)
class Names:
    """Everything that a certificate made from a request would call its holder."""

    common: tuple[str, ...]
    others: tuple[str, ...]
    """Host names and addresses; a name of any other kind stands here with its kind (``RFC822Name a@b.example``)."""


def read(request: str) -> Names:
    """The names in ``request``, a PEM text. ``Refused`` when it is no request, or not made with the key in it."""
    asked = _load(request)
    from cryptography import x509

    try:
        common = tuple(str(each.value) for each in asked.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME))
        listed = [each.value for each in asked.extensions if isinstance(each.value, x509.SubjectAlternativeName)]
    except ValueError:
        raise Refused(f"is no request for a certificate; {_REMEDY}") from None
    return Names(common, tuple(name for names in listed for name in _names(names)))


def check(request: str, *, site: str, names: Collection[str]) -> None:
    """Make sure that ``request`` asks for nothing but the names of ``site``: else one site could pass for another.

    ``names``: host names and addresses by which others dial the site. Raises ``Refused``.
    """
    asked = read(request)
    if asked.common != (site,):
        called = ", ".join(asked.common) or "nobody"
        raise Refused(f"asks for a certificate of {called}, and {site} alone is its own name; {_REMEDY}")
    own = {_plain(each) for each in (site, *names)}
    foreign = sorted({each for each in asked.others if _plain(each) not in own})
    if foreign:
        raise Refused(f"asks for a certificate of {', '.join(foreign)}, which is not {site}'s to have; {_REMEDY}")


def has_key_of(certificate: str, request: str) -> bool:
    """Whether ``certificate``, a PEM text, is for the key that ``request`` was made with."""
    from cryptography import x509

    try:
        holder = x509.load_pem_x509_certificate(certificate.encode())
        return holder.public_key() == _load(request).public_key()
    except (Refused, ValueError):
        return False


def _load(request: str) -> "x509.CertificateSigningRequest":
    # Loaded where it is needed: a site that signs for nobody starts without it.
    from cryptography import exceptions, x509

    try:
        if _PEM.fullmatch(request):
            loaded = x509.load_pem_x509_csr(request.encode())
            if loaded.is_signature_valid:
                return loaded
    except (ValueError, exceptions.UnsupportedAlgorithm):
        pass
    raise Refused(f"is no request for a certificate; {_REMEDY}")


def _names(listed: "x509.SubjectAlternativeName") -> Iterator[str]:
    from cryptography import x509

    for name in listed:
        known = isinstance(name, x509.DNSName | x509.IPAddress)
        yield str(name.value) if known else f"{type(name).__name__} {name.value}"


def _plain(name: str) -> str:
    """``name`` in one spelling."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower().rstrip(".")
