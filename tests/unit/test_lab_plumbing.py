"""The lab's plumbing: environment, processes, rings of the tests."""

import pathlib
import stat
import subprocess
import sys

import pytest

from lab import bootstrap, dockerd, environment, errors, mounts, paths, process, pytest_rings, testing


@pytest.fixture
def lab(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Pid files and logs of the test's own."""
    monkeypatch.setattr(process, "RUN", tmp_path / "run")
    monkeypatch.setattr(paths, "LOG", tmp_path / "log")
    return tmp_path


def test_search_path_puts_stand_ins_last() -> None:
    """An official plugin anywhere on PATH has to win, and the environment's Python has to come first."""
    folders = environment.search_path(f"/usr/bin:{paths.BIN}:/opt/pulumi:{paths.PLUGINS}").split(":")
    assert folders == [str(paths.VENV / "bin"), str(paths.BIN), "/usr/bin", "/opt/pulumi", str(paths.PLUGINS)]


def test_passphrase_is_private_and_stays(tmp_path: pathlib.Path) -> None:
    """Another passphrase at the next run would make the kept state unreadable; a public one would open it."""
    file = tmp_path / "passphrase"
    made = environment.passphrase(file)
    assert len(made) > 20
    assert environment.passphrase(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_old_python_is_told_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person with Python 3.9 should read one sentence, not a syntax error from the middle of a package."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert "3.9" in (bootstrap.unfit() or "")
    assert "make PYTHON=" in (bootstrap.unfit() or "")


def test_process_is_started_once_and_stopped(lab: pathlib.Path) -> None:
    """Two API servers on one port, or one left behind by `down`, would break every later run."""
    first = process.start("sleeper", ["sleep", "60"])
    assert process.start("sleeper", ["sleep", "60"]) == first
    assert process.alive("sleeper")
    process.stop("sleeper")
    assert not process.alive("sleeper")


def test_reused_process_id_is_not_taken_for_ours(lab: pathlib.Path) -> None:
    """After a reboot the number in the pid file belongs to a stranger, whom `down` must not kill."""
    process.start("sleeper", ["sleep", "60"])
    file = process.RUN / "sleeper.pid"
    kept = file.read_text()
    file.write_text(f"{kept.split()[0]} 1\n")
    assert not process.alive("sleeper")
    file.write_text(kept)
    process.stop("sleeper")


MOUNTED = """\
90 80 0:4 net:[4026532] {folder}/netns/default rw shared:40 - nsfs nsfs rw
91 80 0:44 / {folder}/with\\040space rw - tmpfs tmpfs rw
92 91 0:45 / {folder}/with\\040space/inside rw - tmpfs tmpfs rw
93 80 0:46 / {folder}-of-somebody-else rw - tmpfs tmpfs rw
"""


def test_what_the_engine_leaves_mounted_goes_with_it(lab: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A namespace that stays mounted makes `make clean-all` end with 'Device or resource busy'."""
    text = MOUNTED.format(folder=lab)
    assert mounts.points(lab, text) == [f"{lab}/with space/inside", f"{lab}/with space", f"{lab}/netns/default"]
    unmounted: list[pathlib.Path] = []
    monkeypatch.setattr(mounts, "unmount_below", unmounted.append)
    monkeypatch.setattr(dockerd, "LOCK", lab / "lock")
    for name in ("DOCKER", "DOCKER_SOCKET"):
        monkeypatch.setattr(paths, name, lab / "docker")
    dockerd.down()
    assert unmounted == [dockerd._runtime_folder()]


def test_missing_program_is_a_sentence(lab: pathlib.Path) -> None:
    """Whoever starts the cluster before the toolchain learns which command is missing."""
    with pytest.raises(errors.LabError, match="make toolchain"):
        process.start("absent", [str(lab / "absent")])


def test_waiting_in_vain_says_for_what() -> None:
    """A timeout without a reason costs its reader the very minutes it already took."""
    with pytest.raises(errors.LabTimeoutError, match=r"waited 0\.1 s in vain for the moon"):
        process.wait_for(lambda: None, 0.1, lambda: "the moon")


def test_rings_follow_folders() -> None:
    """A test in the wrong ring runs beside one that shares its cluster, and both fail now and then."""
    tests = paths.ROOT / "tests"
    assert pytest_rings.ring_of(tests / "engine" / "conformance" / "test_x.py") == "engine"
    assert pytest_rings.ring_of(tests / "conftest.py") is None


@pytest.mark.parametrize(("ci", "blocked"), [("true", {"docker", "engine"}), ("", {"docker"})])
def test_ring_without_its_engine_is_reported(ci: str, blocked: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring that silently does not run makes a green result mean nothing."""

    def refuse() -> None:
        raise errors.LabError("no engine")

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(testing, "PREPARATIONS", {"docker": refuse})
    assert testing.prepare(["unit", "docker", "engine"]).keys() == blocked


def test_longest_files_start_first_and_no_process_waits_for_a_heavy_one() -> None:
    """A long file left for the end, or processes that wait for each other, cost minutes in every run."""
    weights = {f"heavy-{number}": (200.0 - number, True) for number in range(4)}
    weights |= {f"light-{number}": (100.0 - number, False) for number in range(6)}
    order = pytest_rings.in_order({pathlib.Path(name): weight for name, weight in weights.items()})
    names = [file.name for file in order]
    assert sorted(names) == sorted(weights)
    assert names[:5] == ["heavy-0", "heavy-1", "light-0", "light-1", "light-2"]
    assert names[5:8] == ["light-3", "light-4", "light-5"], "no place is free yet for a third heavy file"


ONE_FILE = """
import os, pathlib, pytest
pytestmark = {mark}

@pytest.fixture(scope="module")
def party():
    with pathlib.Path("{log}").open("a") as log:
        log.write("{name}\\n")

@pytest.mark.parametrize("number", range(4))
def test_it(party, number):
    pass
"""


def test_a_file_brings_its_party_up_once(tmp_path: pathlib.Path) -> None:
    """Every process brought up every party, so that sites of one name fought each other and runs took twice as long."""
    log = tmp_path / "log"
    for name, mark in (
        ("a", "[]"),
        ("b", "pytest.mark.seconds(9)"),
        ("c", "[pytest.mark.seconds(5), pytest.mark.heavy]"),
    ):
        (tmp_path / f"test_{name}.py").write_text(ONE_FILE.format(name=name, mark=mark, log=log))
    ways = testing.parallel(["engine", "unit"])
    settings = ("-c", str(paths.ROOT / "pyproject.toml"), "--rootdir", str(paths.ROOT), "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "-q", *settings, *ways, "-n", "2", str(tmp_path)]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert "12 passed" in done.stdout, done.stdout + done.stderr
    assert sorted(log.read_text().split()) == ["a", "b", "c"]


def test_only_two_heavy_files_run_at_once(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third set of JVMs makes the health checks of the others fail, in whichever run it was started."""
    monkeypatch.setattr(paths, "LAB", tmp_path)
    first, second = pytest_rings.free_place(), pytest_rings.free_place()
    assert first
    assert second
    assert pytest_rings.free_place() is None
    first.close()
    again = pytest_rings.free_place()
    assert again
    again.close()
    second.close()
