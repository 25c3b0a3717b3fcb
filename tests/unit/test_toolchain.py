"""How the lab chooses its tools and plugins, without running any of them."""

import json
import pathlib
import stat
import time

import pytest

from lab import errors, paths
from lab.toolchain import golang, memory, plugins, pulumi, versions


@pytest.fixture
def lab(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A lab of the test's own, so that it neither sees nor changes the real one."""
    monkeypatch.setattr(memory, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(memory, "FAILURES", tmp_path / "failed.json")
    monkeypatch.setattr(paths, "PULUMI_HOME", tmp_path / "home")
    monkeypatch.setattr(paths, "PLUGINS", tmp_path / "plugins")
    monkeypatch.setattr(paths, "BIN", tmp_path / "bin")
    return tmp_path


def program(file: pathlib.Path, says: str = "") -> pathlib.Path:
    """An executable that prints a line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("3.300.1-alpha.17+dirty", (3, 300, 1)),
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go 1.25", (1, 25, 0)),
        ("command not found", None),
    ],
)
def test_versions_are_read_as_tools_print_them(text: str, version: versions.Version | None) -> None:
    """A version read wrongly makes a fitting tool be built anew, or an unfit one be used."""
    assert versions.parse(text) == version


@pytest.mark.parametrize(
    ("found", "fits"),
    [((3, 259, 0), True), ((3, 258, 9), False), ((4, 0, 0), False), ((3, 300, 1), True), (None, False)],
)
def test_a_cli_fits_from_the_oldest_version_within_its_major(found: versions.Version | None, fits: bool) -> None:
    """An older CLI knows no error hooks; a new major may break the program: neither may be taken."""
    assert versions.fits(found, versions.OLDEST_PULUMI) is fits


def test_every_group_pins_its_module() -> None:
    """A go.mod without the module would build whatever version is newest, another one on every machine."""
    for group in golang.GROUPS.values():
        text = (golang.HERE / group.folder / "go.mod").read_text()
        assert versions.parse(versions.pinned_module(text, group.module)) is not None, group.name


def test_a_module_that_is_not_pinned_is_an_error() -> None:
    """Whoever edits go.mod by hand learns what is missing instead of getting a Go error."""
    with pytest.raises(errors.LabError, match=r"requires no example\.org/x"):
        versions.pinned_module("module a\n\ngo 1.25.0\n", "example.org/x")


def test_the_go_that_is_looked_for_builds_every_module() -> None:
    """With an older Go the build would stop at the first module that asks for more."""
    needed = versions.needed_go(sorted(golang.HERE.glob("*/go.mod")))
    assert versions.fits(versions.parse(versions.GO_WHEEL), needed)


def test_kubernetes_knows_its_version() -> None:
    """Without these flags the API server calls itself v0.0.0 and clients refuse features."""
    flags = golang.link_flags(golang.GROUPS["kubernetes"], "v1.34.0")
    assert "gitVersion=v1.34.0" in flags
    assert "gitMajor=1" in flags
    assert "gitMinor=34" in flags


def test_stamp_follows_contents_and_flags(lab: pathlib.Path) -> None:
    """A stamp that misses a change would leave an old program in place after an upgrade."""
    module = lab / "go.mod"
    module.write_text("module a")
    first = memory.fingerprint([module], "-s")
    assert memory.fingerprint([module], "-s") == first
    assert memory.fingerprint([module], "-s -w") != first
    module.write_text("module b")
    assert memory.fingerprint([module], "-s") != first


def test_fresh_needs_stamp_and_outputs(lab: pathlib.Path) -> None:
    """A deleted program, or one made from something else, has to be made again."""
    output = lab / "kwok"
    memory.remember("kwok", "abc")
    assert not memory.fresh("kwok", "abc", [output])
    output.touch()
    assert memory.fresh("kwok", "abc", [output])
    assert not memory.fresh("kwok", "def", [output])
    memory.forget("kwok")
    assert not memory.fresh("kwok", "abc", [output])


def test_failed_download_is_forgotten_after_a_day(lab: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying every time makes each `make` slow offline; never trying again keeps the stand-in for ever."""
    memory.note_failure("plugin")
    assert memory.failed_lately("plugin")
    assert not memory.failed_lately("another")
    later = time.time() + memory.FORGET_AFTER + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert not memory.failed_lately("plugin")


def test_broken_memory_is_no_obstacle(lab: pathlib.Path) -> None:
    """A file cut short by a full disk must not end every later run."""
    memory.FAILURES.write_text('{"plu')
    assert not memory.failed_lately("plugin")
    memory.note_failure("plugin")
    assert json.loads(memory.FAILURES.read_text()).keys() == {"plugin"}


def test_plugin_choice_prefers_official_ones(lab: pathlib.Path) -> None:
    """A stand-in that shadows an official plugin would make the tests prove less than they say."""
    folders = {name: lab / name for name in ("path", "home", "stand-ins")}

    def choice() -> plugins.Source:
        where = [str(folders["path"])], [folders["home"]], folders["stand-ins"]
        return plugins.choose("random", "4.21.4", *where).source

    assert choice() is plugins.Source.NONE
    program(folders["stand-ins"] / "random" / "__main__.py")
    assert choice() is plugins.Source.STAND_IN
    program(folders["home"] / "plugins" / "resource-random-v4.20.0" / "pulumi-resource-random")
    assert choice() is plugins.Source.STAND_IN, "the engine takes only the exact version"
    program(folders["home"] / "plugins" / "resource-random-v4.21.4" / "pulumi-resource-random")
    (folders["home"] / "plugins" / "resource-random-v4.21.4.partial").touch()
    assert choice() is plugins.Source.STAND_IN, "an installation cut short is none"
    (folders["home"] / "plugins" / "resource-random-v4.21.4.partial").unlink()
    assert choice() is plugins.Source.INSTALLED
    program(folders["path"] / "pulumi-resource-random")
    assert choice() is plugins.Source.ON_PATH


def test_official_plugin_replaces_the_stand_in(lab: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who installs the official plugin gets it at the next run, without touching the lab."""
    monkeypatch.setenv("HOME", str(lab / "user"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setattr(versions, "plugin", lambda name: "4.21.4")
    [before] = plugins.settle(["random"])
    wrapper = plugins.wrapper_file("random")
    assert before.source is plugins.Source.STAND_IN
    assert wrapper.stat().st_mode & stat.S_IXUSR
    program(lab / "user" / ".pulumi" / "plugins" / "resource-random-v4.21.4" / "pulumi-resource-random")
    [after] = plugins.settle(["random"])
    assert after.source is plugins.Source.INSTALLED
    assert not wrapper.exists()
    adopted = paths.PULUMI_HOME / "plugins" / "resource-random-v4.21.4"
    assert adopted.is_dir()
    assert not adopted.is_symlink(), "the engine skips links among the plugin folders"
    assert (adopted / "pulumi-resource-random").exists()


def test_cli_of_the_machine_is_taken_when_it_fits(lab: pathlib.Path) -> None:
    """Building takes four minutes that a machine with Pulumi installed does not need to spend."""
    old = program(lab / "old" / "pulumi", "v3.100.0")
    broken = program(lab / "broken" / "pulumi", "no version here")
    good = program(lab / "good" / "pulumi", "v3.272.0")
    assert pulumi.first_fitting([old, broken, lab / "absent" / "pulumi", good]) == good
    assert pulumi.first_fitting([old]) is None


def test_the_labs_own_cli_is_never_taken_for_the_machines(lab: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever had the lab on PATH by way of a link got a link that led to itself, and no Pulumi any more."""
    monkeypatch.setenv("HOME", str(lab / "nobody"))
    monkeypatch.setattr(pulumi, "OFFICIAL_HOME", lab / "official")
    own = program(paths.BIN / "pulumi", "v3.272.0")
    (lab / "other name").symlink_to(lab)
    monkeypatch.setenv("PATH", f"{lab / 'other name' / 'bin'}:/usr/bin:/bin")
    assert own not in [candidate.resolve() for candidate in pulumi._candidates()]
    assert paths.callers(f"{lab / 'other name' / 'bin'}:{lab}/plugins/:/usr/bin") == ["/usr/bin"]
