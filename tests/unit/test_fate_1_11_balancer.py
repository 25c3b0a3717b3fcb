"""nginx's configuration between a rollsite and several of its exchange, of FATE 1.11."""

import pytest

from components.versions import fate_1_11

pytestmark = pytest.mark.unit
PLAIN = fate_1_11.Hop(host="one.example", port=9370)
SECURE = fate_1_11.Hop(host="2001:db8::7", port=9371, is_secure=True)


def test_every_exchange_is_named_and_dialled_as_it_speaks() -> None:
    """Plain text to a port that speaks TLS, or the other way round, carries nothing."""
    text = fate_1_11.balancer.conf([PLAIN, fate_1_11.Hop(host="10.0.0.2", port=9390)])
    assert "server one.example:9370 " in text
    assert "server 10.0.0.2:9390 " in text
    assert "grpc_pass grpc://exchanges;" in text
    text = fate_1_11.balancer.conf([SECURE])
    assert "server [2001:db8::7]:9371 " in text
    assert "grpc_pass grpcs://exchanges;" in text


@pytest.mark.parametrize("exchanges", [[], [PLAIN, SECURE]])
def test_a_list_that_cannot_be_balanced_is_refused(exchanges: list[fate_1_11.Hop]) -> None:
    """nginx would not start on an empty list, and half of a mixed one would fail at random."""
    with pytest.raises(ValueError, match="correct the list"):
        fate_1_11.balancer.conf(exchanges)
