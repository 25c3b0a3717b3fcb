"""docs/bench.md: what was measured, on how large a machine, beside what was aimed at."""

from collections.abc import Mapping, Sequence

from .. import paths
from . import figures, life, measure

FILE = paths.ROOT / "docs" / "bench.md"
PREVIEW_RATIO, PYTHON_SECONDS, PYTHON_MEMORY, PARTY_RATIO = 1.35, 0.6, 150.0, 1.1
"""Aims: party's preview against the empty program's; processor seconds after imports; MiB at most; time for each of
many parties of an exchange against that for each of few."""
HEADINGS = {
    "render": "Rendering to disk (`kubernetes.renderTo`), no cluster",
    "cluster": "Against an API server, without waiting for pods (`kubernetes.wait: false`)",
    "docker": "On a Docker engine, containers healthy; all but the preview measured once",
    "program": "The Python program",
    "exchange": "An exchange, by how many parties use it",
}
EMPTY = "empty"
OBJECTS = "objects"
BACKENDS = ("eggroll", "spark_rabbitmq", "spark_pulsar", "spark_local_pulsar")
CHART_OBJECTS = {"eggroll": 25, "spark_rabbitmq": 37, "spark_pulsar": 37, "spark_local_pulsar": 23}
"""Objects that KubeFATE v1.11.2's chart makes for the same backends."""
FEW, MANY = 10, 100
ON_DISK, ON_SERVER = "rendered to disk", "against an API server"
INTRODUCTION = """\
# Benchmark

Written by `make bench`. A party of every backend with its default settings beside an empty Pulumi Python program that
configures the same plugins, and beside `kubectl` with the objects that the party renders. All take turns in every
round, each from a new stack or namespace. Seconds of wall clock: median (lowest to highest). Pulumi's commands read
the real state first (`refresh: always`).
"""


def by_kubectl(backend: str) -> str:
    """The subject that `kubectl` is with the objects of a party of ``backend``."""
    return f"kubectl {backend}"


def with_parties(parties: int, where: str) -> str:
    """The subject that an exchange with ``parties`` is, ``where`` it is brought up."""
    return f"{parties} parties, {where}"


def text(found: Mapping[str, figures.Figures]) -> str:
    """The whole file, of the places that there are figures of."""
    missing = [f"- {heading}: not measured yet.\n" for place, heading in HEADINGS.items() if place not in found]
    sections = [_section(place, each) for place, each in found.items()]
    return "\n".join([INTRODUCTION, *_conditions(found), *missing, *sections])


def _conditions(found: Mapping[str, figures.Figures]) -> list[str]:
    """How often and on what was measured: once when that is the same for all places."""
    said = {place: f"Rounds: {each.runs}. Machine: {each.machine}." for place, each in found.items()}
    if len(set(said.values())) == 1:
        return [f"{next(iter(said.values()))}\n"]
    return ["\n".join(f"- {HEADINGS[place]}: {words}" for place, words in said.items()) + "\n"]


def _section(place: str, found: figures.Figures) -> str:
    series = found.series
    if place == "program":
        body = _program(series)
    elif place == "exchange":
        body = f"{_table(series)}\n\n{_growth(series)}"
    else:
        body = f"{_table(series)}\n\n{_ratios(series)}"
    objects = f"\n## Objects on Kubernetes\n\n{_objects(series)}\n" if OBJECTS in series.actions() else ""
    return f"## {HEADINGS[place]}\n\n{body}\n{objects}"


def _table(series: measure.Series) -> str:
    actions = [action for action in series.actions() if action != OBJECTS]
    lines = [_row(["", *actions]), _row(["---"] * (len(actions) + 1))]
    for subject in series.subjects():
        lines.append(_row([_title(subject), *(str(series.summary(subject, action) or "") for action in actions)]))
    return "\n".join(lines)


def _growth(series: measure.Series) -> str:
    """A line for every place and command: what each of many parties takes, against each of few."""
    lines = []
    for where in (ON_DISK, ON_SERVER):
        few, many = with_parties(FEW, where), with_parties(MANY, where)
        for action in series.actions():
            less, more = series.summary(few, action), series.summary(many, action)
            if less and more and less.median:
                each, last = less.median / FEW, more.median / MANY
                further = (more.median - less.median) / (MANY - FEW)
                verdict = "met" if last <= PARTY_RATIO * each else "missed"
                lines.append(
                    f"- {action}, {where}: {last:.3f} s for each of {MANY} parties, {last / each:.2f} times the"
                    f" {each:.3f} s for each of {FEW} (aim: at most {PARTY_RATIO}, {verdict});"
                    f" {further:.3f} s for each further one"
                )
    return "\n".join(lines)


def _title(subject: str) -> str:
    if subject == EMPTY:
        return "empty program"
    if subject in BACKENDS:
        return f"`{subject}`"
    backend = subject.removeprefix("kubectl ")
    return subject if backend == subject else f"`kubectl`: `apply`, `diff`, `apply` of `{backend}`"


def _ratios(series: measure.Series) -> str:
    """A line for every backend: its party's medians as a multiple of the others', the aimed-at one with its verdict."""
    sentences = []
    for backend in BACKENDS:
        ratio = series.ratio(life.PREVIEW, backend, EMPTY)
        if ratio is None:
            continue
        verdict = "met" if ratio <= PREVIEW_RATIO else "missed"
        parts = [f"preview {ratio:.2f} times the empty program's (aim: at most {PREVIEW_RATIO}, {verdict})"]
        for action in series.actions():
            for base, words in ((EMPTY, "the empty program's"), (by_kubectl(backend), "`kubectl`'s")):
                found = series.ratio(action, backend, base)
                if found is not None and (action, base) != (life.PREVIEW, EMPTY):
                    parts.append(f"{action} {found:.2f} times {words}")
        sentences.append(f"- `{backend}`: {'; '.join(parts)}")
    return "\n".join(sentences)


def _objects(series: measure.Series) -> str:
    lines = [_row(["backend", "party", "KubeFATE's chart"]), _row(["---"] * 3)]
    for backend in BACKENDS:
        found = series.summary(backend, OBJECTS)
        if found is not None:
            lines.append(_row([f"`{backend}`", f"{found.median:.0f}", str(CHART_OBJECTS[backend])]))
    return "\n".join(lines)


def _program(series: measure.Series) -> str:
    rows = (
        ("processor seconds for imports", "imports", None),
        ("processor seconds after imports", "after_imports", PYTHON_SECONDS),
        ("peak memory in MiB", "memory", PYTHON_MEMORY),
    )
    lines = [_row(["", "measured", "aim"]), _row(["---"] * 3)]
    for title, what, aim in rows:
        found = series.summary("program", what)
        if found is not None:
            verdict = "" if aim is None else f"at most {aim:g}: {'met' if found.median <= aim else 'missed'}"
            lines.append(_row([title, str(found), verdict]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
