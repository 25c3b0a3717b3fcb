"""Routes and anchors of real routers change while messages are under way, and nothing restarts."""

from concurrent import futures

import pytest

from components.versions import fate_1_11 as fate
from lab import process
from tests.certified import Anchor
from tests.docker.tls_federation import EVERYBODY, HOST, HUB, SHOWN, Fateflow, Federation, ask, held, over
from tests.docker.tls_federation import federation as federation
from tests.docker.tls_routers import Router, answer, http, told

pytestmark = pytest.mark.seconds(20)


def test_nothing_in_flight_is_lost_while_a_route_and_an_anchor_change(federation: Federation) -> None:
    """A party that joins while a job runs must not end that job."""
    guest, host, hub = federation.guest, federation.host, federation.hub

    def reloads() -> list[int]:
        return [each.container.logs().count(b"the routes have changed") for each in (guest, hub, host)]

    guest.change(told(9999, EVERYBODY, peers={}, default=over("hub.example")))
    process.wait_for(lambda: "fate-exchange" in guest.post("10000"), 30, lambda: guest.post("10000"))
    before, earlier = [each.process for each in (guest, hub, host)], reloads()
    with futures.ThreadPoolExecutor(200) as many:
        with held():
            sent = [many.submit(ask_inside, guest) for _ in range(200)]
            for _ in sent:
                assert Fateflow.asked.acquire(timeout=120), "all of them are under way"
            joined = EVERYBODY + Anchor("fate-exchange", "fate-8888").pem
            guest.change(told(9999, joined, peers={8888: over("host.example")}, default=over("hub.example")))
            hub.change(told(None, joined, peers={10000: over("host.example"), 8888: over("host.example")}))
            host.change(told(10000, joined, peers={8888: over("hub.example")}))
            process.wait_for(lambda: all(map(int.__gt__, reloads(), earlier)), 60, "all three to have reloaded")
        answers = [each.result(timeout=120) for each in sent]
    assert len(answers) == 200 and all(b"HTTP/1.1 200" in each and b'"10000"' in each for each in answers)
    assert [each.process for each in (guest, hub, host)] == before


def ask_inside(router: Router) -> bytes:
    """A message from inside the site of ``router`` to the host."""
    return answer(router.address, fate.ports.NGINX_HTTP, None, "", http("10000"))


def test_who_is_admitted_no_more_is_out_without_a_restart(federation: Federation) -> None:
    """A party that was removed and still gets in, by a connection that it has or by a new one, sees what is not its."""
    host, before = federation.host, federation.host.process
    with held(), futures.ThreadPoolExecutor(1) as one:
        open_before = one.submit(ask, federation, SHOWN["guest"])
        assert Fateflow.asked.acquire(timeout=60)
        host.change(told(10000, HUB.pem + HOST.pem, peers={}))
        process.wait_for(lambda: admits(federation) == "refused", 60, "the guest to be refused")
        assert open_before.result(timeout=120) == b"", "what was under way has ended without an answer"
    assert b" 200 " in ask(federation, SHOWN["hub"])
    assert host.process == before
    host.change(told(10000, EVERYBODY, peers={}))
    process.wait_for(lambda: b" 200 " in ask(federation, SHOWN["guest"]), 60, "the guest to be admitted again")


def admits(federation: Federation) -> str:
    """What the host says to the guest that asks for a party of which it takes nothing: no answer of fateflow's."""
    got = ask(federation, SHOWN["guest"], party="9999")
    return "refused" if b"does not admit" in got else "admitted"
