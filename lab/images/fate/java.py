"""The `java` command of the images: the part of its command line that FATE's services are started with."""

import dataclasses
import os
import pathlib
import sys
from collections.abc import Callable

from . import clustermanager, fateboard, log4j, nodemanager, rollsite, service

_BOOTSTRAP = "com.webank.eggroll.core.Bootstrap"
_ROLLSITE = "com.webank.eggroll.rollsite.EggSiteBootstrap"
_MANAGERS: dict[str, Callable[[pathlib.Path, int, service.Log], None]] = {
    "com.webank.eggroll.core.resourcemanager.ClusterManagerBootstrap": clustermanager.serve,
    "com.webank.eggroll.core.resourcemanager.NodeManagerBootstrap": nodemanager.serve,
}
_WITH_VALUE = {"--bootstraps", "-c", "--config", "-p", "--port", "-s", "--session-id"}


@dataclasses.dataclass
class Command:
    """A parsed command line."""

    defines: dict[str, str]
    """``-D`` system properties."""
    classpath: tuple[str, ...]
    jar: str | None
    main: str | None
    arguments: list[str]


def parse(argv: list[str]) -> Command:
    """Splits Java's own options from the program's; raises `RefusedError` as Java does."""
    command = Command({}, (), None, None, [])
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word.startswith("-D"):
            key, _, value = word[2:].partition("=")
            command.defines[key] = value
        elif word in ("-cp", "-classpath", "-jar"):
            if not rest:
                raise service.RefusedError(f"{word} requires an argument")
            value = rest.pop(0)
            if word == "-jar":
                command.jar = value
                break
            command.classpath = tuple(value.split(":"))
        elif word.startswith("-X"):
            continue
        elif word.startswith("-"):
            raise service.RefusedError(f"unrecognized option: {word}")
        else:
            command.main = word
            break
    command.arguments = rest
    return command


def main() -> None:
    """Starts the service that the command line names."""
    if sys.argv[1:] == ["-version"]:
        print('openjdk version "1.8.0_192"', file=sys.stderr)
        return
    command = parse(sys.argv[1:])
    if command.jar is not None:
        _run_jar(command)
    elif command.main == _ROLLSITE:
        _require_libraries(command)
        options = _options(command.arguments)
        rollsite.serve(pathlib.Path(options.get("-c", "conf/eggroll.properties")), _port(options), _log(command))
    elif command.main == _BOOTSTRAP:
        _require_libraries(command)
        options = _options(command.arguments)
        _run_manager(options, _log(command))
    else:
        raise service.RefusedError(f"Could not find or load main class {command.main}")


def _run_manager(options: dict[str, str], log: service.Log) -> None:
    name = options.get("--bootstraps", "")
    if name not in _MANAGERS:
        raise service.RefusedError(f"--bootstraps {name!r} is no class of eggroll's that runs here")
    port = _port(options)
    if port is None:
        raise service.RefusedError("-p PORT is missing")
    _MANAGERS[name](pathlib.Path(options.get("-c", "conf/eggroll.properties")), port, log)


def _log(command: Command) -> service.Log:
    return log4j.open_log(pathlib.Path(command.defines.get("log4j.configurationFile", "conf/log4j2.properties")))


def _run_jar(command: Command) -> None:
    if command.jar is None or not pathlib.Path(command.jar).is_file():
        raise service.RefusedError(f"Unable to access jarfile {command.jar}")
    if pathlib.Path(command.jar).name != "fateboard.jar":
        raise service.RefusedError(f"{command.jar} is no program of FATE's")
    fateboard.serve(pathlib.Path(command.defines.get("spring.config.location", "conf/application.properties")))


def _require_libraries(command: Command) -> None:
    """Eggroll's classes are found only when the class path leads to its libraries."""
    home = pathlib.Path(os.environ.get("EGGROLL_HOME", "/data/projects/fate/eggroll"))
    if not any(entry.endswith("/*") and pathlib.Path(entry[:-2]) == home / "lib" for entry in command.classpath):
        raise service.RefusedError(f"Could not find or load main class {command.main}: {home}/lib/* is not on -cp")


def _options(arguments: list[str]) -> dict[str, str]:
    """The program's own options; each takes a value, and one that is not known ends the real one too."""
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word not in _WITH_VALUE or not rest:
            raise service.RefusedError(f"unrecognized option or missing value: {word}")
        options[word] = rest.pop(0)
    return options


def _port(options: dict[str, str]) -> int | None:
    value = options.get("-p")
    if value is None:
        return None
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise service.RefusedError(f"-p {value!r} is not a port")
    return int(value)
