"""The `random` plugin, stand-in or official."""

import base64
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Stack

PROGRAM = """
    import pulumi, pulumi_random as random
    password = random.RandomPassword("password", length={length}, override_special="_", min_upper=2, min_special=1)
    text = random.RandomString("text", length=12, special=False, keepers={{"reason": "{reason}"}})
    name = random.RandomId("name", byte_length=6, prefix="fate-")
    raw = random.RandomBytes("raw", length=32)
    number = random.RandomInteger("number", min=30000, max=30010)
    pulumi.export("password", password.result)
    pulumi.export("hash", password.bcrypt_hash)
    pulumi.export("text", text.result)
    pulumi.export("hex", name.hex)
    pulumi.export("raw", raw.base64)
    pulumi.export("number", number.result)
    pulumi.export("uuid", random.RandomUuid("uuid").result)
"""


def test_values_are_drawn_once_and_kept_until_an_input_changes(stack: "Stack") -> None:
    """A password that changed by itself, or stayed after a rotation was asked for, would lock FATE out of MySQL."""
    stack.write(PROGRAM.format(length=24, reason="a"))
    assert stack.preview().did("password") == ["create"]
    stack.up()
    first = stack.outputs()
    _check(first, length=24)
    for secret in (first["password"], first["hash"]):
        assert secret not in stack.export(), "a secret lies open in the state"
    assert first["text"] in stack.export()
    assert stack.resource("raw")["id"] == first["raw"], "bytes lie open in the state as an id: not for secrets"

    result = stack.up(PROGRAM.format(length=30, reason="b"), "--refresh")
    assert result.changes("password") == {"length": "update-replace"}
    assert list(result.changes("text").values()) == ["update-replace"]
    for name in ("name", "raw", "number", "uuid"):
        assert not result.did(name)
    second = stack.outputs()
    _check(second, length=30)
    assert second["text"] != first["text"]
    assert {key: first[key] for key in ("hex", "raw", "number", "uuid")}.items() <= second.items()


def test_impossible_passwords_are_refused(stack: "Stack") -> None:
    """A password that cannot be drawn must fail in the preview, not halfway through a deployment."""
    stack.write(
        """
        import pulumi_random as random
        random.RandomPassword("short", length=3, min_upper=2, min_lower=2)
        """
    )
    text = stack.preview(ok=False).text
    assert "length" in text
    assert "at least sum of" in text


def _check(outputs: dict[str, str], length: int) -> None:
    password = outputs["password"]
    assert len(password) == length
    assert all(letter.isalnum() or letter == "_" for letter in password)
    assert sum(letter.isupper() for letter in password) >= 2
    assert "_" in password
    assert outputs["hash"].startswith("$2")
    assert len(outputs["text"]) == 12
    assert outputs["text"].isalnum()
    assert len(outputs["hex"].removeprefix("fate-")) == 12
    assert len(base64.b64decode(outputs["raw"])) == 32
    assert 30000 <= float(outputs["number"]) <= 30010
    assert uuid.UUID(outputs["uuid"]).version == 4
