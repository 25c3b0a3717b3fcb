"""An exchange as a stack: what it is made of, and what a further party changes in it."""

import json
from typing import Any

import pytest

from stacks import links
from tests import linked, mocked

pytestmark = pytest.mark.mocks
PLATFORMS = ("docker", "kubernetes")
STACK = "organization/fate/exchange"


def known(*parties: int) -> dict[str, dict[str, Any]]:
    """Outputs of the stacks of ``parties``, which use the exchange."""
    made: dict[str, dict[str, Any]] = {}
    for number in parties:
        request = linked.request(f"fate-{number}", f"{number}.fate.internal")
        at = {"rollsite": links.LinkEndpoint(host=f"{number}.example", port=9370, tls=True)}
        link = linked.party(number, endpoints=at, exchange=STACK, domain="fate.internal", certificate_request=request)
        made[link.stack] = {"link": link.exported(), "credentials": {"mysql": "theirs alone"}}
    return made


def exchange(platform: str, *parties: int, **more: Any) -> mocked.Run:
    """An exchange with TLS and these parties."""
    named = json.dumps({str(number): {"stack": f"organization/fate/party-{number}"} for number in parties})
    return mocked.exchange(known(*parties), platform=platform, tls=None, parties=named, **more)


def changed(before: mocked.Run, after: mocked.Run) -> set[str]:
    """Resources of which some input differs, or that are new; certificates and what only shows aside."""
    old = {(each.type, each.name): each.inputs for each in before.resources}
    return {
        each.name
        for each in after.resources
        if old.get((each.type, each.name)) != each.inputs and not each.type.startswith(("tls:", "fate:"))
    }


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_further_party_changes_what_is_live_only(platform: str) -> None:
    """Route table and trust anchors change in place; a restart of the exchange breaks the jobs of all parties."""
    assert changed(exchange(platform, 9999), exchange(platform, 9999, 10000)) == {
        "fate-exchange-rollsite-route-table",
        "fate-exchange-nginx-routes",
    }


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_exchange_is_its_router_and_nothing_of_a_party(platform: str) -> None:
    """An exchange holds no data, has no page and no password."""
    run = exchange(platform, 9999)
    assert set(run.outputs) == {"link", "pending", "images", "requiredPorts"}
    assert not [line for line in run.outputs["pending"] if line.startswith("parties.")]
    assert not run.of("StatefulSet") and not run.of("PersistentVolumeClaim")
    link = links.read(run.outputs["link"])
    assert (link.role, link.site, link.transport, link.exchange) == ("exchange", "fate-exchange", "rollsite", None)
    assert link.parties[9999].stack == "organization/fate/party-9999"


def test_parties_that_use_it_stand_in_its_plan() -> None:
    """Whoever destroys it sees whom that cuts off; a party that is known but uses another is not cut off."""
    run = exchange("docker", 9999, 10000)
    assert [each.name for each in run.of("LinkedParty")] == [
        "fate-exchange-used-by-fate-9999",
        "fate-exchange-used-by-fate-10000",
    ]


def test_nothing_of_another_stack_is_kept() -> None:
    """Its outputs hold passwords, which would lie in this stack's state."""
    assert "theirs alone" not in str(exchange("docker", 9999).resources)


def test_two_exchanges_on_one_host_have_different_names() -> None:
    """Of two containers of one name Docker runs one."""
    run = exchange("docker", 9999, name="spare")
    assert {each.name for each in run.of("Container")} == {
        *("fate-spare-rollsite", "fate-spare-rollsite-route-table"),
        *("fate-spare-nginx", "fate-spare-nginx-routes"),
    }


def test_an_exchange_of_brokers_shows_them_where_firewalls_let_out() -> None:
    """443 is open where 6650 is not; and who wants another port says so."""
    for given, port in ((None, 443), ({"ports": {"pulsar": 8443}}, 8443)):
        run = mocked.exchange(platform="docker", transport="pulsar", tls=None, docker=json.dumps(given or {}))
        (nginx,) = [each for each in run.of("Container") if each.name == "fate-exchange-nginx"]
        published = {each["internal"]: each["external"] for each in nginx.inputs["ports"]}
        assert published[443] == port
