"""rollsite's TLS in the lab: a real handshake on the secure port, because a log line proves nothing."""

import dataclasses
import datetime
import json
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from components.versions import fate_1_11 as fate
from lab import images
from tests.docker import stand_ins
from tests.docker.stand_ins import Box, Service, ready, run

FOLDER = f"{fate.EGGROLL_HOME}/conf/cert"
_HANDSHAKE = """
import socket, ssl, sys
context = ssl.create_default_context(cafile="conf/cert/ca.pem")
if "with" in sys.argv:
    context.load_cert_chain("conf/cert/server.crt", "conf/cert/server.key")
with context.wrap_socket(socket.create_connection(("127.0.0.1", 9371)), server_hostname="rollsite") as connection:
    connection.sendall(b'{"ask": "route", "party": "10000"}\\n')
    print(connection.makefile().readline())
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A network for a rollsite."""
    images.ensure([stand_ins.EGGROLL])
    made = Box()
    yield made
    made.close()


def _secured(form: serialization.PrivateFormat) -> Service:
    """rollsite with a certificate that is its own authority, and its key in the given form."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rollsite")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("rollsite")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    plain = stand_ins.services()["rollsite"]
    properties = plain.files[fate.EGGROLL_PROPERTIES_PATH] + "".join(
        f"eggroll.core.security.{key}={value}\n"
        for key, value in {
            "ca.crt.path": "conf/cert/ca.pem",
            "crt.path": "conf/cert/server.crt",
            "key.path": "conf/cert/server.key",
            "secure.client.auth.enabled": "true",
        }.items()
    )
    files = {f"{FOLDER}/ca.pem": public, f"{FOLDER}/server.crt": public, f"{FOLDER}/server.key": private}
    return dataclasses.replace(plain, files={**plain.files, **files, fate.EGGROLL_PROPERTIES_PATH: properties})


def test_the_secure_port_speaks_tls_and_wants_a_certificate(box: Box) -> None:
    """A secure port that answered in plain text, or to anybody, would make every test of the program's TLS pass."""
    rollsite = box.start(_secured(serialization.PrivateFormat.PKCS8))
    ready(rollsite, fate.rollsite_probe())
    assert json.loads(run(rollsite, "python3", "-c", _HANDSHAKE, "with"))["host"] == "peer.example"
    assert b'"host"' not in rollsite.exec_run(["python3", "-c", _HANDSHAKE]).output
    assert stand_ins.ask(rollsite, fate.ports.ROLLSITE, ask="route", party="10000")["host"] == "peer.example"


def test_a_key_in_another_form_is_refused(box: Box) -> None:
    """eggroll reads PKCS#8 only, and other tools write other forms by default."""
    said = box.refuses(_secured(serialization.PrivateFormat.TraditionalOpenSSL))
    assert "not a PKCS#8 private key" in said
