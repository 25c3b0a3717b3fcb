"""Who signs for whom, under Pulumi's mocks: nobody gets another's name."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components import certificates
from tests import mocked
from tests.unit.test_certificate_request import names, request

pytestmark = pytest.mark.mocks


def admitted(text: str) -> mocked.Run:
    """An exchange that signs ``text`` for party 9999."""

    def program() -> Mapping[str, Any]:
        authority = certificates.Authority("fate-exchange-authority", "fate-exchange")
        made = authority.admit("fate-9999", text, ["9999.fate.internal", "fate.bank.example"])
        return {"anchor": made.anchor}

    return mocked.registered(program)


def test_a_request_is_signed_as_it_came() -> None:
    """A request that was changed on the way would be for another key."""
    asked = request(others=names("9999.fate.internal"))
    (signed,) = admitted(asked).of("LocallySignedCert")
    assert signed.inputs["certRequestPem"] == asked


def test_a_request_for_another_s_name_ends_the_run() -> None:
    """A certificate with another party's name in it is that party's data in the wrong hands."""
    with pytest.raises(pulumi.RunError, match=r"request of fate-9999 asks for .* of 10000\.fate\.internal"):
        admitted(request(others=names("10000.fate.internal")))
