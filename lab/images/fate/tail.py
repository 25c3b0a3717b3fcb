"""`fluent-bit -c FILE`: follows files and prints their lines, as the configuration says."""

import fnmatch
import json
import pathlib
import sys
import time
from collections.abc import Iterator

from . import fluentbit, service

DEFAULT_CONFIGURATION = "/fluent-bit/etc/fluent-bit.conf"
FORMATS = ("msgpack", "json", "json_lines", "json_stream")
REFRESH_SECONDS = 60.0
"""How often fluent-bit looks for new files unless told otherwise."""


def main() -> None:
    """Reads the command line and the configuration, then follows files until it is ended."""
    sections = fluentbit.load(pathlib.Path(_configuration(sys.argv[1:])))
    flush = 1.0
    for section in sections:
        if section.kind == "service":
            flush = section.number("flush", flush)
            parsers = section.values.get("parsers_file")
            if parsers and not (pathlib.Path(section.where).parent / parsers).is_file():
                raise service.RefusedError(f"{section.where}: parser file {parsers} is not there")
    inputs = [
        Tail(section) for section in sections if section.kind == "input" and section.values["name"].lower() == "tail"
    ]
    outputs = [Output(section) for section in sections if section.kind == "output"]
    print("Fluent Bit v2.1.4 (stand-in)", file=sys.stderr, flush=True)
    while True:
        for source in inputs:
            for record in source.poll():
                for output in outputs:
                    output.write(source.tag, record)
        sys.stdout.flush()
        time.sleep(max(flush, 0.1))


def _configuration(argv: list[str]) -> str:
    """The value of ``-c``; words that are no options are ignored, as the real command ignores them."""
    path, rest = DEFAULT_CONFIGURATION, list(argv)
    while rest:
        word = rest.pop(0)
        if word in ("-c", "--config"):
            if not rest:
                raise service.RefusedError(f"option {word} requires an argument")
            path = rest.pop(0)
        elif word.startswith("-"):
            raise service.RefusedError(f"unrecognized option {word}")
    return path


def _matching(pattern: str) -> Iterator[pathlib.Path]:
    """Files that an absolute or relative pattern names."""
    path = pathlib.PurePosixPath(pattern)
    return pathlib.Path(path.anchor or ".").glob(str(path.relative_to(path.anchor)))


class Tail:
    """One input: which files it follows and how far each has been read."""

    def __init__(self, section: fluentbit.Section) -> None:
        path = section.values.get("path", "")
        if not path:
            raise service.RefusedError(f"{section.where}: tail: no input 'path' was given")
        self.tag = section.values.get("tag", "tail.0")
        self._paths = [part.strip() for part in path.split(",")]
        self._excluded = [part.strip() for part in section.values.get("exclude_path", "").split(",") if part.strip()]
        self._refresh = section.number("refresh_interval", REFRESH_SECONDS)
        self._key = section.values.get("key", "log")
        self._path_key = section.values.get("path_key")
        self._skip_empty = section.flag("skip_empty_lines")
        # What is there at the start is read from its end; what comes later, from its beginning.
        self._from_head = section.flag("read_from_head")
        self._offsets: dict[str, int] = {}
        self._next_scan = 0.0

    def poll(self) -> list[dict[str, str]]:
        """The lines that have been completed since the last call."""
        now = time.monotonic()
        if now >= self._next_scan:
            self._scan()
            self._next_scan = now + self._refresh
        return [record for path in list(self._offsets) for record in self._read(path)]

    def _scan(self) -> None:
        for pattern in self._paths:
            for name in sorted(map(str, _matching(pattern))):
                excluded = any(fnmatch.fnmatch(name, unwanted) for unwanted in self._excluded)
                if name not in self._offsets and not excluded and pathlib.Path(name).is_file():
                    self._offsets[name] = 0 if self._from_head else pathlib.Path(name).stat().st_size
        self._from_head = True

    def _read(self, name: str) -> list[dict[str, str]]:
        path = pathlib.Path(name)
        try:
            if path.stat().st_size < self._offsets[name]:
                self._offsets[name] = 0
            with path.open("rb") as file:
                file.seek(self._offsets[name])
                complete, newline, _ = file.read().rpartition(b"\n")
        except OSError:
            del self._offsets[name]
            return []
        self._offsets[name] += len(complete) + len(newline)
        if not newline:
            return []
        lines = complete.decode(errors="replace").split("\n")
        extra = {self._path_key: name} if self._path_key else {}
        return [{**extra, self._key: line} for line in lines if line or not self._skip_empty]


class Output:
    """One output to stdout."""

    def __init__(self, section: fluentbit.Section) -> None:
        self._match = section.values.get("match", "")
        if not self._match:
            raise service.RefusedError(f"{section.where}: stdout: Match is missing")
        self._format = section.values.get("format", "msgpack").lower()
        if self._format not in FORMATS:
            raise service.RefusedError(
                f"{section.where}: stdout: format {self._format!r} is none of {', '.join(FORMATS)}"
            )
        self._date = section.values.get("json_date_key", "date")

    def write(self, tag: str, record: dict[str, str]) -> None:
        """Prints a record whose tag matches."""
        if not fnmatch.fnmatchcase(tag, self._match):
            return
        now = time.time()
        if self._format == "msgpack":
            content = ", ".join(f"{json.dumps(key)}=>{json.dumps(value)}" for key, value in record.items())
            print(f"[0] {tag}: [[{now:.9f}, {{}}], {{{content}}}]")
        elif self._format == "json":
            print(json.dumps([{self._date: now, **record}]))
        else:
            print(json.dumps({self._date: now, **record}))
