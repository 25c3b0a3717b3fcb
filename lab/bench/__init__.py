"""`python -m lab bench`: parties of every backend beside an empty Pulumi program and beside kubectl, in turn.

Three settings are measured: rendering to disk, a real API server without waiting for pods (kubectl does not wait
either; the pods' images do not exist, so that what runs in them does not disturb the clock), and a Docker engine.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence

from .. import errors, paths, progress, toolchain
from ..stack import Stack
from . import measure, programs, report

FOLDER = paths.LAB / "bench"
PARTY = "9998"
NAMESPACE = f"fate-{PARTY}"
NO_IMAGES = {"images.registry": "registry.invalid"}
QUIET = ("--suppress-outputs", "--suppress-progress")
FIRST, SAME, SAME_AGAIN = "first up", "preview without changes", "up without changes"


def main(argv: Sequence[str]) -> int:
    """Measures and writes docs/bench.md; exit code 0 when all was measured, whatever the numbers are."""
    parser = argparse.ArgumentParser(prog="python -m lab bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="measurements of each kind, at least 5 for the record")
    parser.add_argument("--only", choices=[*PLACES], help="leave the other setting out; writes no file")
    arguments = parser.parse_args(argv)
    shutil.rmtree(FOLDER, ignore_errors=True)
    toolchain.ensure(["pulumi", "plugins"])
    found: dict[str, measure.Series] = {}
    for place, run in PLACES.items():
        if arguments.only in (None, place):
            found[place] = run(arguments.runs)
    objects = {backend: len(_rendered(backend)) for backend in report.BACKENDS}
    text = report.text(found, _program(arguments.runs), objects, arguments.runs)
    if arguments.only is None:
        report.FILE.parent.mkdir(exist_ok=True)
        report.FILE.write_text(text, "utf-8")
    print(text)
    return 0


def _render(runs: int) -> measure.Series:
    return _rounds("rendering to disk", runs, {"kubernetes.renderTo": str(FOLDER / "manifests")})


def _cluster(runs: int) -> measure.Series:
    from .. import cluster

    toolchain.ensure(["kubernetes", "kwok", "coredns", "etcd"])
    with progress.step("lab cluster"):
        kubeconfig = cluster.up()
    settings = {"kubernetes.kubeconfig": str(kubeconfig), "kubernetes.wait": "false", **NO_IMAGES}
    return _rounds("against the API server", runs, settings, _kubectl)


def _docker(runs: int) -> measure.Series:
    from .. import dockerd, images

    with progress.step("lab engine and images"):
        host = dockerd.up()
        images.ensure()
    # Containers start for real here, which takes what it takes: all four in one round, plans in all rounds.
    settings = {"platform": "docker", "docker.host": host}
    series = _rounds("on a Docker engine", 1, settings)
    for number in range(1, runs):
        with progress.step(f"plans for a Docker engine, round {number + 1} of {runs}"):
            for subject, stack in _stacks(settings).items():
                _plan(series, subject, stack)
                stack.remove()
    return series


PLACES: Mapping[str, Callable[[int], measure.Series]] = {"render": _render, "cluster": _cluster, "docker": _docker}
"""Where parties are brought up, in this order."""


def _rounds(
    where: str,
    runs: int,
    settings: Mapping[str, str],
    beside: Callable[[measure.Series, str], None] | None = None,
) -> measure.Series:
    """Every stack's life, in turn, ``runs`` times; ``beside`` is called after each party's with its backend."""
    series = measure.Series()
    for number in range(runs):
        with progress.step(f"{where}, round {number + 1} of {runs}"):
            for subject, stack in _stacks(settings).items():
                _life(series, subject, stack)
                if beside and subject != report.EMPTY:
                    beside(series, subject)
    return series


def _stacks(settings: Mapping[str, str]) -> dict[str, Stack]:
    """The empty program and a party of every backend, each on a new stack with the same settings."""
    empty = programs.write("empty", programs.EMPTY, FOLDER / "programs")
    made = {report.EMPTY: Stack(FOLDER / "empty", f"party-{PARTY}", empty)}
    made |= {backend: Stack(FOLDER / backend, f"party-{PARTY}") for backend in report.BACKENDS}
    for subject, stack in made.items():
        backend = "eggroll" if subject == report.EMPTY else subject
        stack.create()
        stack.configure({"partyId": PARTY, "backend": backend, "retainData": "false", **settings})
    return made


def _plan(series: measure.Series, subject: str, stack: Stack) -> None:
    with series.timed(subject, report.PREVIEW):
        stack.ask("preview", *QUIET, *stack.named)


def _life(series: measure.Series, subject: str, stack: Stack) -> None:
    """One stack from its preview to its end."""
    try:
        _plan(series, subject, stack)
        with series.timed(subject, FIRST):
            stack.ask("up", "--yes", "--skip-preview", *QUIET, *stack.named)
        with series.timed(subject, SAME):
            stack.ask("preview", *QUIET, *stack.named)
        with series.timed(subject, SAME_AGAIN):
            stack.ask("up", "--yes", "--skip-preview", *QUIET, *stack.named)
    finally:
        stack.ask("destroy", "--yes", "--skip-preview", *QUIET, *stack.named)
        stack.remove()


def _rendered(backend: str) -> Sequence[str]:
    """Every object of a party as YAML, the Namespace first: kubectl takes objects in the order it meets them."""
    folder = FOLDER / "for-kubectl" / backend
    if not folder.exists():
        stack = Stack(FOLDER / f"rendered-{backend}", f"party-{PARTY}")
        stack.create()
        stack.configure({"partyId": PARTY, "backend": backend, "kubernetes.renderTo": str(folder), **NO_IMAGES})
        stack.ask("up", "--yes", "--skip-preview", *QUIET, *stack.named)
    files = sorted(
        (folder / "1-manifest").glob("*.yaml"), key=lambda file: "namespace" not in file.name.split("-")[0:2]
    )
    return [file.read_text("utf-8") for file in files]


def _kubectl(series: measure.Series, backend: str) -> None:
    """The same objects, as the party renders them: applied, compared, applied again."""
    everything = "\n---\n".join(_rendered(backend))
    subject = report.by_kubectl(backend)
    try:
        with series.timed(subject, FIRST):
            _run("apply", "-f", "-", given=everything)
        with series.timed(subject, SAME):
            _run("diff", "-f", "-", given=everything)
        with series.timed(subject, SAME_AGAIN):
            _run("apply", "-f", "-", given=everything)
    finally:
        _run("delete", "namespace", NAMESPACE, "--wait=true")


def _program(runs: int) -> measure.Series:
    """Processor time and memory of the Python program itself; a first run lists what it imports late."""
    series = measure.Series()
    stopwatch = programs.write("stopwatch", programs.STOPWATCH, FOLDER / "programs")
    notes = FOLDER / "notes.json"
    variables = {
        "BENCH_ROOT": str(paths.ROOT),
        "BENCH_NOTES": str(notes),
        "BENCH_MODULES": str(FOLDER / "modules.json"),
    }
    stack = Stack(FOLDER / "stopwatch", f"party-{PARTY}", stopwatch, variables)
    stack.create()
    stack.configure({"partyId": PARTY, "backend": "eggroll", "kubernetes.renderTo": str(FOLDER / "manifests")})
    with progress.step("processor time and memory of the program"):
        for number in range(runs + 1):
            stack.ask("preview", *QUIET, *stack.named)
            if number:
                for what, value in json.loads(notes.read_text("utf-8")).items():
                    series.add("program", what, float(value))
    return series


def _run(*arguments: str, given: str | None = None) -> str:
    """What kubectl prints. Raises `LabError` when it fails; `diff` answering with a difference is no failure."""
    kubectl: list[str | pathlib.Path] = [paths.BIN / "kubectl", "--kubeconfig", paths.KUBECONFIG, *arguments]
    done = subprocess.run(kubectl, input=given, capture_output=True, text=True, check=False)
    if done.returncode > (1 if arguments[0] == "diff" else 0):
        raise errors.LabError(f"`kubectl {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout
