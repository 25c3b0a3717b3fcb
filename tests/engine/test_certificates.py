"""Certificates of sites by the real engine: signed across sites, shown to a real TLS handshake."""

import pathlib
import ssl
from typing import TYPE_CHECKING

import pytest

from lab import paths
from tests.engine.conformance.conftest import empty_stack as empty_stack
from tests.engine.conformance.conftest import stack as stack

if TYPE_CHECKING:
    from tests.engine.conformance.conftest import Stack

pytestmark = pytest.mark.seconds(10)
PROGRAM = f"""
    import sys
    sys.path.insert(0, {str(paths.ROOT)!r})
    import pulumi
    from components import certificates
    exchange = certificates.Authority("exchange", "fate-exchange")
    for party in ("fate-9999", "fate-10000"):
        names = [f"{{party}}.example", "127.0.0.1"]
        site = certificates.Identity(party, party, names)
        admitted = exchange.admit(party, site.request, names)
        pulumi.export(party, dict(key=site.private_key, certificate=admitted.certificate, anchor=admitted.anchor))
"""


def context(folder: pathlib.Path, own: dict[str, str], anchors: str, *, server: bool) -> ssl.SSLContext:
    """One end of mutual TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    (folder / "certificate.pem").write_text(own["certificate"])
    (folder / "key.pem").write_text(own["key"])
    made.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    made.load_verify_locations(cadata=anchors)
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """Both ends in memory; raises what the first end that refuses says."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(8):
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)
    assert not ends, "the handshake did not end"


def test_sites_know_each_other_until_one_is_admitted_no_more(stack: "Stack", tmp_path: pathlib.Path) -> None:
    """A party that was removed and is still let in, or lets another pass for itself, sees data that is not its own."""
    stack.up(PROGRAM)
    found = stack.outputs()
    assert "PRIVATE KEY-----" not in stack.export()
    one, other = found["fate-9999"], found["fate-10000"]
    both = one["anchor"] + other["anchor"]
    server = context(tmp_path, one, both, server=True)
    handshake(server, context(tmp_path, other, both, server=False), "fate-9999.example")
    handshake(server, context(tmp_path, other, both, server=False), "127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"Hostname mismatch"):
        handshake(server, context(tmp_path, other, both, server=False), "fate-10000.example")
    removed = context(tmp_path, one, one["anchor"], server=True)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(removed, context(tmp_path, other, both, server=False), "fate-9999.example")
    assert stack.up().touched() == set()
