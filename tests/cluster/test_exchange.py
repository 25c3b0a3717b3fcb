"""An exchange as real pods by the real engine: parties come and go, and nothing restarts."""

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import cluster as lab_cluster
from lab import process
from stacks import links
from tests import linked, parties

pytestmark = pytest.mark.seconds(45)
IMAGES = ("nginx:1.22.1", "federatedai/eggroll:1.11.2-release")
NAME = "meet-9230"
PATIENCE = 240
"""Seconds in which a kubelet has surely brought a changed ConfigMap into a pod; it takes about one minute."""


def link(number: int) -> links.Link:
    """A party of another organisation, as it sent it."""
    names = (f"{number}.fate.internal", f"{number}.example")
    return linked.party(
        number,
        endpoints={"rollsite": links.LinkEndpoint(host=f"{number}.example", port=9370, tls=True)},
        domain="fate.internal",
        certificate_request=linked.request(f"fate-{number}", *names, seed=number % 256),
    )


def sent(folder: pathlib.Path, *numbers: int) -> dict[str, Any]:
    """References to the files of these parties."""
    return linked.on_disk(folder, **{f"p{number}": link(number) for number in numbers})


@pytest.fixture(scope="module")
def exchange(
    tmp_path_factory: pytest.TempPathFactory, cluster: pathlib.Path, sweep: Callable[[str], None]
) -> Iterator[parties.Exchange]:
    """A running exchange of two parties; the tests of this file change it one after the other."""
    lab_cluster.load(IMAGES)
    sweep(f"fate-{NAME}")
    folder = tmp_path_factory.mktemp("exchange")
    made = parties.Exchange(
        folder / "exchange",
        NAME,
        kubernetes={"kubeconfig": str(cluster), "timeout": 300},
        advertise={"host": "exchange.example.org"},
        parties=sent(folder, 9231, 9232),
    )
    try:
        made.up()
        yield made
    finally:
        sweep(made.site)


def pods(kubectl: Any) -> dict[str, str]:
    """Workload to the uid of its pod."""
    listed = kubectl("get", "pods", "--namespace", f"fate-{NAME}", "--output", "json").stdout
    return {
        each["metadata"]["labels"]["app.kubernetes.io/name"]: each["metadata"]["uid"]
        for each in json.loads(listed)["items"]
        if "deletionTimestamp" not in each["metadata"]
    }


def read(kubectl: Any, workload: str, file: str) -> str:
    """A file as the pod of ``workload`` has it."""
    asked = ("exec", "--namespace", f"fate-{NAME}", f"deployment/{workload}", "--", "cat", file)
    return str(kubectl(*asked, check=False).stdout)


def routes(kubectl: Any) -> list[str]:
    """Parties in the table that rollsite reads."""
    text = read(kubectl, "rollsite", "/data/projects/fate/eggroll/conf/route_table/route_table.json")
    return sorted(json.loads(text)["route_table"]) if text else []


def test_an_exchange_is_two_pods_and_signs_for_its_parties(exchange: parties.Exchange, kubectl: Any) -> None:
    """The router, and what takes TLS off in front of it; what was signed goes back by the link."""
    assert sorted(pods(kubectl)) == ["nginx", "rollsite"]
    told = links.read(exchange.link)
    assert {number: known.certificate is not None for number, known in told.parties.items()} == {9231: True, 9232: True}
    assert told.endpoints["rollsite"].tls
    assert exchange.up().touched() == set()


def test_a_further_party_is_routed_and_admitted_and_no_pod_restarts(
    exchange: parties.Exchange, kubectl: Any, tmp_path: pathlib.Path
) -> None:
    """A restart of the exchange breaks the jobs of all parties."""
    before = pods(kubectl)
    exchange.change(parties=sent(tmp_path, 9231, 9232, 9233))
    live = {f"fate-{NAME}-rollsite-route-table", f"fate-{NAME}-nginx-routes"}
    assert {name for name in exchange.preview().touched() if "authority" not in name} == live
    exchange.up()
    process.wait_for(lambda: "9233" in routes(kubectl), PATIENCE, "the new route in the pod")
    anchors = "/etc/nginx/fate-routes/anchors.pem"
    process.wait_for(
        lambda: read(kubectl, "nginx", anchors).count("BEGIN CERTIFICATE") == 3, PATIENCE, "the new anchor in the pod"
    )
    assert pods(kubectl) == before


def test_a_party_that_is_taken_out_is_in_no_table_and_in_no_bundle(
    exchange: parties.Exchange, kubectl: Any, tmp_path: pathlib.Path
) -> None:
    """A partner that left must not be let in any more."""
    before = pods(kubectl)
    exchange.change(parties=sent(tmp_path, 9231))
    exchange.up()
    process.wait_for(lambda: routes(kubectl) == ["0", "9231"], PATIENCE, "two parties to leave the table")
    anchors = "/etc/nginx/fate-routes/anchors.pem"
    process.wait_for(
        lambda: read(kubectl, "nginx", anchors).count("BEGIN CERTIFICATE") == 1, PATIENCE, "two anchors to leave"
    )
    assert pods(kubectl) == before


def test_destroy_leaves_nothing(exchange: parties.Exchange, kubectl: Any) -> None:
    """An exchange keeps no data, so its namespace goes with it."""
    exchange.destroy()
    found = kubectl("get", "namespace", f"fate-{NAME}", check=False)
    assert "NotFound" in found.stderr
