"""Certificates that travel by links, by the real engine: asked for, signed, taken up, and asked for again."""

import base64
import dataclasses
import pathlib
from typing import Any

import pytest
import yaml
from cryptography import x509

from tests import parties

pytestmark = pytest.mark.seconds(75)


@dataclasses.dataclass
class Pair:
    """An exchange and a party, rendered to a folder each."""

    folder: pathlib.Path
    exchange: parties.Exchange
    party: parties.Party

    def shown(self) -> x509.Certificate:
        """The certificate that the party's nginx shows."""
        files = [yaml.safe_load(file.read_text()) for file in (self.folder / "party-yaml").rglob("*secret*nginx*.yaml")]
        (text,) = {text for each in files for key, text in each["data"].items() if "certificate" in key}
        return x509.load_pem_x509_certificate(base64.b64decode(text))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Created, not up; the tests of this file go on from one another."""
    folder = tmp_path_factory.mktemp("pair")
    state = folder / "state"

    def rendered(name: str, port: int) -> dict[str, Any]:
        kubernetes = {"renderTo": str(folder / f"{name}-yaml"), "nodePorts": {"rollsite": port}}
        return {"kubernetes": kubernetes, "advertise": {"host": f"{name}.fate.example"}}

    exchange = parties.Exchange(folder / "exchange", state=state, **rendered("exchange", 30091))
    told: dict[str, Any] = {"exchange": exchange.reference, "notebook": {"enabled": False}}
    party = parties.Party(folder / "party", 9311, state=state, **told, **rendered("party", 30101))
    exchange.change(parties={"9311": party.reference})
    return Pair(folder, exchange, party)


def test_a_certificate_comes_back_from_whom_it_was_asked_of(pair: Pair) -> None:
    """Until then the party shows one of its own, says what it waits for, and its servers run."""
    pair.exchange.up()
    pair.party.up()
    assert pair.shown().issuer.rfc4514_string() == "CN=fate-9311 for fate-9311,O=FATE"
    (line,) = pair.party.pending
    assert "fate-exchange has not signed the certificate of fate-9311 yet; there run pulumi up" in line
    pair.exchange.up()
    touched = pair.party.up().touched()
    assert "fate-9311-nginx" in touched
    assert not {name for name in touched if "mysql" in name or "fateflow" in name or "nodemanager" in name}
    assert pair.shown().issuer.rfc4514_string() == "CN=fate-exchange for fate-9311,O=FATE"
    assert pair.party.pending == []
    names = pair.shown().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["9311.fate.internal", "party.fate.example"]


def test_then_nothing_changes_any_more(pair: Pair) -> None:
    """A federation that never settles is never trusted."""
    told = pair.party.link
    for site in (pair.exchange, pair.party):
        assert site.up().touched() == set(), site.site
    assert pair.party.link == told, "the exchange would have something to do again"


def test_no_key_leaves_its_site(pair: Pair) -> None:
    """A link goes to competitors, and a state is read by whoever operates its stack."""
    for site in (pair.exchange, pair.party):
        assert "PRIVATE KEY" not in str(site.link)
        assert "PRIVATE KEY" not in site.export()


def test_a_party_that_moves_asks_again(pair: Pair) -> None:
    """Rollsites compare the address that they dial with the certificate: the old one would be refused."""
    pair.party.change(advertise={"host": "moved.fate.example"})
    pair.party.up()
    (line,) = pair.party.pending
    assert "has signed what fate-9311 asked for before its names changed" in line
    pair.exchange.up()
    pair.party.up()
    assert pair.party.pending == []
    names = pair.shown().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "moved.fate.example" in names.get_values_for_type(x509.DNSName)


def test_a_party_that_is_made_anew_does_not_take_up_what_was_signed_for_its_old_key(pair: Pair) -> None:
    """With a certificate for another key no server starts."""
    pair.party.destroy()
    pair.party.up()
    assert pair.shown().issuer.rfc4514_string() == "CN=fate-9311 for fate-9311,O=FATE"
    assert "has not signed" in pair.party.pending[0]
    pair.exchange.up()
    pair.party.up()
    assert pair.party.pending == []


def test_both_sides_can_be_changed_to_plain_text_one_after_the_other(pair: Pair) -> None:
    """Until the second has, neither dials the other, and both say why."""
    pair.party.change(tls=False)
    pair.party.up()
    (line,) = pair.party.pending
    assert "fate-exchange has tls true and fate-9311 tls false, so neither dials the other" in line
    pair.exchange.change(tls=False)
    pair.exchange.up()
    assert pair.exchange.pending == []
    pair.party.up()
    assert pair.party.pending == []
