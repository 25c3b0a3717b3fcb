"""Which resource plugins the engine will load here: the official ones wherever there are any, else our stand-ins.

The engine prefers a plugin on PATH to one installed in PULUMI_HOME. So a stand-in is put on PATH (in `.lab/plugins`,
at its end) only while there is no official plugin, and is taken away as soon as there is one.
"""

import dataclasses
import enum
import os
import pathlib
import shutil
from collections.abc import Iterable, Sequence

from .. import errors, paths, progress
from ..providers import enter
from . import download, memory, versions

NAMES = ("kubernetes", "docker", "random", "tls")
STAND_INS = paths.ROOT / "lab" / "providers"


class Source(enum.Enum):
    """Where a plugin comes from; the value is how it is told to people."""

    ON_PATH = "official, on PATH"
    INSTALLED = "official, installed"
    STAND_IN = "stand-in"
    NONE = "none: it cannot be downloaded here and has no stand-in"


@dataclasses.dataclass(frozen=True)
class Choice:
    """The plugin that the engine will load under a name."""

    name: str
    version: str
    """The version that the installed SDK package asks for."""
    source: Source
    at: pathlib.Path | None = None

    def __str__(self) -> str:
        return f"plugin {self.name} {self.version}: {self.source.value}"


def choose(
    name: str, version: str, path: Sequence[str], homes: Iterable[pathlib.Path], stand_ins: pathlib.Path
) -> Choice:
    """The same choice as the engine's: PATH first, then PULUMI_HOME by exact version, and only then a stand-in.

    `path` are the folders of PATH without the lab's own, `homes` the folders that may hold installed plugins.
    """
    program = f"pulumi-resource-{name}"
    found = shutil.which(program, path=os.pathsep.join(path)) if path else None
    if found is not None:
        return Choice(name, version, Source.ON_PATH, pathlib.Path(found))
    for home in homes:
        folder = home / "plugins" / f"resource-{name}-v{version}"
        unfinished = folder.with_name(folder.name + ".partial").exists()
        if (folder / program).is_file() and not unfinished:
            return Choice(name, version, Source.INSTALLED, folder)
    if (stand_ins / name / "__main__.py").is_file():
        return Choice(name, version, Source.STAND_IN, stand_ins / name)
    return Choice(name, version, Source.NONE)


def settle(names: Sequence[str] = NAMES) -> list[Choice]:
    """Puts links and wrappers in place for what is here now, without any download; takes milliseconds."""
    choices = [
        choose(name, versions.plugin(name), _caller_path(), _homes(), STAND_INS) for name in names if _in_use(name)
    ]
    for choice in choices:
        if choice.source is Source.INSTALLED and choice.at is not None:
            _adopt(choice.at, paths.PULUMI_HOME / "plugins")
        if choice.source is Source.STAND_IN:
            _write(wrapper_file(choice.name), wrapper(choice.name))
        else:
            wrapper_file(choice.name).unlink(missing_ok=True)
    return choices


def ensure() -> list[Choice]:
    """`settle` after trying to download the official plugins that are missing; tried again only after a day."""
    missing = [choice for choice in settle() if choice.source in (Source.STAND_IN, Source.NONE)]
    untried = [choice for choice in missing if not memory.failed_lately(_what(choice))]
    if untried and download.reachable():
        for choice in untried:
            with progress.step(f"downloading {_what(choice)}"):
                failure = _install(choice)
            if failure:
                progress.say(f"   {failure}")
    return settle()


def wrapper_file(name: str) -> pathlib.Path:
    """Where the stand-in's wrapper script is while there is no official plugin."""
    return paths.PLUGINS / f"pulumi-resource-{name}"


def wrapper(name: str) -> str:
    """The script that the engine starts in place of the official plugin."""
    return f"""#!/bin/sh
# Stand-in for the official plugin; the lab removes this file as soon as that is installed.
if [ -S "${enter.ADDRESS}" ]; then
    exec '{paths.VENV}/bin/python' -I -S '{paths.ROOT}/lab/providers/enter.py' {name} "$@"
fi
PYTHONPATH='{paths.ROOT}' exec '{paths.VENV}/bin/python' -m lab.providers.{name} "$@"
"""


def _what(choice: Choice) -> str:
    return f"official plugin {choice.name} {choice.version}"


def _install(choice: Choice) -> str | None:
    command = [str(paths.BIN / "pulumi"), "plugin", "install", "resource", choice.name, choice.version]
    environment = {"PULUMI_HOME": str(paths.PULUMI_HOME), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    return download.attempt(_what(choice), command, **environment)


def _in_use(name: str) -> bool:
    """Whether the program's Python packages ask for this plugin at all."""
    try:
        versions.plugin(name)
    except errors.LabError:
        return False
    return True


def _caller_path() -> list[str]:
    return paths.callers(os.environ.get("PATH", os.defpath))


def _homes() -> list[pathlib.Path]:
    """The lab's own PULUMI_HOME, then the caller's, then the usual one."""
    callers = os.environ.get("PULUMI_HOME")
    return [paths.PULUMI_HOME, *([pathlib.Path(callers)] if callers else []), pathlib.Path.home() / ".pulumi"]


def _adopt(folder: pathlib.Path, plugins: pathlib.Path) -> None:
    """Makes a plugin installed elsewhere known in the lab's PULUMI_HOME.

    A folder of links, because the engine takes only real folders for plugins.
    """
    target = plugins / folder.name
    if target == folder or (target / f"pulumi-{folder.name.rpartition('-v')[0]}").exists():
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in folder.iterdir():
        (target / file.name).symlink_to(file)


def _write(file: pathlib.Path, text: str) -> None:
    """In one move: an engine may be starting plugins at this moment."""
    if file.is_file() and file.read_text("utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    scratch.write_text(text, "utf-8")
    scratch.chmod(0o755)
    scratch.replace(file)
