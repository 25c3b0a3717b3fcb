"""`python -m lab bench`: the party beside an empty Pulumi program and beside kubectl, in turn, several times.

Two settings are measured: rendering to disk, and a real API server without waiting for pods (kubectl does not wait
either). The pods' images do not exist, so that what runs in them does not disturb the clock.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
from collections.abc import Mapping, Sequence

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
    parser.add_argument("--only", choices=["render", "cluster"], help="leave the other setting out; writes no file")
    arguments = parser.parse_args(argv)
    shutil.rmtree(FOLDER, ignore_errors=True)
    toolchain.ensure(["pulumi", "plugins"])
    found: dict[str, measure.Series] = {}
    for place, run in (("render", _render), ("cluster", _cluster)):
        if arguments.only in (None, place):
            found[place] = run(arguments.runs)
    text = report.text(found, _program(arguments.runs), arguments.runs)
    if arguments.only is None:
        report.FILE.parent.mkdir(exist_ok=True)
        report.FILE.write_text(text, "utf-8")
    print(text)
    return 0


def _render(runs: int) -> measure.Series:
    series = measure.Series()
    for number in range(runs):
        with progress.step(f"rendering to disk, round {number + 1} of {runs}"):
            for subject, stack in _stacks({"kubernetes.renderTo": str(FOLDER / "manifests")}).items():
                _life(series, subject, stack)
    return series


def _cluster(runs: int) -> measure.Series:
    from .. import cluster

    toolchain.ensure(["kubernetes", "kwok", "coredns", "etcd"])
    with progress.step("lab cluster"):
        kubeconfig = cluster.up()
    series = measure.Series()
    settings = {"kubernetes.kubeconfig": str(kubeconfig), "kubernetes.wait": "false", **NO_IMAGES}
    for number in range(runs):
        with progress.step(f"against the API server, round {number + 1} of {runs}"):
            for subject, stack in _stacks(settings).items():
                _life(series, subject, stack)
            _kubectl(series)
    return series


def _stacks(settings: Mapping[str, str]) -> dict[str, Stack]:
    """The empty program and the party, each on a new stack with the same settings."""
    empty = programs.write("empty", programs.EMPTY, FOLDER / "programs")
    made = {
        "empty": Stack(FOLDER / "empty", f"party-{PARTY}", empty),
        "party": Stack(FOLDER / "party", f"party-{PARTY}"),
    }
    for stack in made.values():
        stack.create()
        stack.configure({"partyId": PARTY, "backend": "eggroll", "retainData": "false", **settings})
    return made


def _life(series: measure.Series, subject: str, stack: Stack) -> None:
    """One stack from its preview to its end."""
    try:
        with series.timed(subject, report.PREVIEW):
            stack.ask("preview", *QUIET, *stack.named)
        with series.timed(subject, FIRST):
            stack.ask("up", "--yes", "--skip-preview", *QUIET, *stack.named)
        with series.timed(subject, SAME):
            stack.ask("preview", *QUIET, *stack.named)
        with series.timed(subject, SAME_AGAIN):
            stack.ask("up", "--yes", "--skip-preview", *QUIET, *stack.named)
    finally:
        stack.ask("destroy", "--yes", "--skip-preview", *QUIET, *stack.named)
        stack.remove()


def _kubectl(series: measure.Series) -> None:
    """The same objects, as the party renders them: applied, compared, applied again."""
    rendered = FOLDER / "for-kubectl"
    if not rendered.exists():
        stack = Stack(FOLDER / "rendered", f"party-{PARTY}")
        stack.create()
        stack.configure({"partyId": PARTY, "backend": "eggroll", "kubernetes.renderTo": str(rendered), **NO_IMAGES})
        stack.run("up", "--yes", "--skip-preview", *QUIET)
    files = sorted(
        (rendered / "1-manifest").glob("*.yaml"), key=lambda file: "namespace" not in file.name.split("-")[0:2]
    )
    # One stream with the Namespace first: kubectl takes objects in the order in which it meets them.
    everything = "\n---\n".join(file.read_text("utf-8") for file in files)
    try:
        with series.timed("kubectl", FIRST):
            _run("apply", "-f", "-", given=everything)
        with series.timed("kubectl", SAME):
            _run("diff", "-f", "-", given=everything)
        with series.timed("kubectl", SAME_AGAIN):
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
