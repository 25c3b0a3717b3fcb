"""Requests for certificates, made by a library that is not the program's: no site gets another's name signed."""

import base64
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from components import certificate_request
from components.certificate_request import Names, Refused, check, read

pytestmark = pytest.mark.unit
SITE = "fate-9999"
OWN = ("9999.fate.internal", "fate.bank.example", "203.0.113.7", "2001:db8::7")


def request(common: tuple[str, ...] = (SITE,), others: tuple[x509.GeneralName, ...] = ()) -> str:
    """A request in PEM; empty names are left out, as other tools leave them out."""
    subject = [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "FATE")]
    subject += [x509.NameAttribute(x509.NameOID.COMMON_NAME, name) for name in common]
    builder = x509.CertificateSigningRequestBuilder(x509.Name(subject))
    builder = builder.add_extension(x509.KeyUsage(True, *[False] * 8), critical=True)
    if others:
        builder = builder.add_extension(x509.SubjectAlternativeName(others), critical=False)
    made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def names(*given: str) -> tuple[x509.GeneralName, ...]:
    """Host names and addresses as a request bears them."""
    return tuple(
        x509.IPAddress(ipaddress.ip_address(each)) if ":" in each or each[-1].isdigit() else x509.DNSName(each)
        for each in given
    )


def test_names_are_read_as_they_stand() -> None:
    """A name that is overlooked is a name that is signed."""
    assert read(request(others=names(*OWN))) == Names((SITE,), OWN)
    assert read(request(("a", "b"))) == Names(("a", "b"), ())
    many = tuple(f"host-{number}.example" for number in range(200))
    assert read(request(others=names(*many))).others == many, "lengths of several bytes"


def test_a_site_gets_its_own_names() -> None:
    """A site whose own names are refused never meets anybody."""
    check(request(others=names(*OWN)), site=SITE, names=OWN)
    check(request(others=names("FATE.bank.example")), site=SITE, names=OWN)
    check(request(others=names("2001:db8:0::7")), site=SITE, names=OWN)
    check(request(), site=SITE, names=())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (request(("fate-10000",)), "of fate-10000, and fate-9999 alone"),
        (request((SITE, "fate-10000")), "of fate-9999, fate-10000"),
        (request(()), "of nobody"),
        (request(others=names(*OWN, "10000.fate.internal")), "of 10000.fate.internal, which is not fate-9999's"),
        (request(others=names("*.fate.internal")), r"of \*\.fate\.internal"),
        (request(others=names("203.0.113.8")), r"of 203\.0\.113\.8"),
        (request(others=(x509.UniformResourceIdentifier("spiffe://x"),)), "of UniformResourceIdentifier spiffe://x"),
        (request(others=(x509.RFC822Name("a@b.example"),)), "of RFC822Name a@b.example"),
    ],
)
def test_another_s_name_is_never_signed(asked: str, said: str) -> None:
    """Whoever has another site's name in a certificate is sent that site's data."""
    with pytest.raises(Refused, match=said + r".*pulumi stack output link"):
        check(asked, site=SITE, names=OWN)


def broken() -> list[str]:
    """Texts that are no requests, some of them nearly."""
    body = base64.b64decode("".join(request().splitlines()[1:-1]))

    def pem(data: bytes) -> str:
        text = base64.b64encode(data).decode()
        return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n"

    both = request() + request(others=names("10000.fate.internal"))
    long, endless = pem(b"\x3f\x81\x02" + body[1:]), pem(b"\x30\x80" + body[4:])
    return [
        both,
        long,
        endless,
        "",
        "nothing",
        pem(b""),
        pem(body[:40]),
        pem(body[:-1]),
        pem(body + b"\x30\x03"),
        pem(b"\x30\x84"),
        pem(b"\x02\x01\x05"),
    ]


@pytest.mark.parametrize("text", broken())
def test_what_is_no_request_is_refused_in_words(text: str) -> None:
    """A link that was cut on its way must not end in a traceback."""
    with pytest.raises(certificate_request.Refused, match="is no request for a certificate"):
        check(text, site=SITE, names=OWN)
