"""What the benchmark makes of what it measured, and what it keeps, without running Pulumi."""

import pathlib

import pytest

from lab import bench, paths, toolchain
from lab.bench import figures, life, measure, report

pytestmark = pytest.mark.unit


def series(**subjects: dict[str, list[float]]) -> measure.Series:
    """Measurements by subject and action."""
    made = measure.Series()
    for subject, actions in subjects.items():
        for action, values in actions.items():
            for value in values:
                made.add(subject, action, value)
    return made


RENDERED = series(empty={"preview": [2.0, 2.0, 9.0]}, eggroll={"preview": [3.0, 3.2, 3.1], report.OBJECTS: [33]})
PROGRAM = series(program={"after_imports": [0.5]})


def exchange(many: float) -> measure.Series:
    """One second for ten parties, and ``many`` for a hundred."""
    few = report.with_parties(report.FEW, report.ON_DISK)
    return series(**{few: {"first up": [1.0]}, report.with_parties(report.MANY, report.ON_DISK): {"first up": [many]}})


def found(**places: measure.Series) -> dict[str, figures.Figures]:
    """Figures of places, all measured three times on one machine."""
    return {place: figures.Figures(taken, 3, "2 cores") for place, taken in places.items()}


def test_benchmark_says_what_was_missed() -> None:
    """A report that shows numbers without the aim lets a slow change pass."""
    text = report.text(found(render=RENDERED, program=PROGRAM))
    assert "| `eggroll` | 3.10 (3.00 to 3.20) |" in text
    assert "preview 1.55 times the empty program's (aim: at most 1.35, missed)" in text
    assert "at most 0.6: met" in text
    assert "| `eggroll` | 33 | 25 |" in text
    assert str(paths.ROOT) not in text


@pytest.mark.parametrize(("seconds", "verdict"), [(10.9, "1.09 times"), (11.2, "1.12 times")])
def test_an_exchange_is_held_to_what_a_party_costs(seconds: float, verdict: str) -> None:
    """A step that grows with the square of the parties stops a federation from growing, and no small test shows it."""
    text = report.text(found(exchange=exchange(seconds)))
    assert verdict in text
    assert ("missed" in text) is (seconds > 11)
    assert f"{(seconds - 1) / 90:.3f} s for each further one" in text


def test_conditions_that_differ_are_told_apart() -> None:
    """Figures of two machines under one heading compare what cannot be compared."""
    same = found(render=RENDERED, program=PROGRAM)
    assert report.text(same).count("2 cores") == 1
    text = report.text({**same, "program": figures.Figures(PROGRAM, 5, "64 cores")})
    assert "Rounds: 3. Machine: 2 cores." in text
    assert "Rounds: 5. Machine: 64 cores." in text


def test_places_are_kept_until_all_are_there(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report of half the places would be taken for the whole; an hour of measuring lost is measured again."""
    places = {"render": lambda _: RENDERED, "program": lambda _: PROGRAM}
    monkeypatch.setattr(bench, "PLACES", places)
    monkeypatch.setattr(toolchain, "ensure", lambda _: None)
    monkeypatch.setattr(life, "FOLDER", tmp_path / "bench")
    monkeypatch.setattr(figures, "FOLDER", tmp_path / "figures")
    monkeypatch.setattr(figures, "taken", lambda taken, runs: figures.Figures(taken, runs, "2 cores"))
    monkeypatch.setattr(report, "FILE", tmp_path / "bench.md")
    assert bench.main(["--only", "render", "--runs", "3"]) == 0
    assert "program not measured" in capsys.readouterr().err
    assert not report.FILE.exists()
    assert bench.main(["--only", "render", "--runs", "3", "--record"]) == 0
    assert "The Python program: not measured yet." in report.FILE.read_text()
    assert bench.main(["--only", "program", "--runs", "3"]) == 0
    assert report.FILE.read_text() == report.text(found(render=RENDERED, program=PROGRAM))


def test_every_place_has_a_heading() -> None:
    """A place without one ends the report after an hour of measuring."""
    assert list(report.HEADINGS) == list(bench.PLACES)
