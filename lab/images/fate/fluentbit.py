"""fluent-bit's classic configuration: sections, their keys, includes and variables; only tail to stdout is played."""

import dataclasses
import os
import pathlib
import re
from collections.abc import Mapping

from . import service

_COMMON = {"name", "alias", "log_level"}
_SERVICE = {
    "flush",
    "grace",
    "daemon",
    "log_level",
    "log_file",
    "parsers_file",
    "plugins_file",
    "streams_file",
    "http_server",
    "http_listen",
    "http_port",
    "health_check",
    "hc_errors_count",
    "hc_retry_failure_count",
    "hc_period",
    "hot_reload",
    "coro_stack_size",
    "dns.mode",
    "dns.resolver",
    "dns.prefer_ipv4",
    "json.convert_nan_to_null",
    "scheduler.cap",
    "scheduler.base",
    "storage.path",
    "storage.sync",
    "storage.checksum",
    "storage.metrics",
    "storage.max_chunks_up",
    "storage.backlog.mem_limit",
    "storage.delete_irrecoverable_chunks",
}
_TAIL = _COMMON | {
    "tag",
    "tag_regex",
    "path",
    "exclude_path",
    "path_key",
    "offset_key",
    "key",
    "parser",
    "read_from_head",
    "refresh_interval",
    "watcher_interval",
    "progress_check_interval",
    "progress_check_interval_nsec",
    "rotate_wait",
    "ignore_older",
    "buffer_chunk_size",
    "buffer_max_size",
    "static_batch_size",
    "event_batch_size",
    "skip_long_lines",
    "skip_empty_lines",
    "exit_on_eof",
    "inotify_watcher",
    "db",
    "db.sync",
    "db.locking",
    "db.journal_mode",
    "mem_buf_limit",
    "storage.type",
    "storage.pause_on_chunks_overlimit",
    "threaded",
    "docker_mode",
    "docker_mode_flush",
    "docker_mode_parser",
    "multiline",
    "multiline_flush",
    "multiline.parser",
    "parser_firstline",
}
_STDOUT = _COMMON | {
    "match",
    "match_regex",
    "format",
    "json_date_key",
    "json_date_format",
    "retry_limit",
    "workers",
    "storage.total_limit_size",
}
_CPU = _COMMON | {"tag", "interval_sec", "interval_nsec", "pid"}
PLUGINS: Mapping[tuple[str, str], set[str]] = {
    ("input", "tail"): _TAIL,
    ("input", "cpu"): _CPU,
    ("output", "stdout"): _STDOUT,
}
"""Section and plugin to the keys that the plugin knows."""


@dataclasses.dataclass(frozen=True)
class Section:
    """One section; keys in lower case, as fluent-bit does not tell them apart."""

    kind: str
    values: Mapping[str, str]
    where: str

    def number(self, key: str, default: float) -> float:
        """A number of seconds."""
        value = self.values.get(key)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
            raise service.RefusedError(f"{self.where}: {key} is {value!r}, which is not a number")
        return float(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """On or off."""
        words = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
        value = self.values.get(key)
        if value is None:
            return default
        if value.lower() not in words:
            raise service.RefusedError(f"{self.where}: {key} is {value!r}, and must be On or Off")
        return words[value.lower()]


def load(path: pathlib.Path) -> list[Section]:
    """The checked sections of a file and of those it includes; raises `RefusedError` for what fluent-bit refuses."""
    variables: dict[str, str] = {}
    raw = _read(path, variables, depth=0)
    sections = [_checked(kind, pairs, where) for kind, pairs, where in raw]
    for kind in ("input", "output"):
        if not any(section.kind == kind for section in sections):
            raise service.RefusedError(f"{path}: no {kind} is configured")
    return sections


_Raw = tuple[str, list[tuple[str, str]], str]


def _read(path: pathlib.Path, variables: dict[str, str], depth: int) -> list[_Raw]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise service.RefusedError(f"could not open configuration file {path}: {error}") from error
    sections: list[_Raw] = []
    for number, line in enumerate(lines, start=1):
        text, where = line.strip(), f"{path}:{number}"
        if not text or text.startswith("#"):
            continue
        if text.startswith("@"):
            sections += _directive(text, path, variables, depth, where)
        elif text.startswith("["):
            if not re.fullmatch(r"\[[A-Z_]+\]", text, re.IGNORECASE):
                raise service.RefusedError(f"{where}: {text} is no section")
            sections.append((text[1:-1].lower(), [], where))
        elif not sections or not line[0].isspace():
            raise service.RefusedError(f"{where}: a key stands outside a section, or is not indented")
        else:
            key, _, value = text.partition(" ")
            sections[-1][1].append((key.lower(), _expand(value.strip(), variables)))
    return sections


def _directive(text: str, path: pathlib.Path, variables: dict[str, str], depth: int, where: str) -> list[_Raw]:
    """``@SET NAME=VALUE`` or ``@INCLUDE FILE``."""
    word, _, rest = text.partition(" ")
    if word.upper() == "@SET" and "=" in rest:
        name, _, value = rest.strip().partition("=")
        variables[name] = value
        return []
    if word.upper() == "@INCLUDE" and rest.strip() and depth < 8:
        return _read(path.parent / rest.strip(), variables, depth + 1)
    raise service.RefusedError(f"{where}: {word} is no directive that can be followed")


def _expand(value: str, variables: dict[str, str]) -> str:
    """Replaces ``${NAME}``; an unknown name becomes nothing, as in fluent-bit."""
    return re.sub(r"\$\{([^}]*)\}", lambda found: variables.get(found[1], os.environ.get(found[1], "")), value)


def _checked(kind: str, pairs: list[tuple[str, str]], where: str) -> Section:
    values = dict(pairs)
    if kind == "service":
        known, called = _SERVICE, "service"
    else:
        name = values.get("name", "").lower()
        if (kind, name) not in PLUGINS:
            raise service.RefusedError(f"{where}: section {kind.upper()} with plugin {name!r} is not known here")
        known, called = PLUGINS[kind, name], name
    unknown = [key for key, _ in pairs if key not in known]
    if unknown:
        raise service.RefusedError(f"{where}: {called}: unknown configuration property {unknown[0]!r}")
    return Section(kind, values, where)
