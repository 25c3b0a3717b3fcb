"""Whatever is put under whatever key, the answer is settings or a list of mistakes, and never a traceback."""

import copy
import json
import random
from typing import Any

import pytest

from stacks import settings
from stacks.settings import problems

PATHS = [path for path, _ in problems.fields(settings.StackSettings)]
VALUES: list[Any] = [
    None, "", 0, -1, 1, 1.5, True, False, "x", "9999", "1Gi", "500m", [], {}, ["a"], {"a": 1}, {"host": "h"},
    {"stack": "a/b/c"}, "NodePort", "{broken", float("inf"), float("nan"), 10**40, "\n", "é", {"": {}}, [[]], [{}],
    {"1": {"host": "h", "port": 1, "tls": False}}, {"10000": None}, {"A_PASSWORD": "x"}, "spark://h:1", "h:1", [1],
    [{"key": "a"}], {"nodeAffinity": {}}, {"nodeAffinity": 1}, "128Mi", "/a", "a/b:1", {"clusterName": 1},
]  # fmt: skip


def put(raw: dict[str, Any], path: str, value: Any) -> None:
    """Set ``value`` at the dotted ``path`` of ``raw``."""
    *parents, last = path.split(".")
    for parent in parents:
        inner = raw.get(parent)
        raw[parent] = inner if isinstance(inner, dict) else {}
        raw = raw[parent]
    raw[last] = copy.deepcopy(value)


def configuration(dice: random.Random) -> dict[str, Any]:
    """A configuration in which a few keys have something in them."""
    raw: dict[str, Any] = (
        {"partyId": "9999", "backend": dice.choice([*settings.Backend])} if dice.random() < 0.8 else {}
    )
    for _ in range(dice.randint(0, 4)):
        path = dice.choice([*PATHS, *settings.KEYS]) + dice.choice(["", "", "", "", ".x", "x", ".0", ".10000.host"])
        put(raw, path, dice.choice(VALUES))
    return {key: json.dumps(value) if isinstance(value, dict) else value for key, value in raw.items()}


@pytest.mark.parametrize("seed", range(20))
def test_any_input_is_answered_in_our_own_words(seed: int) -> None:
    """A traceback, or a sentence of the validation library, tells a user neither key nor remedy."""
    dice = random.Random(seed)
    for _ in range(100):
        raw = configuration(dice)
        try:
            settings.parse(raw, dice.choice(["dev", "party-9999", "party-1"]))
        except settings.Invalid as invalid:
            lines = [str(problem) for problem in invalid.problems]
            assert lines, raw
            assert all(line.startswith("fate:") and "\n" not in line for line in lines), raw
            assert not any("Input should" in line or "input should" in line for line in lines), raw
