"""The `tls` plugin, stand-in or official."""

import datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from .conftest import Stack

pytestmark = pytest.mark.seconds(30)
PROGRAM = """
    import pulumi, pulumi_tls as tls
    authority = tls.PrivateKey("authority", algorithm="ECDSA", ecdsa_curve="P256")
    own = tls.SelfSignedCert(
        "own", private_key_pem=authority.private_key_pem, is_ca_certificate=True, validity_period_hours=240,
        allowed_uses=["cert_signing", "crl_signing", "digital_signature"], set_subject_key_id=True,
        subject={{"common_name": "exchange", "organization": "FATE"}},
    )
    key = tls.PrivateKey("key", algorithm="RSA", rsa_bits=2048)
    asked = tls.CertRequest(
        "asked", private_key_pem=key.private_key_pem, subject={{"common_name": "{name}"}},
        dns_names=["{name}", "9999.fate.example"], ip_addresses=["10.0.0.7"],
    )
    given = tls.LocallySignedCert(
        "given", cert_request_pem=asked.cert_request_pem, ca_private_key_pem=authority.private_key_pem,
        ca_cert_pem=own.cert_pem, validity_period_hours={hours}, early_renewal_hours={early},
        allowed_uses=["digital_signature", "key_encipherment", "server_auth", "client_auth"],
    )
    pulumi.export("authority", own.cert_pem)
    pulumi.export("certificate", given.cert_pem)
    pulumi.export("request", asked.cert_request_pem)
    pulumi.export("pkcs8", key.private_key_pem_pkcs8)
    pulumi.export("pem", authority.private_key_pem)
    pulumi.export("end", given.validity_end_time)
"""


def program(name: str = "rollsite.example", hours: int = 48, early: int = 12) -> str:
    """The program for a certificate of ``name`` that lasts ``hours`` and is renewed ``early`` hours before."""
    return PROGRAM.format(name=name, hours=hours, early=early)


def test_a_request_is_signed_and_nothing_private_lies_open(stack: "Stack") -> None:
    """A certificate for another name or key, or a key that others can read, makes mutual TLS a decoration."""
    stack.up(program())
    found = stack.outputs()
    authority = x509.load_pem_x509_certificate(found["authority"].encode())
    certificate = x509.load_pem_x509_certificate(found["certificate"].encode())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["rollsite.example", "9999.fate.example"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7"]
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    key = serialization.load_pem_private_key(found["pkcs8"].encode(), None)
    assert found["pkcs8"].startswith("-----BEGIN PRIVATE KEY-----")
    assert key.public_key() == certificate.public_key()
    assert isinstance(serialization.load_pem_private_key(found["pem"].encode(), None), ec.EllipticCurvePrivateKey)
    end = datetime.datetime.fromisoformat(found["end"])
    assert certificate.not_valid_after_utc == end
    exported = stack.export()
    assert "PRIVATE KEY-----" not in exported
    assert "BEGIN CERTIFICATE" in exported
    assert stack.up().touched() == set()


def test_another_name_makes_a_new_certificate_for_the_same_key(stack: "Stack") -> None:
    """A key that changed with every name would break the other side's pinned request."""
    stack.up(program())
    before = stack.outputs()
    result = stack.up(program(name="other.example"))
    assert result.touched() == {"asked", "given"}
    after = stack.outputs()
    assert after["pkcs8"] == before["pkcs8"]
    assert after["certificate"] != before["certificate"]


def test_a_certificate_is_renewed_by_an_up_before_it_expires(stack: "Stack") -> None:
    """Without renewal a federation stops on the day its certificates end, all parties at once."""
    stack.up(program(hours=48, early=12))
    first = stack.outputs()["certificate"]
    assert stack.up(program(hours=48, early=24)).did("given") == ["update"]
    assert stack.outputs()["certificate"] == first
    # Due at once: the next runs make it anew.
    stack.up(program(hours=48, early=49))
    result = stack.up()
    assert result.changes("given") == {"readyForRenewal": "update-replace"}
    assert stack.outputs()["certificate"] != first


@pytest.mark.parametrize(("old", "new", "word"), [("P256", "P999", "P256"), ("server_auth", "serving", "server_auth")])
def test_words_that_do_not_exist_are_refused_in_the_preview(stack: "Stack", old: str, new: str, word: str) -> None:
    """A misspelled use would give a certificate that every handshake refuses."""
    stack.write(program().replace(old, new))
    assert word in stack.preview(ok=False).text
