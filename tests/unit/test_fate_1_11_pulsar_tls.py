"""The broker of FATE 1.11 with TLS: what it shows, whom it believes, and under which names it dials others."""

import json

import pytest
import yaml

from components.versions import fate_1_11 as fate
from tests.unit.test_fate_1_11_pulsar import OWN, dialled, settings

pytestmark = pytest.mark.unit


def test_with_tls_the_broker_dials_with_its_certificate_and_checks_names() -> None:
    """Without the names it believes any admitted site for any other; some words for certificates change nothing."""
    plain, secure = settings(), settings(tls=True)
    assert "advertisedAddress" not in secure, "Pulsar takes one of the two"
    listeners = {each.split("://")[0].split(":")[1]: each for each in secure["advertisedListeners"].split(",")}
    assert set(listeners) == {"pulsar", "pulsar+ssl"} and all("//localhost:" in each for each in listeners.values())
    assert secure["brokerClient_tlsHostnameVerificationEnable"] == "true"
    assert secure["brokerClientTrustCertsFilePath"].startswith(fate.pulsar.CLUSTERS_FOLDER), "read while it runs"
    assert fate.pulsar.KEY_PAIR.key in secure["brokerClient_authParams"]
    assert "tlsAllowInsecureConnection" not in secure
    assert not {key for key in plain if "Tls" in key or "tls" in key}


def test_a_peer_is_dialled_under_the_name_in_its_certificate() -> None:
    """The address that is dialled is in no certificate where a site stands behind a router or a load balancer."""
    peer = fate.pulsar.Broker(host="203.0.113.7", tls_port=30651, tls=True, server_name="10000.fate.internal")
    name = "pulsar+ssl://10000.fate.internal:30651"
    read = json.loads(fate.pulsar.clusters(party_id=9999, peers={10000: peer}, exchange=None))["clusters"]["10000"]
    assert (read["brokerServiceUrlTls"], read["proxyServiceUrl"]) == (name, "pulsar+ssl://203.0.113.7:30651")
    text = fate.pulsar.route_table(party_id=9999, own=OWN, peers={10000: peer}, exchange=None)
    assert dialled(yaml.safe_load(text), "10000")[1:] == (name, "pulsar+ssl://203.0.113.7:30651")


def test_without_a_name_or_without_tls_a_peer_is_dialled_as_it_is() -> None:
    """A proxy that is none would turn the broker's connection away."""
    for peer in (
        fate.pulsar.Broker(host="a.example", tls=True),
        fate.pulsar.Broker(host="a.example", tls=True, server_name="a.example"),
        fate.pulsar.Broker(host="a.example", server_name="b.example"),
    ):
        assert peer.dialled == peer
