"""An exchange and two eggroll parties in plain text on Docker by the real engine: packets go through the middle."""

import dataclasses
import ipaddress
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import dockerd, process
from stacks import links
from tests import linked, parties

pytestmark = pytest.mark.seconds(200)
GUEST, HOST, LATER = 9121, 9122, 9123
NAME = "meet-9120"
PORTS = {NAME: 29120, str(GUEST): 29121, str(HOST): 29122}
"""Host port of each site's rollsite."""
REFRESH = 180
"""Seconds in which a rollsite has surely read its table anew; it does so once a minute."""
WALK = """
import json, socket, sys
host, port, party = "rollsite", 9370, sys.argv[1]
for hop in range(5):
    with socket.create_connection((host, port), timeout=20) as connection, connection.makefile("rwb") as file:
        file.write(json.dumps({"ask": "route", "party": party}).encode() + b"\\n")
        file.flush()
        answer = json.loads(file.readline())
    print(answer.get("error") or answer["party"])
    if "error" in answer or (answer["host"], answer["port"]) == ("rollsite", 9370):
        break
    host, port = answer["host"], answer["port"]
"""
"""Goes the way of a packet for a party from rollsite to rollsite, and prints whose rollsite each is."""


@dataclasses.dataclass(frozen=True)
class Federation:
    """An exchange and its parties, all up."""

    exchange: parties.Exchange
    members: tuple[parties.Party, ...]
    client: Any

    @property
    def sites(self) -> tuple[parties.Site, ...]:
        """All of them."""
        return (self.exchange, *self.members)

    def ids(self) -> dict[str, str]:
        """Container name to id, of all sites."""
        found: dict[str, str] = {}
        for site in self.sites:
            listed = self.client.containers.list(all=True, filters={"label": f"io.fate.site={site.site}"})
            found |= {each.name: each.id for each in listed}
        return found

    def walk(self, start: parties.Party, party: int) -> list[str]:
        """Whose rollsites a packet for ``party`` passes that starts at ``start``; an error instead of the last."""
        container = self.client.containers.get(f"{start.site}-rollsite")
        code, output = container.exec_run(["python3", "-c", WALK, str(party)])
        return str(output.decode()).split("\n")[:-1] if code == 0 else [f"exit code {code}: {output.decode()}"]

    def reaches(self, start: parties.Party, party: int, way: list[str]) -> None:
        """A packet for ``party`` goes this way, once the tables are read."""
        seen: list[list[str]] = []

        def there() -> bool:
            seen.append(self.walk(start, party))
            return seen[-1] == way

        process.wait_for(there, REFRESH, f"the way from {start.site} to {party} to be {way}")


@pytest.fixture(scope="module")
def federation(
    tmp_path_factory: pytest.TempPathFactory, sweep: Callable[[str], None], client: Any
) -> Iterator[Federation]:
    """Created, and brought up in rounds: exchange, parties, exchange, parties."""
    folder = tmp_path_factory.mktemp("federation")
    subnet = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Subnet"]
    gateway = str(ipaddress.ip_network(subnet)[1])

    def settings(name: str, number: int) -> dict[str, Any]:
        ports = {"rollsite": PORTS[name], "fateboard": number + 19000}
        docker = {"ports": ports, "timeout": 300, "host": dockerd.up()}
        return {"platform": "docker", "docker": docker, "advertise": {"host": gateway}, "tls": False}

    state = folder / "state"
    exchange = parties.Exchange(folder / "exchange", NAME, state=state, **_without_pages(settings(NAME, 9120)))
    members = tuple(
        parties.Party(
            folder / str(number),
            number,
            state=state,
            notebook={"enabled": False},
            exchange=exchange.reference,
            **settings(str(number), number),
        )
        for number in (GUEST, HOST)
    )
    exchange.change(parties={str(each.party_id): each.reference for each in members})
    made = Federation(exchange, members, client)
    for site in made.sites:
        sweep(site.site)
    try:
        for _ in range(2):
            for site in made.sites:
                site.up()
        yield made
    finally:
        for site in made.sites:
            site.close()
            sweep(site.site)


