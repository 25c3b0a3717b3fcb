"""Files that an image layer gets besides Debian packages, from a registry that Debian is not."""

import contextlib
import dataclasses
import os
import pathlib
import tarfile
from collections.abc import Callable, Iterator

from .. import paths

CACHE = paths.IMAGES / "payloads"
"""Made once and kept: they come from a network, and layers are rebuilt more often than they change."""


@dataclasses.dataclass(frozen=True)
class Payload:
    """A tar of files that is unpacked at the root of a layer."""

    recipe: str
    """Everything that decides the content, version included: it goes into the layer's hash."""
    name: str
    """Of the tar in the cache, version included."""
    make: Callable[[pathlib.Path], None]
    """Writes the tar; raises :class:`LabError` where that is not possible on this machine."""

    def tar(self) -> pathlib.Path:
        """The tar, made unless the cache has it. Another recipe is another tar."""
        made = CACHE / f"{self.name}.tar"
        written = made.with_suffix(".recipe")
        if made.is_file() and written.is_file() and written.read_text(encoding="utf-8") == self.recipe:
            return made
        CACHE.mkdir(parents=True, exist_ok=True)
        with replaced(made) as new:
            self.make(new)
        written.write_text(self.recipe, encoding="utf-8")
        return made


@contextlib.contextmanager
def replaced(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A path to write to; ``path`` is replaced by it when all went well, and left alone otherwise."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def plain(member: tarfile.TarInfo, name: str) -> tarfile.TarInfo:
    """``member`` under another name, without the owner and time that would make equal files unequal."""
    found = tarfile.TarInfo(name)
    found.size, found.type, found.linkname = member.size, member.type, member.linkname
    found.mode = 0o755 if member.mode & 0o100 else 0o644
    return found
