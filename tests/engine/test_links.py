"""A plain-text federation by the real engine, as YAML on disk: who is first, who is awaited, what a party changes."""

import dataclasses
import json
import pathlib
from typing import Any

import pytest
import yaml

from tests import parties

pytestmark = pytest.mark.seconds(110)
PORTS = {"exchange": 30091, "9301": 30101, "9302": 30102, "9303": 30103}
"""Node port of each site's rollsite."""


@dataclasses.dataclass
class Federation:
    """Sites whose stacks share a state backend."""

    folder: pathlib.Path
    exchange: parties.Exchange
    members: dict[int, parties.Party]

    def add(self, number: int) -> parties.Party:
        """A further party that uses the exchange, not up yet, without a notebook, which knows no neighbours."""
        self.members[number] = parties.Party(
            self.folder / str(number),
            number,
            state=self.folder / "state",
            exchange=self.exchange.reference,
            notebook={"enabled": False},
            **settings(self.folder, str(number)),
        )
        return self.members[number]

    def name(self, *numbers: int) -> None:
        """Tell the exchange of exactly these parties."""
        self.exchange.change(parties={str(number): self.members[number].reference for number in numbers})


def settings(folder: pathlib.Path, name: str) -> dict[str, Any]:
    """Rendered to a folder of its own, with an address that others could dial."""
    kubernetes = {"renderTo": str(folder / f"yaml-{name}"), "nodePorts": {"rollsite": PORTS[name]}}
    return {"kubernetes": kubernetes, "advertise": {"host": f"{name}.fate.example"}, "tls": False}


def table(federation: Federation, name: str) -> str:
    """The route table of a site, as it lies on disk."""
    (file,) = (federation.folder / f"yaml-{name}").rglob("*configmap*route-table*.yaml")
    return str(yaml.safe_load(file.read_text())["data"]["route_table.json"])


def routes(federation: Federation, name: str) -> dict[str, tuple[str, int]]:
    """Party to host and port, of the route table of a site."""
    entries = json.loads(table(federation, name))["route_table"]
    return {key: (value["default"][0]["ip"], value["default"][0]["port"]) for key, value in entries.items()}


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """An exchange and two parties, created and not up; the tests of this file go on from one another."""
    folder = tmp_path_factory.mktemp("federation")
    exchange = parties.Exchange(folder / "exchange", state=folder / "state", **settings(folder, "exchange"))
    made = Federation(folder, exchange, {})
    for number in (9301, 9302):
        made.add(number)
    made.name(9301, 9302)
    return made


def test_each_site_comes_up_with_what_is_known_so_far(federation: Federation) -> None:
    """One side is always first, and must neither fail nor pretend."""
    federation.exchange.up()
    waits = federation.exchange.pending
    assert [line.split(":")[0] for line in waits] == ["parties.9301", "parties.9302"]
    assert all("waits for the first pulumi up of stack organization/fate/party-" in line for line in waits)
    assert routes(federation, "exchange") == {"0": ("rollsite", 9370)}
    for party in federation.members.values():
        party.up()
        assert party.pending == []
    assert routes(federation, "9301") == {"9301": ("rollsite", 9370), "default": ("exchange.fate.example", 30091)}


def test_the_second_round_of_the_exchange_routes_and_that_of_the_parties_is_empty(federation: Federation) -> None:
    """Exchange, parties, exchange, parties: after that nothing is awaited, and nothing changes any more."""
    assert federation.exchange.up().touched() == {"fate-exchange-rollsite-route-table"}
    assert federation.exchange.pending == []
    assert routes(federation, "exchange") == {
        "0": ("rollsite", 9370),
        "9301": ("9301.fate.example", 30101),
        "9302": ("9302.fate.example", 30102),
    }
    for party in federation.members.values():
        assert party.up().touched() == set(), party.site


