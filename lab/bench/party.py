"""Parties of every backend beside an empty Pulumi program and beside kubectl, in turn, and the program by itself.

The API server is a real one, but nobody waits for pods: kubectl does not wait either. On a Docker engine containers
start for real.
"""

import json
import pathlib
import subprocess
from collections.abc import Callable, Mapping, Sequence

from .. import errors, paths, progress, toolchain
from ..stack import Stack
from . import life, measure, programs, report

PARTY = "9998"
NAMESPACE = f"fate-{PARTY}"
FIRST = {"namespace": 0, "persistentvolumeclaim": 1}
"""Kinds that others need: a StatefulSet without its claims makes them itself, and kubectl finds them made."""


def rendered(runs: int) -> measure.Series:
    """Parties that become YAML on disk, and how many objects each is."""
    series = _rounds("rendering to disk", runs, {"kubernetes.renderTo": str(life.FOLDER / "manifests")})
    for backend in report.BACKENDS:
        series.add(backend, report.OBJECTS, len(_objects(backend)))
    return series


def on_cluster(runs: int) -> measure.Series:
    """Parties on the lab's API server, and kubectl with the same objects."""
    from .. import cluster

    toolchain.ensure(["kubernetes", "kwok", "coredns", "etcd"])
    with progress.step("lab cluster"):
        kubeconfig = cluster.up()
    settings = {"kubernetes.kubeconfig": str(kubeconfig), "kubernetes.wait": "false", **life.NO_IMAGES}
    return _rounds("against the API server", runs, settings, _kubectl)


def on_docker(runs: int) -> measure.Series:
    """Parties on a Docker engine, with everything healthy."""
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
                life.plan(series, subject, stack)
                stack.remove()
    return series


def program(runs: int) -> measure.Series:
    """Processor time and memory of the Python program itself; a first run lists what it imports late."""
    series = measure.Series()
    stopwatch = programs.write("stopwatch", programs.STOPWATCH, life.FOLDER / "programs")
    notes = life.FOLDER / "notes.json"
    variables = {
        "BENCH_ROOT": str(paths.ROOT),
        "BENCH_NOTES": str(notes),
        "BENCH_MODULES": str(life.FOLDER / "modules.json"),
    }
    stack = Stack(life.FOLDER / "stopwatch", f"party-{PARTY}", stopwatch, variables)
    stack.create()
    stack.configure({"partyId": PARTY, "backend": "eggroll", "kubernetes.renderTo": str(life.FOLDER / "manifests")})
    with progress.step("processor time and memory of the program"):
        for number in range(runs + 1):
            stack.ask("preview", *life.QUIET, *stack.named)
            if number:
                for what, value in json.loads(notes.read_text("utf-8")).items():
                    series.add("program", what, float(value))
    return series


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
                life.life(series, subject, stack)
                if beside and subject != report.EMPTY:
                    beside(series, subject)
    return series


def _stacks(settings: Mapping[str, str]) -> dict[str, Stack]:
    """The empty program and a party of every backend, each on a new stack with the same settings."""
    empty = programs.write("empty", programs.EMPTY, life.FOLDER / "programs")
    made = {report.EMPTY: Stack(life.FOLDER / "empty", f"party-{PARTY}", empty)}
    made |= {backend: Stack(life.FOLDER / backend, f"party-{PARTY}") for backend in report.BACKENDS}
    for subject, stack in made.items():
        backend = "eggroll" if subject == report.EMPTY else subject
        stack.create()
        stack.configure({"partyId": PARTY, "backend": backend, "retainData": "false", **settings})
    return made


def _objects(backend: str) -> Sequence[str]:
    """Every object of a party as YAML, in the order in which kubectl is to make them: that in which it meets them."""
    folder = life.FOLDER / "for-kubectl" / backend
    if not folder.exists():
        stack = Stack(life.FOLDER / f"rendered-{backend}", f"party-{PARTY}")
        stack.create()
        stack.configure({"partyId": PARTY, "backend": backend, "kubernetes.renderTo": str(folder), **life.NO_IMAGES})
        stack.ask("up", "--yes", "--skip-preview", *life.QUIET, *stack.named)
    files = sorted(
        (folder / "1-manifest").glob("*.yaml"), key=lambda file: FIRST.get(file.name.split("-")[1], len(FIRST))
    )
    return [file.read_text("utf-8") for file in files]


def _kubectl(series: measure.Series, backend: str) -> None:
    """The same objects, as the party renders them: applied, compared, applied again."""
    everything = "\n---\n".join(_objects(backend))
    subject = report.by_kubectl(backend)
    try:
        with series.timed(subject, life.FIRST):
            _run("apply", "-f", "-", given=everything)
        with series.timed(subject, life.SAME):
            _run("diff", "-f", "-", given=everything)
        with series.timed(subject, life.SAME_AGAIN):
            _run("apply", "-f", "-", given=everything)
    finally:
        _run("delete", "namespace", NAMESPACE, "--wait=true")


def _run(*arguments: str, given: str | None = None) -> str:
    """What kubectl prints. Raises `LabError` when it fails; `diff` answering with a difference is no failure."""
    kubectl: list[str | pathlib.Path] = [paths.BIN / "kubectl", "--kubeconfig", paths.KUBECONFIG, *arguments]
    done = subprocess.run(kubectl, input=given, capture_output=True, text=True, check=False)
    if done.returncode > (1 if arguments[0] == "diff" else 0):
        raise errors.LabError(f"`kubectl {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout
