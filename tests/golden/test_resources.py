"""The resources of every backend on every platform, compared with the kept ones.

``make golden`` writes them anew; the difference then shows in review what a change does to a site.
"""

import json
import os
import pathlib

import pytest

from stacks import backends
from tests import mocked

pytestmark = pytest.mark.golden
KEPT = pathlib.Path(__file__).parent
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
CELLS = [(backend.value, platform) for backend in backends.BACKENDS for platform in ("kubernetes", "docker")]


def snapshot(backend: str, platform: str) -> str:
    """Every resource with its inputs, in a stable order."""
    run = mocked.run(backend=backend, platform=platform)
    ordered = sorted(run.resources, key=lambda each: (each.type, each.name))
    shown = [{"type": each.type, "name": each.name, "inputs": each.inputs} for each in ordered]
    return json.dumps(shown, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize(("backend", "platform"), CELLS)
def test_resources_are_the_kept_ones(backend: str, platform: str) -> None:
    """A change that alters a site it was not meant for would roll pods at every user's next up."""
    file = KEPT / f"{backend}-{platform}.json"
    made = snapshot(backend, platform)
    if UPDATE:
        file.write_text(made)
    assert file.read_text() == made, f"{file.name} differs: look at the change, then run make golden"


@pytest.mark.parametrize(("backend", "platform"), CELLS)
def test_resource_list_is_the_kept_one(backend: str, platform: str) -> None:
    """The short list is what a reviewer reads: a resource too many or too few stands out."""
    file = KEPT / f"{backend}-{platform}.txt"
    run = mocked.run(backend=backend, platform=platform)
    made = "".join(f"{line}\n" for line in sorted(f"{each.type} {each.name}" for each in run.resources))
    if UPDATE:
        file.write_text(made)
    assert file.read_text() == made, f"{file.name} differs: look at the change, then run make golden"
