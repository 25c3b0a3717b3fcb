"""The files beside the settings that say the same things: project file, templates, reference."""

import pathlib
import re
from typing import Any

import pytest
import yaml

from lab.toolchain import versions
from stacks import reference, settings

ROOT = pathlib.Path(__file__).parent.parent.parent
TEMPLATES = sorted((ROOT / "stacks").glob("*.example"))


def project() -> dict[str, Any]:
    """The project file."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    return loaded


def declared() -> dict[str, Any]:
    """What the project file declares for the program."""
    return {key: value for key, value in project()["config"].items() if ":" not in key}


def test_project_declares_every_key_with_a_description() -> None:
    """`pulumi config` would not show a key, or would demand one that the program does not know."""
    assert set(declared()) == set(settings.KEYS)
    assert all(value["description"] for value in declared().values())


def test_declared_defaults_say_nothing_but_the_settings_defaults() -> None:
    """A default that differs would win over the documented one, silently."""
    defaults = {key: value["default"] for key, value in declared().items()}
    assert all(default == {} for key, default in defaults.items() if key in settings.SECTIONS)
    smallest = {"partyId": "1", "backend": "eggroll"}
    assert settings.parse(defaults | smallest, "dev") == settings.parse(smallest, "dev")


def test_no_declared_key_has_a_type() -> None:
    """Pulumi would stop at that key's value alone, and the user would mend one mistake a run."""
    assert not [key for key, value in declared().items() if "type" in value]


def test_project_is_what_the_program_counts_on() -> None:
    """The namespace of every key is the project's name; hand-made changes are seen only with a refresh."""
    assert project()["name"] == settings.NAMESPACE
    assert project()["requiredPulumiVersion"] == f">={versions.text(versions.OLDEST_PULUMI)}"
    assert project()["stackConfigDir"] == "stacks"
    assert project()["options"] == {"refresh": "always"}
    assert project()["config"]["pulumi:disable-default-providers"] == {"value": ["kubernetes", "docker"]}


def test_there_are_templates_that_are_no_stack_files() -> None:
    """Pulumi would take a file called Pulumi.<name>.yaml for the configuration of a stack."""
    assert len(TEMPLATES) >= 2
    assert all(template.suffix == ".example" for template in TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("options", [False, True], ids=["as it is", "with every option"])
def test_template_is_good(template: pathlib.Path, options: bool) -> None:
    """A template that is refused is a newcomer's first experience."""
    text = template.read_text(encoding="utf-8")
    written = yaml.safe_load(re.sub(r"^#(?!#)", "", text, flags=re.MULTILINE) if options else text)["config"]
    raw = {key.removeprefix("fate:"): value for key, value in written.items()}
    loaded = settings.parse(raw, "exchange" if raw.get("role") == "exchange" else "party-9999")
    assert loaded.party_id in (9999, None)
    assert bool(loaded.others) is options


def test_reference_is_current() -> None:
    """The page would describe keys that are gone: write it anew with `python -m stacks.reference`."""
    assert reference.PAGE.read_text(encoding="utf-8") == reference.text()


def test_reference_has_every_key_with_its_meaning() -> None:
    """A field without a docstring is a row without a meaning."""
    rows = [line for line in reference.text().splitlines() if line.startswith("| `")]
    assert len(rows) > 60
    assert all(re.fullmatch(r"\| `[\w.[\]]+` \| [^|]+ \| [^|]* \| [A-Z`][^|]+ \|", row) for row in rows)
    named = {row.split("`")[1].split(".")[0] for row in rows}
    assert set(settings.KEYS) <= named
