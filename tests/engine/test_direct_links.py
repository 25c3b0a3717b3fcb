"""Two parties of each Spark backend without anything between them, by the real engine, as YAML on disk."""

import pathlib
from typing import Any

import pytest
import yaml

from tests import parties

pytestmark = pytest.mark.seconds(60)
CARRIER = {"spark_rabbitmq": "rabbitmq", "spark_pulsar": "pulsar", "spark_local_pulsar": "pulsar"}
"""What carries the data, beside nginx, which carries fateflow's messages."""
GUEST, HOST = 9321, 9322


def tables(party: parties.Party) -> dict[str, str]:
    """Every file of routes of a party, by name, as it lies on disk."""
    found: dict[str, str] = {}
    for file in (party.folder / "yaml").rglob("*configmap*rout*.yaml"):
        found |= yaml.safe_load(file.read_text())["data"]
    return found


@pytest.mark.parametrize("backend", CARRIER)
def test_two_parties_meet_directly_after_two_rounds(tmp_path: pathlib.Path, backend: str) -> None:
    """Most federations begin as two banks; whoever is first must not have to start again when the other comes."""

    def party(number: int, peer: int) -> parties.Party:
        ports = {name: 30000 + 10 * (number - 9300) + place for place, name in enumerate(("nginx", "nginxGrpc"))}
        ports[CARRIER[backend]] = 30005 + 10 * (number - 9300)
        told: dict[str, Any] = {"renderTo": str(tmp_path / str(number) / "yaml"), "nodePorts": ports}
        return parties.Party(
            tmp_path / str(number),
            number,
            state=tmp_path / "state",
            backend=backend,
            kubernetes=told,
            advertise={"host": f"{number}.fate.example"},
            notebook={"enabled": False},
            peers={str(peer): {"stack": f"organization/fate/party-{peer}"}},
        )

    guest, host = party(GUEST, HOST), party(HOST, GUEST)
    guest.up()
    assert any("waits for the first pulumi up of stack organization/fate/party-9322" in line for line in guest.pending)
    host.up()
    touched = guest.up().touched()
    assert guest.pending == []
    servers = ("mysql", "fateflow", "fateboard", "spark", "datanode", "namenode")
    assert not {name for name in touched if name.endswith(servers)}, touched
    host.up()
    assert host.pending == []
    for site, other, port in ((guest, HOST, 30220), (host, GUEST, 30210)):
        routes = tables(site)
        assert f'"{other}" "{other}.fate.example:{port}";' in routes["http.conf"], routes["http.conf"]
        assert f'"{other}" "{other}.fate.example:{port + 1}";' in routes["grpc.conf"], routes["grpc.conf"]
        data = [text for name, text in routes.items() if not name.endswith(".conf")]
        assert any(f"{other}.fate.example" in text and str(port + 5) in text for text in data), routes
    assert guest.preview().touched() == set()
