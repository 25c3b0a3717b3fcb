"""The contract between stacks: what is written is read, and nothing else is."""

import json
from typing import Any

import pytest

from stacks import links

pytestmark = pytest.mark.unit
LINK = links.Link(
    role="exchange",
    site="fate-exchange",
    fate_version="1.11.2",
    transport="pulsar",
    endpoints={"pulsar": links.LinkEndpoint(host="exchange.example", port=443, tls=True)},
    domain="fate.example",
    trust_anchors=("PEM",),
    parties={9999: links.Admitted(certificate="C", anchor="A"), 10000: None},
)


def changed(**values: Any) -> str:
    """The link as a file in which somebody changed keys."""
    return json.dumps({**LINK.exported(), **values})


def floats(value: Any) -> Any:
    """``value`` with numbers as a state backend may hand them over."""
    if isinstance(value, dict):
        return {key: floats(each) for key, each in value.items()}
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_a_link_is_the_same_by_file_and_by_stack() -> None:
    """Two ways with two results would mean two kinds of federation."""
    assert links.read(json.dumps(LINK.exported(), indent=4)) == LINK
    assert links.read(floats(LINK.exported())) == LINK


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
    ],
)
def test_what_is_no_link_is_refused_with_a_remedy(given: str, words: str) -> None:
    """A link with a slip in it would send a party's data to the wrong place."""
    with pytest.raises(links.Unreadable, match=words):
        links.read(given)
