"""docs/bench.md: what was measured, on how large a machine, beside what was aimed at."""

import os
from collections.abc import Mapping, Sequence

from .. import paths
from ..toolchain import plugins, pulumi
from . import measure

FILE = paths.ROOT / "docs" / "bench.md"
PREVIEW = "preview"
PREVIEW_RATIO, PYTHON_SECONDS, PYTHON_MEMORY = 1.35, 0.6, 150.0
"""Aims: party's preview against the empty program's; processor seconds after imports; MiB at most."""
HEADINGS = {
    "render": "Rendering to disk (`kubernetes.renderTo`), no cluster",
    "cluster": "Against an API server, without waiting for pods (`kubernetes.wait: false`)",
    "docker": "On a Docker engine, containers healthy; all but the preview measured once",
}
EMPTY = "empty"
BACKENDS = ("eggroll", "spark_rabbitmq", "spark_pulsar", "spark_local_pulsar")
CHART_OBJECTS = {"eggroll": 25, "spark_rabbitmq": 37, "spark_pulsar": 37, "spark_local_pulsar": 23}
"""Objects that KubeFATE v1.11.2's chart makes for the same backends."""
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


def text(found: Mapping[str, measure.Series], program: measure.Series, objects: Mapping[str, int], runs: int) -> str:
    """The whole file; ``objects``: how many each backend's party is on Kubernetes."""
    parts = [INTRODUCTION, _machine(runs)]
    for place, series in found.items():
        parts.append(f"## {HEADINGS[place]}\n\n{_table(series)}\n\n{_ratios(series)}\n")
    parts.append(f"## Objects on Kubernetes\n\n{_objects(objects)}\n")
    parts.append(f"## The Python program\n\n{_program(program)}\n")
    return "\n".join(parts)


def _machine(runs: int) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    used = ", ".join(str(choice) for choice in plugins.settle())
    return (
        f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB of memory. Rounds: {runs}. {pulumi.described()}; {used}.\n"
    )


def _table(series: measure.Series) -> str:
    actions = series.actions()
    lines = [_row(["", *actions]), _row(["---"] * (len(actions) + 1))]
    for subject in series.subjects():
        lines.append(_row([_title(subject), *(str(series.summary(subject, action) or "") for action in actions)]))
    return "\n".join(lines)


def _title(subject: str) -> str:
    if subject == EMPTY:
        return "empty program"
    backend = subject.removeprefix("kubectl ")
    return f"`{backend}`" if backend == subject else f"`kubectl`: `apply`, `diff`, `apply` of `{backend}`"


def _ratios(series: measure.Series) -> str:
    """A line for every backend: its party's medians as a multiple of the others', the aimed-at one with its verdict."""
    sentences = []
    for backend in BACKENDS:
        ratio = series.ratio(PREVIEW, backend, EMPTY)
        if ratio is None:
            continue
        verdict = "met" if ratio <= PREVIEW_RATIO else "missed"
        parts = [f"preview {ratio:.2f} times the empty program's (aim: at most {PREVIEW_RATIO}, {verdict})"]
        for action in series.actions():
            for base, words in ((EMPTY, "the empty program's"), (by_kubectl(backend), "`kubectl`'s")):
                found = series.ratio(action, backend, base)
                if found is not None and (action, base) != (PREVIEW, EMPTY):
                    parts.append(f"{action} {found:.2f} times {words}")
        sentences.append(f"- `{backend}`: {'; '.join(parts)}")
    return "\n".join(sentences)


def _objects(objects: Mapping[str, int]) -> str:
    lines = [_row(["backend", "party", "KubeFATE's chart"]), _row(["---"] * 3)]
    lines += [_row([f"`{backend}`", str(count), str(CHART_OBJECTS[backend])]) for backend, count in objects.items()]
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
