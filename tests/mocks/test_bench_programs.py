"""The empty program of the benchmark under Pulumi's mocks: it has to pay for the plugins that a party pays for."""

import collections
import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from lab.bench import programs
from tests import mocked

pytestmark = pytest.mark.mocks
SETTINGS: Mapping[str, dict[str, Any]] = {
    "kubernetes": {"platform": "kubernetes", "kubernetes": {"renderTo": "somewhere"}},
    "docker": {"platform": "docker", "docker": {"host": "unix:///var/run/docker.sock"}},
}


def providers(run: mocked.Run) -> collections.Counter[str]:
    """How many providers of each package a run has: those that it makes, and a default one where it makes none."""
    made = collections.Counter(
        each.type.rpartition(":")[2] for each in run.resources if "pulumi:providers:" in each.type
    )
    used = {each.type.partition(":")[0] for each in run.resources} - {"fate", "pulumi"}
    return made + collections.Counter(used - set(made))


@pytest.mark.parametrize("platform", SETTINGS)
def test_the_empty_program_configures_what_a_party_does(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One provider more or less is a second of the ratio that the party is judged by."""
    settings = SETTINGS[platform]
    told = {f"fate:{key}": each if isinstance(each, str) else json.dumps(each) for key, each in settings.items()}
    monkeypatch.setattr(pulumi.Config, "get", lambda _, key, default=None: told.get(f"fate:{key}", default))
    monkeypatch.setattr(pulumi.Config, "require_object", lambda _, key: settings[key])

    def empty() -> Mapping[str, Any]:
        exec(compile(programs.EMPTY, "empty", "exec"), {})
        return {}

    assert providers(mocked.registered(empty)) == providers(mocked.run(**settings, tls=True))
