"""The `random` plugin, stand-in or official."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Stack

PASSWORD = """
    import pulumi, pulumi_random as random
    password = random.RandomPassword("password", length={length}, special=False, min_upper=2, keepers={{"of": "a"}})
    pulumi.export("password", password.result)
    pulumi.export("hash", password.bcrypt_hash)
"""


def test_password_is_drawn_once_and_kept_until_an_input_changes(stack: "Stack") -> None:
    """A password that changed by itself, or stayed after a rotation was asked for, would lock FATE out of MySQL."""
    stack.write(PASSWORD.format(length=24))
    assert stack.preview().did("password") == ["create"]
    stack.up()
    first = stack.outputs()["password"]
    assert len(first) == 24
    assert first.isalnum()
    assert sum(letter.isupper() for letter in first) >= 2
    assert not stack.up().did("password")
    assert stack.outputs()["password"] == first
    plan = stack.up(PASSWORD.format(length=30))
    assert plan.changes("password") == {"length": "update-replace"}
    assert len(stack.outputs()["password"]) == 30
