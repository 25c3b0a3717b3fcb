"""The router of FATE 1.11 as text: who is routed where, and what is refused before nginx sees it."""

import re

import pytest

from components.versions import fate_1_11 as fate

pytestmark = pytest.mark.unit
PEERS = {
    10001: fate.nginx.Route(host="10.0.0.1"),
    10000: fate.nginx.Route(host="a.example", http_port=31, grpc_port=32),
}


def entries(table: str) -> str:
    """A table without its heading, which it has because Docker takes no empty file."""
    heading, _, rest = table.partition("\n")
    assert heading.startswith("# ")
    return rest


def test_routes_name_every_party_by_number_with_both_protocols() -> None:
    """A peer that only one protocol finds fails as soon as the other side is set to `protocol: grpc`."""
    made = fate.nginx.routes(owner=9999, peers=PEERS)
    assert entries(made["http.conf"]) == '"9999" "fateflow:9380";\n"10000" "a.example:31";\n"10001" "10.0.0.1:9300";\n'
    assert entries(made["grpc.conf"]) == '"9999" "fateflow:9360";\n"10000" "a.example:32";\n"10001" "10.0.0.1:9310";\n'


def test_a_party_without_exchange_has_no_default() -> None:
    """KubeFATE's placeholder sends a stranger's messages to the party's own fateflow, which takes them for its own."""
    assert "default" not in "".join(fate.nginx.routes(owner=1, peers=PEERS).values())
    to_exchange = fate.nginx.routes(owner=1, peers={}, default=fate.nginx.Route(host="hub.example"))
    assert to_exchange["http.conf"].endswith('default "hub.example:9300";\n')


def test_an_exchange_has_no_fateflow_of_its_own() -> None:
    """Messages that an exchange kept for itself would vanish."""
    made = fate.nginx.routes(owner=None, peers=PEERS, brokers={"1.fate.org": fate.Hop(host="::1", port=6651)})
    assert "fateflow" not in made["http.conf"] + made["grpc.conf"]
    assert entries(made["brokers.conf"]) == '"1.fate.org" "[::1]:6651";\n'


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (fate.nginx.Route(host='x";}'), "no host name"),
        (fate.nginx.Route(host=""), "no host name"),
        (fate.nginx.Route(host="http://x"), "no host name"),
        (fate.nginx.Route(host="x", grpc_port=0), "port 0"),
        (fate.nginx.Route(host="x", http_port=65536), "port 65536"),
    ],
)
def test_what_nginx_cannot_read_is_refused(route: fate.nginx.Route, said: str) -> None:
    """One bad line keeps nginx on its old routes for ever, with nothing but a line in its log to show for it."""
    with pytest.raises(ValueError, match=said):
        fate.nginx.routes(owner=1, peers={2: route})


def test_a_party_cannot_be_its_own_peer() -> None:
    """Its messages to itself would leave the site, and come back if all goes well."""
    with pytest.raises(ValueError, match="party 1 is linked with itself"):
        fate.nginx.routes(owner=1, peers={1: fate.nginx.Route(host="x")})


def test_conf_is_whole_and_knows_its_owner() -> None:
    """A mark that is left in the file, or brackets that do not match, is an nginx that does not start."""
    plain, with_brokers = (fate.nginx.conf(owner="fate-9.x", brokers=port) for port in (None, 443))
    for text in (plain, with_brokers):
        assert not re.search(r"@[A-Z_]+@", text)
        assert text.count("{") == text.count("}") + text.count('"{') - text.count('}"')
    assert "stream {" not in plain and "load_module" not in plain and "modules-enabled" not in plain
    assert "listen 443;" in with_brokers and with_brokers.startswith("include /etc/nginx/modules-enabled")
    assert r"~(^|,)fate\-9\.x(,|$)" in plain
    with pytest.raises(ValueError, match="cannot be called"):
        fate.nginx.conf(owner='x";')


