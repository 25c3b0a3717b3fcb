"""The contract between stacks: what is written is read, and nothing else is."""

import json
from typing import Any

import pytest

from stacks import links
from tests import linked

pytestmark = pytest.mark.unit
LINK = links.Link(
    role="exchange",
    stack="organization/fate/exchange",
    site="fate-exchange",
    fate_version="1.11.2",
    transport="pulsar",
    endpoints={
        "pulsar": links.LinkEndpoint(host="exchange.example", port=443, tls=True),
        "nginx": links.LinkEndpoint(),
    },
    domain="fate.example",
    trust_anchors=(linked.PEM,),
    parties={9999: links.Known(certificate=linked.PEM, trust_anchors=(linked.PEM,)), 10000: links.Known()},
)


def changed(**values: Any) -> str:
    """The link as a file in which somebody changed keys."""
    return json.dumps({**LINK.exported(), **values})


def resealed(**values: Any) -> str:
    """The link as a file that somebody wrote by hand, digest and all."""
    data = {**LINK.exported(), **values}
    return json.dumps({**data, "digest": links._digest(data)})


def as_a_backend_has_it(value: Any) -> Any:
    """``value`` with numbers as floats, and without what is null in maps: what a stack reference makes of it."""
    if isinstance(value, dict):
        return {key: as_a_backend_has_it(each) for key, each in value.items() if each is not None}
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_a_link_is_the_same_by_file_and_by_stack() -> None:
    """Two ways with two results would mean two kinds of federation."""
    assert links.read(json.dumps(LINK.exported(), indent=4)) == LINK
    assert links.read(as_a_backend_has_it(LINK.exported())) == LINK


def test_nothing_in_a_link_is_null() -> None:
    """A stack reference drops what is null in a map, so that the digest would be another than the file's."""
    assert "null" not in json.dumps(LINK.exported())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{", "not JSON"),
        ("[]", "no link"),
        ('{"version": 1}', "no link of a site"),
        (changed(version=2), "version 2.*newer program"),
        (changed(extra=1), "no link of a site"),
        (changed(transport="rollsite"), "altered"),
        (changed(digest=None), "altered"),
        (changed(endpoints={"pulsar": {"host": "evil.example", "port": 443, "tls": True}}), "altered"),
        (resealed(trustAnchors=["PEM"]), "no link of a site"),
        (resealed(trustAnchors=[f"{linked.PEM}\ninclude /etc/passwd;"]), "no link of a site"),
        (resealed(site="fate-9999"), "an exchange cannot be fate-9999"),
        (resealed(partyId=7), "an? exchange cannot be"),
        (resealed(role="party"), "a party cannot be fate-exchange"),
    ],
)
def test_what_is_no_link_is_refused_with_a_remedy(given: str, words: str) -> None:
    """A link with a slip in it would send a party's data to the wrong place."""
    with pytest.raises(links.Unreadable, match=words):
        links.read(given)
