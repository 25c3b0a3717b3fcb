"""Java's properties files, read as Java reads them; eggroll.properties also as its Python processes read it."""

import configparser
import pathlib
import re

from . import service

SECTION = "eggroll"
"""The section that eggroll's Python processes look into."""
_PAIR = re.compile(r"((?:\\.|[^\\=:\s])*)\s*[=:\s]?\s*(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class Properties:
    """The keys of one file, with the refusals that a wrong one deserves."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        try:
            # Java reads these files as ISO 8859-1, whatever they were written in.
            self._values = _java(path.read_text(encoding="iso-8859-1"))
        except OSError as error:
            raise service.RefusedError(f"{path} cannot be read: {error.strerror}") from error

    def text(self, key: str) -> str:
        """A value that must be there and not empty."""
        value = self.present(key)
        if not value:
            raise service.RefusedError(f"{self.path}: {key} is empty")
        return value

    def present(self, key: str) -> str:
        """A value that must be there, and may be empty."""
        if key not in self._values:
            raise service.RefusedError(f"{self.path}: {key} is missing")
        return self._values[key]

    def optional(self, key: str, default: str = "") -> str:
        """A value that may be missing."""
        return self._values.get(key, default)

    def keys(self, start: str, end: str = "") -> list[str]:
        """The keys that begin and end so, in the file's order."""
        return [key for key in self._values if key.startswith(start) and key.endswith(end)]

    def announce(self) -> None:
        """Prints every key with its value, secrets included, as eggroll's services do when they start."""
        for key, value in self._values.items():
            print(f"config key {key}={value}", flush=True)

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number; without a default it must be there."""
        value = self._values.get(key) if default is not None else self.text(key)
        if value is None:
            assert default is not None
            return default
        # Java's parser takes digits only: "9370 " and "1_000", which Python accepts, end the real service.
        if not re.fullmatch(r"-?[0-9]+", value):
            raise service.RefusedError(f"{self.path}: {key} is {value!r}, which is not a whole number")
        return int(value)

    def port(self, key: str) -> int:
        """A port number; it must be there."""
        value = self.integer(key)
        if not 0 < value < 65536:
            raise service.RefusedError(f"{self.path}: {key} is {value}, which is not a port")
        return value

    def same_for_python(self) -> None:
        """Refuses a file in which eggroll's Python processes would find other values than its Java ones."""
        parser = configparser.ConfigParser()
        try:
            parser.read_string(self.path.read_text(encoding="utf-8"), str(self.path))
            seen = dict(parser[SECTION].items())
        except (configparser.Error, KeyError, UnicodeDecodeError) as error:
            raise service.RefusedError(f"{self.path}: Python's configparser cannot read it: {error}") from error
        for key, value in self._values.items():
            if key != f"[{SECTION}]" and seen.get(key.lower()) != value.strip():
                raise service.RefusedError(f"{self.path}: {key} reads differently in Java and in Python's configparser")


def _java(text: str) -> dict[str, str]:
    """The pairs of a properties file; of a key given twice the last value counts."""
    values: dict[str, str] = {}
    for line in _logical_lines(text):
        found = _PAIR.match(line)
        assert found is not None
        values[_unescape(found[1])] = _unescape(found[2])
    return values


def _logical_lines(text: str) -> list[str]:
    """Lines without comments and blanks; a backslash at the end joins a line with the next."""
    lines: list[str] = []
    pending = ""
    for natural in re.split(r"\r\n|\r|\n", text):
        line = natural.lstrip(" \t\f")
        if not pending and (not line or line[0] in "#!"):
            continue
        line = pending + line
        if (len(line) - len(line.rstrip("\\"))) % 2:
            pending = line[:-1]
            continue
        pending = ""
        lines.append(line)
    return [*lines, pending] if pending else lines


def _unescape(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if len(code) == 5 else _LETTERS.get(code, code)

    return _ESCAPE.sub(plain, text)
