"""An exchange and two eggroll parties on Docker by the real engine: packets go through the middle, encrypted."""

import dataclasses
import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import demo_sites, dockerd, process
from stacks import links
from tests import linked, parties
from tests.docker import backend_life

pytestmark = pytest.mark.seconds(185)
GUEST, HOST, LATER = 9121, 9122, 9123
NAME = "meet-9120"
PORTS = {NAME: 29120, str(GUEST): 29121, str(HOST): 29122}
"""Host port of each site's rollsite."""
FOLDER = "/data/projects/fate/eggroll/conf/route_table"
"""Where the exchange's rollsite reads its table."""
REFRESH = 180
"""Seconds in which a rollsite has surely read its table anew; it does so once a minute."""
SEND = """
import json, socket, sys
with socket.create_connection(("rollsite", 9370), timeout=60) as connection, connection.makefile("rwb") as file:
    file.write(json.dumps({"ask": "send", "party": sys.argv[1], "body": "gradients"}).encode() + b"\\n")
    file.flush()
    answer = json.loads(file.readline())
print("\\n".join(answer.get("hops") or [answer["error"]]))
"""
"""Has the party's rollsite send a packet to another party, and prints whose rollsites it passed, and how."""


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

    @property
    def named(self) -> dict[str, dict[str, str]]:
        """How the exchange names its parties."""
        return {str(each.party_id): each.reference for each in self.members}

    def ids(self) -> dict[str, str]:
        """Container name to id, of all sites."""
        found: dict[str, str] = {}
        for site in self.sites:
            listed = self.client.containers.list(all=True, filters={"label": f"io.fate.site={site.site}"})
            found |= {each.name: each.id for each in listed}
        return found

    def send(self, start: parties.Party, party: int) -> list[str]:
        """Whose rollsites a packet of ``start`` for ``party`` passes, and how; one line where it is not taken."""
        code, output = backend_life.answer(self.client, f"{start.site}-rollsite", "python3", "-c", SEND, str(party))
        lines = output.split("\n")[:-1]
        return lines if code == 0 else [f"exit code {code}", *lines]

    def reaches(self, start: parties.Party, party: int, way: list[str]) -> None:
        """A packet for ``party`` goes this way, once the tables are read."""
        process.wait_for(
            lambda: self.send(start, party) == way, REFRESH, lambda: f"{way}, not {self.send(start, party)}"
        )

    def routes(self) -> dict[str, tuple[str, int]]:
        """Party to host and port, in the table that the exchange's rollsite reads."""
        file = f"{FOLDER}/route_table.json"
        _, output = backend_life.answer(self.client, f"{self.exchange.site}-rollsite", "cat", file)
        table = json.loads(output)["route_table"]
        return {key: (each["default"][0]["ip"], each["default"][0]["port"]) for key, each in table.items()}


@pytest.fixture(scope="module")
def federation(
    tmp_path_factory: pytest.TempPathFactory, sweep: Callable[[str], None], client: Any
) -> Iterator[Federation]:
    """Created, and brought up in rounds: exchange, parties, exchange, parties."""
    folder = tmp_path_factory.mktemp("federation")
    gateway = demo_sites.host_address(dockerd.up())

    def settings(name: str, number: int) -> dict[str, Any]:
        ports = {"rollsite": PORTS[name], "fateboard": number + 19000}
        docker = {"ports": ports, "timeout": 300, "host": dockerd.up()}
        return {"platform": "docker", "docker": docker, "advertise": {"host": gateway}}

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
    made = Federation(exchange, members, client)
    exchange.change(parties=made.named)
    for site in made.sites:
        sweep(site.site)
    try:
        for _ in range(2):
            for site in made.sites:
                site.up()
        yield made
    finally:
        for site in made.sites:
            sweep(site.site)


def _without_pages(settings: dict[str, Any]) -> dict[str, Any]:
    """An exchange has no page, so a port for one is refused."""
    ports = {key: value for key, value in settings["docker"]["ports"].items() if key == "rollsite"}
    return {**settings, "docker": {**settings["docker"], "ports": ports}}


