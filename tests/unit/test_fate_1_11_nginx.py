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
    for word in (*fate.nginx.command(), *fate.nginx.probe()):
        assert "$$" not in word
        assert not re.search(r"\$\([A-Za-z_][A-Za-z0-9_]*\)", word)