def _without_pages(settings: dict[str, Any]) -> dict[str, Any]:
    """An exchange has no page, so a port for one is refused."""
    ports = {key: value for key, value in settings["docker"]["ports"].items() if key == "rollsite"}
    return {**settings, "docker": {**settings["docker"], "ports": ports}}


def test_after_two_rounds_nothing_is_awaited_and_nothing_changes(federation: Federation) -> None:
    """A federation that never settles is never trusted."""
    for site in federation.sites:
        assert site.outputs()["pending"] == [], site.site
        assert site.up().touched() == set(), site.site


def test_packets_go_through_the_exchange_both_ways(federation: Federation) -> None:
    """In a star nobody dials the other, and the answer comes back the same way."""
    guest, host = federation.members
    federation.reaches(guest, HOST, [str(GUEST), "0", str(HOST)])
    federation.reaches(host, GUEST, [str(HOST), "0", str(GUEST)])
    federation.reaches(guest, GUEST, [str(GUEST)])


def test_a_party_that_nobody_knows_is_refused_by_the_exchange(federation: Federation) -> None:
    """A packet that somebody else takes for its own is worse than one that is lost."""
    way = federation.walk(federation.members[0], LATER)
    assert way[:1] == [str(GUEST)]
    assert f"neither party {LATER} nor a default" in way[-1]


def test_a_third_party_restarts_nothing(federation: Federation, tmp_path: pathlib.Path) -> None:
    """Whoever joins must not interrupt the jobs of those who are there."""
    before = federation.ids()
    place = federation.exchange.outputs()["link"]["place"]
    gateway = federation.exchange.outputs()["link"]["endpoints"]["rollsite"]["host"]
    there = {"rollsite": links.LinkEndpoint(host=gateway, port=PORTS[str(HOST)])}
    sent = linked.on_disk(tmp_path, p9123=linked.party(LATER, endpoints=there, place=place))
    named = {str(each.party_id): each.reference for each in federation.members}
    federation.exchange.change(parties={**named, **sent})
    table = f"fate-{NAME}-rollsite-route-table"
    assert federation.exchange.preview().touched() == {table}
    federation.exchange.up()
    after = federation.ids()
    assert {name for name in before if before[name] != after[name]} == {table}
    for party in federation.members:
        assert party.preview().touched() == set()
    # The third is dialled at the second's port, and that one sends on what is not its own.
    federation.reaches(federation.members[0], LATER, [str(GUEST), "0", str(HOST), "0", str(HOST)])
    federation.exchange.change(parties=named)
    federation.exchange.up()


def test_a_table_that_cannot_be_written_fails_the_up(federation: Federation) -> None:
    """An up that ends well with the old table in place hides that a new party is cut off."""
    exchange, volume = federation.exchange, f"fate-{NAME}-rollsite-route-table"
    folder = "/data/projects/fate/eggroll/conf/route_table"
    image = federation.client.containers.get(f"fate-{NAME}-rollsite").image.id
    mounts = {volume: {"bind": folder, "mode": "rw"}}

    def inside(script: str) -> None:
        federation.client.containers.run(image, entrypoint=["sh", "-c", script], volumes=mounts, remove=True, user="0")

    named = {str(each.party_id): each.reference for each in federation.members}
    # What is moved to a folder lands inside it, without a word.
    inside(f"rm {folder}/route_table.json && mkdir {folder}/route_table.json")
    exchange.change(parties={**named, str(LATER): {"host": "party.example", "port": 9370, "tls": False}})
    result = exchange.up(ok=False)
    assert f"fate-{NAME}-rollsite-route-table ended with exit code" in result.text
    assert "Traceback" not in result.text
    inside(f"rm -rf {folder}/route_table.json")
    exchange.up()
    exchange.change(parties=named)
    exchange.up()


def test_destroying_the_exchange_leaves_the_parties_as_they_are(federation: Federation) -> None:
    """Its volume and network go; the parties keep what they have until they are told otherwise."""
    before = {name: each for name, each in federation.ids().items() if NAME not in name}
    federation.exchange.destroy()
    assert federation.ids() == before
    federation.members[0].up()
    (line,) = federation.members[0].outputs()["pending"]
    assert f"waits for the first pulumi up of stack organization/fate/{NAME}" in line