def test_the_block_has_the_keys_that_fate_flow_reads() -> None:
    """FATE-Flow takes host and PROTOCOL_port (api_utils.get_federated_proxy_address); a missing one ends every job."""
    assert fate.nginx.block(host="h", http_port=1) == {
        "fate_on_spark": {"nginx": {"host": "h", "http_port": 1, "grpc_port": 9310}}
    }


def test_commands_leave_kubernetes_nothing_to_expand() -> None:
    """Kubernetes replaces $(NAME) and $$ in commands before bash sees them."""
    for word in (*fate.nginx.command(), *fate.nginx.command(tls=True), *fate.nginx.probe()):
        assert not re.search(r"@[A-Z_]+@", word)
        assert "$$" not in word
        assert not re.search(r"\$\([A-Za-z_][A-Za-z0-9_]*\)", word)


def test_conf_with_tls_is_whole_and_opens_no_plain_port_more() -> None:
    """A mark that is left, or a directive that is missing on one of the ports, is an nginx that lets everybody in."""
    party = fate.nginx.secure_conf(owner="fate-9999", party_id=9999, broker=True)
    middle = fate.nginx.secure_conf(owner="fate-exchange", party_id=None, brokers=443)
    front = fate.nginx.front_conf(owner="fate-9999")
    for text in (party, middle, front):
        assert not re.search(r"@[A-Z_]+@", text)
        assert text.count("{") == text.count("}") + text.count('"{') - text.count('}"')
    assert sorted(re.findall(r"listen (\d+)[^;]*;", party)) == ["6651", "9300", "9301", "9302", "9310", "9311"]
    assert sorted(re.findall(r"listen (\d+)[^;]*;", middle)) == ["443", "9300", "9301", "9302", "9310", "9311"]
    assert sorted(re.findall(r"listen (\d+)[^;]*;", front)) == ["9302", "9371"]
    for text, ports in ((party, "6651|9301|9311"), (middle, "9301|9311"), (front, "9371")):
        assert len(re.findall(rf"listen (?:{ports}) ssl", text)) == len(ports.split("|"))
    assert party.count("ssl_verify_client on;") == 2, "once for HTTP, once for the broker"
    assert party.count("ssl_session_tickets off;") == 2


def test_a_party_takes_nothing_for_others_and_an_exchange_does() -> None:
    """A party that sends on what strangers ask vouches for them; an exchange that does not is none."""
    party = fate.nginx.secure_conf(owner="fate-9999", party_id=9999)
    assert '"~^on(?!9999$)" yes;' in party
    assert "(?!" not in fate.nginx.secure_conf(owner="fate-exchange", party_id=None)


def test_names_of_servers_are_told_apart_from_hosts() -> None:
    """A name that is looked up in a name server which never heard of it holds up the start of the router."""
    route = fate.nginx.Route(host="10.0.0.2", tls=True, server_name="10000.fate.internal")
    made = fate.nginx.routes(owner=9999, peers={10000: route}, default=over_tls("hub.example"), tls=True)
    assert entries(made[fate.nginx.SERVER_NAMES]) == '"10000" "10000.fate.internal";\ndefault "hub.example";\n'
    assert not fate.nginx.SERVER_NAMES.endswith(".conf")
    assert fate.nginx.SERVER_NAMES not in fate.nginx.routes(owner=9999, peers=PEERS)


def over_tls(host: str) -> fate.nginx.Route:
    """A router that is dialled with TLS under its own name."""
    return fate.nginx.Route(host=host, tls=True)


@pytest.mark.parametrize("host", ["10.0.0.2", "::1"])
def test_an_address_needs_a_name_to_compare(host: str) -> None:
    """nginx would refuse every certificate, and the operator would look for the cause in the certificate."""
    with pytest.raises(ValueError, match="must say the server's name"):
        fate.nginx.routes(owner=1, peers={2: over_tls(host)}, tls=True)


def test_a_router_in_plain_text_dials_nobody_with_tls() -> None:
    """It has no certificate to show, and would send in the clear what the link says is encrypted."""
    with pytest.raises(ValueError, match="cannot dial party 2 with TLS"):
        fate.nginx.routes(owner=1, peers={2: over_tls("x.example")})
