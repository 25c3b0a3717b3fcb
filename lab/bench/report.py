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
}
INTRODUCTION = """\
# Benchmark

Written by `make bench`. An eggroll party with its default settings beside an empty Pulumi Python program that
configures the same plugins, and beside `kubectl` with the objects that the party renders. All take turns in every
round, each from a new stack or namespace. Seconds of wall clock: median (lowest to highest). Pulumi's commands read
the real state first (`refresh: always`).
"""


def text(found: Mapping[str, measure.Series], program: measure.Series, runs: int) -> str:
    """The whole file."""
    parts = [INTRODUCTION, _machine(runs)]
    for place, series in found.items():
        parts.append(f"## {HEADINGS[place]}\n\n{_table(series)}\n\n{_ratios(series)}\n")
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
        lines.append(_row([_TITLES[subject], *(str(series.summary(subject, action) or "") for action in actions)]))
    return "\n".join(lines)


_TITLES = {
    "empty": "empty program",
    "party": "party",
    "kubectl": "`kubectl`: `apply`, `diff`, `apply`",
}


def _ratios(series: measure.Series) -> str:
    """One sentence for every comparison, the aimed-at one with its verdict."""
    sentences = []
    ratio = series.ratio(PREVIEW, "party", "empty")
    if ratio is not None:
        verdict = "met" if ratio <= PREVIEW_RATIO else "missed"
        sentences.append(f"- preview, party to empty program: {ratio:.2f} (aim: at most {PREVIEW_RATIO}, {verdict})")
    for action in series.actions():
        for base in ("empty", "kubectl"):
            found = series.ratio(action, "party", base)
            if found is not None and (action, base) != (PREVIEW, "empty"):
                sentences.append(f"- {action}, party to {base}: {found:.2f}")
    return "\n".join(sentences)


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