def test_by_stack_and_by_file_the_tables_are_the_same_byte_for_byte(federation: Federation) -> None:
    """Another organisation's party, which sends a file, is no second-class party."""
    by_stack = table(federation, "exchange")
    sent = {}
    for number, party in federation.members.items():
        file = federation.folder / f"link-{number}.json"
        file.write_text(party.command("stack", "output", "link", "--json", "--stack", party.stack).stdout)
        sent[str(number)] = {"file": str(file)}
    federation.exchange.change(parties=sent)
    assert federation.exchange.up().touched() == set()
    assert table(federation, "exchange") == by_stack
    federation.name(9301, 9302)
    # Nor had the exchange anything to do in its third round.
    assert federation.exchange.up().touched() == set()


def test_a_further_party_changes_route_tables_only(federation: Federation) -> None:
    """Whoever operates the others reads a plan with one line in it, and restarts nothing."""
    federation.add(9303).up()
    federation.name(9301, 9302, 9303)
    assert federation.exchange.preview().touched() == {"fate-exchange-rollsite-route-table"}
    federation.exchange.up()
    assert routes(federation, "exchange")["9303"] == ("9303.fate.example", 30103)
    for number in (9301, 9302):
        assert federation.members[number].preview().touched() == set()


def test_destroying_an_exchange_shows_whom_it_cuts_off(federation: Federation) -> None:
    """A plan that lists a Deployment and a Service says nothing of three organisations."""
    plan = federation.exchange.plan_of_destroy()
    for number in (9301, 9302, 9303):
        assert f"fate-exchange-used-by-fate-{number}" in plan


def test_a_direct_peer_is_reached_directly_and_the_rest_by_the_exchange(federation: Federation) -> None:
    """Two parties on one network need no way around the middle."""
    first, second = federation.members[9301], federation.members[9302]
    first.change(peers={"9302": second.reference})
    assert first.up().touched() == {"fate-9301-rollsite-route-table"}
    assert routes(federation, "9301")["9302"] == ("9302.fate.example", 30102)
    assert routes(federation, "9301")["default"] == ("exchange.fate.example", 30091)
    first.change(peers=None)


def test_a_party_that_is_taken_out_is_gone_and_can_still_be_destroyed(federation: Federation) -> None:
    """A removed party that is still routed to gets data that it has no right to."""
    federation.name(9301, 9302)
    federation.exchange.up()
    assert "9303" not in routes(federation, "exchange")
    gone = federation.members.pop(9303)
    gone.up()
    (line,) = gone.pending
    assert "fate-exchange does not know fate-9303 yet; there set fate:parties.9303" in line
    gone.destroy()


def test_a_stack_that_does_not_exist_is_named_with_all_other_mistakes(federation: Federation) -> None:
    """A name with a typo would else wait for ever for a stack that nobody will bring up."""
    party = federation.members[9301]
    party.change(exchange={"stack": "organization/fate/no-such-stack"}, computeCores="many")
    result = party.preview(ok=False)
    assert (
        "fate:exchange: there is no stack organization/fate/no-such-stack; make it with pulumi stack init"
        in result.text
    )
    assert "fate:computeCores" in result.text
    assert "Traceback" not in result.text
    party.change(exchange=federation.exchange.reference, computeCores=None)


def test_a_party_outlives_its_exchange(federation: Federation) -> None:
    """An exchange that is gone must not keep its parties from being changed, or destroyed."""
    party = federation.members[9302]
    federation.exchange.destroy()
    (line,) = (party.up(), party.pending)[1]
    assert "waits for the first pulumi up of stack organization/fate/exchange" in line
    federation.exchange.forget()
    party.change(exchange=None)
    party.up()
    assert party.pending == []
    party.destroy()


def test_nothing_of_another_stack_comes_into_this_one_s_state(federation: Federation) -> None:
    """A reference as a resource would copy the exchange's outputs, and a party's passwords, into others' states."""
    assert "StackReference" not in federation.members[9301].export()
