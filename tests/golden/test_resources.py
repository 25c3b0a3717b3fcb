"""The resources of every backend and exchange on every platform, compared with the kept ones.

``make golden`` writes them anew; the difference then shows in review what a change does to a site.
"""

import json
import os
import pathlib

import pytest

from stacks import backends, links, neighbours
from tests import linked, mocked

pytestmark = pytest.mark.golden
KEPT = pathlib.Path(__file__).parent
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
EXCHANGES = {"exchange-rollsite": "rollsite", "exchange-pulsar": "pulsar"}
"""Name of a kept file to the transport of its exchange."""
PLAIN = {"eggroll-plain": "eggroll", "spark_pulsar-plain": "spark_pulsar"}
"""Name of a kept file to the backend of a party without TLS."""
CELLS = [
    (site, platform)
    for site in (*(backend.value for backend in backends.BACKENDS), *PLAIN, *EXCHANGES)
    for platform in ("kubernetes", "docker")
]


def made(site: str, platform: str) -> mocked.Run:
    """A party of backend ``site``, or an exchange with one party by its link and one by its address."""
    if site in PLAIN:
        return mocked.run(backend=PLAIN[site], platform=platform)
    if site not in EXCHANGES:
        return mocked.run(backend=site, platform=platform, tls=None)
    services = neighbours.SERVICES[EXCHANGES[site]]
    link = linked.party(
        9999,
        transport=EXCHANGES[site],
        endpoints={name: links.LinkEndpoint(host="guest.example.org", port=30091, tls=True) for name in services},
        domain="fate.internal",
        certificate_request=linked.request("fate-9999", "9999.fate.internal", "guest.example.org"),
    )
    parties = {
        "9999": {"stack": link.stack},
        "10000": {"host": "192.168.1.2", "port": 9370, "trustAnchors": linked.certificate("anchor of 10000")},
    }
    stacks = {link.stack: {"link": link.exported()}}
    return mocked.exchange(stacks, platform=platform, transport=EXCHANGES[site], parties=json.dumps(parties), tls=None)


def snapshot(site: str, platform: str) -> str:
    """Every resource with its inputs, in a stable order."""
    run = made(site, platform)
    ordered = sorted(run.resources, key=lambda each: (each.type, each.name))
    shown = [{"type": each.type, "name": each.name, "inputs": each.inputs} for each in ordered]
    return json.dumps(shown, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize(("site", "platform"), CELLS)
def test_resources_are_the_kept_ones(site: str, platform: str) -> None:
    """A change that alters a site it was not meant for would roll pods at every user's next up."""
    file = KEPT / f"{site}-{platform}.json"
    text = snapshot(site, platform)
    if UPDATE:
        file.write_text(text)
    assert file.read_text() == text, f"{file.name} differs: look at the change, then run make golden"


@pytest.mark.parametrize(("site", "platform"), CELLS)
def test_resource_list_is_the_kept_one(site: str, platform: str) -> None:
    """The short list is what a reviewer reads: a resource too many or too few stands out."""
    file = KEPT / f"{site}-{platform}.txt"
    run = made(site, platform)
    text = "".join(f"{line}\n" for line in sorted(f"{each.type} {each.name}" for each in run.resources))
    if UPDATE:
        file.write_text(text)
    assert file.read_text() == text, f"{file.name} differs: look at the change, then run make golden"