def test_after_two_rounds_nothing_is_awaited_and_nothing_changes(federation: Federation) -> None:
    """A federation that never settles is never trusted."""
    for site in federation.sites:
        assert site.pending == [], site.site
        assert site.up().touched() == set(), site.site


def test_packets_go_through_the_exchange_both_ways(federation: Federation) -> None:
    """In a star nobody dials the other, and the answer comes back the same way."""
    guest, host = federation.members
    federation.reaches(guest, HOST, [f"{GUEST} with TLS", "0 with TLS", str(HOST)])
    federation.reaches(host, GUEST, [f"{HOST} with TLS", "0 with TLS", str(GUEST)])
    federation.reaches(guest, GUEST, [str(GUEST)])


def test_a_party_that_nobody_knows_is_refused_by_the_exchange(federation: Federation) -> None:
    """A packet that somebody else takes for its own is worse than one that is lost."""
    refused = " ".join(federation.send(federation.members[0], LATER))
    assert f"neither party {LATER} nor a default" in refused, refused


def test_a_third_party_restarts_nothing(federation: Federation, tmp_path: pathlib.Path) -> None:
    """Whoever joins must not interrupt the jobs of those who are there."""
    before = federation.ids()
    sent = linked.on_disk(
        tmp_path,
        p9123=linked.party(
            LATER,
            endpoints={"rollsite": links.LinkEndpoint(host="later.example", port=29123, tls=True)},
            domain="fate.internal",
            certificate_request=linked.request(f"fate-{LATER}", f"{LATER}.fate.internal", "later.example"),
        ),
    )
    federation.exchange.change(parties={**federation.named, **sent})
    carriers = {f"fate-{NAME}-rollsite-route-table", f"fate-{NAME}-nginx-routes"}
    planned = {name for name in federation.exchange.preview().touched() if "authority" not in name}
    assert planned == carriers
    federation.exchange.up()
    assert federation.routes()[str(LATER)] == ("later.example", 29123)
    after = federation.ids()
    assert {name for name in before if before[name] != after[name]} == carriers
    for party in federation.members:
        assert party.preview().touched() == set()
    federation.exchange.change(parties=federation.named)
    federation.exchange.up()
    assert str(LATER) not in federation.routes()


def test_a_table_that_cannot_be_written_fails_the_up(federation: Federation) -> None:
    """An up that ends well with the old table in place hides that a new party is cut off."""
    exchange, volume = federation.exchange, f"fate-{NAME}-rollsite-route-table"
    image = federation.client.containers.get(f"fate-{NAME}-rollsite").image.id
    mounts = {volume: {"bind": FOLDER, "mode": "rw"}}

    def inside(script: str) -> None:
        federation.client.containers.run(image, entrypoint=["sh", "-c", script], volumes=mounts, remove=True, user="0")

    # What is moved to a folder lands inside it, without a word.
    inside(f"rm {FOLDER}/route_table.json && mkdir {FOLDER}/route_table.json")
    anchor = {"trustAnchors": linked.certificate("some anchor")}
    exchange.change(parties={**federation.named, str(LATER): {"host": "later.example", "port": 9370, **anchor}})
    result = exchange.up(ok=False)
    assert f"fate-{NAME}-rollsite-route-table ended with exit code" in result.text
    assert "Traceback" not in result.text
    inside(f"rm -rf {FOLDER}/route_table.json")
    exchange.up()


def test_destroying_the_exchange_leaves_the_parties_as_they_are(federation: Federation) -> None:
    """Its volume and network go; the parties keep what they have until they are told otherwise."""
    before = {name: each for name, each in federation.ids().items() if NAME not in name}
    federation.exchange.destroy()
    assert federation.ids() == before
    federation.members[0].up()
    (line,) = federation.members[0].pending
    assert f"waits for the first pulumi up of stack organization/fate/{NAME}" in line
