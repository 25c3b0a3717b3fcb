"""What mutual TLS between sites needs, and what it does not go with."""

from typing import Any

import pytest

from tests.unit.test_settings_errors import SMALLEST, only, problems


def test_who_speaks_tls_is_told_whom_to_believe() -> None:
    """Encryption to whoever answers keeps nobody out; and who says nothing must not get plain text."""
    there = {"host": "h", "port": 9370}
    assert only(exchange=there).startswith("fate:exchange.trustAnchors: is missing; give the certificates")
    assert only(tls="false", exchange=there).startswith("fate:exchange.tls: is true, and this site's own is false;")
    told = {**there, "trustAnchors": "anchors.pem"}
    assert problems({**SMALLEST, "exchange": told}) == []
    assert only(exchange={**told, "tls": False}).startswith("fate:exchange.trustAnchors: means nothing with tls: false")
    assert only(exchange={**told, "serverName": "x"}).startswith("fate:exchange.serverName: belongs to backend spark_")
    by_number = {"host": "10.0.0.1", "trustAnchors": "anchors.pem"}
    (line,) = problems({"partyId": "9999", "backend": "spark_pulsar", "exchange": by_number})
    assert line.startswith("fate:exchange.serverName: is missing; set it to the name in its certificate")


@pytest.mark.parametrize(
    ("backend", "more"),
    [
        ("eggroll", {"eggroll": {"rollsite": {"polling": {"clients": [10000]}}}}),
        ("eggroll", {"eggroll": {"balancer": {"upstreams": [{"host": "h", "tls": False}]}}}),
        ("spark_pulsar", {"pulsar": {"existing": {"host": "h"}}}),
        ("spark_pulsar", {"pulsar": {"service": {"type": "LoadBalancer"}}}),
        ("spark_rabbitmq", {"nginx": {"existing": {"host": "h"}}}),
    ],
)
def test_what_does_not_go_with_tls_says_so(backend: str, more: dict[str, Any]) -> None:
    """A way in that is left in the clear beside TLS is the one that is used."""
    (line,) = problems({"partyId": "9999", "backend": backend, **more})
    assert "does not go with tls" in line
    assert "set fate:tls to false" in line
    assert problems({"partyId": "9999", "backend": backend, "tls": "false", **more}) == []


def test_a_private_key_is_a_secret_and_no_certificate() -> None:
    """A key that stands in a stack file in plain text is everybody's."""
    given = {"certificate": "site.pem", "key": "-----BEGIN PRIVATE KEY-----", "trustAnchors": "ca.pem"}
    (line,) = problems({**SMALLEST, "certificate": given})
    assert line.startswith("fate:certificate.key: is in plain text")
    (line,) = problems({**SMALLEST, "certificate": {**given, "trustAnchors": given["key"]}}, secret={"certificate"})
    assert line.startswith("fate:certificate.trustAnchors: holds a private key")
    assert given["key"] not in line


def test_the_server_in_front_of_rollsite_is_there_for_tls_only() -> None:
    """Settings of what is not there would be believed to be in force."""
    front = {"eggroll": {"nginx": {"image": "nginx:1.25"}}}
    assert problems({**SMALLEST, **front}) == []
    assert only(tls="false", **front) == "fate:eggroll.nginx: means nothing with tls: false; remove one of them"
    assert only(backend="spark_pulsar", **front).startswith("fate:eggroll: belongs to backend eggroll")
