"""Turns the catalogue into images of an engine, each one again only when what it is made from has changed."""

import contextlib
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import time
from collections.abc import Iterator

import docker
import docker.errors

from .. import errors
from . import catalogue, debian, jars

LABEL = "fate-lab.inputs"
"""Image label with the hash of everything the image is made from."""


class Builder:
    """Builds into one engine; what is there already and fits is left alone."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client

    def image(self, tag: str) -> None:
        """Makes sure that the image called ``tag`` is there and current; raises :class:`LabError` when it cannot be."""
        image = catalogue.IMAGES[tag]
        wanted = image_hash(image)
        if self._current(tag, wanted):
            return
        self.layer(image.parent)
        before = self._id(tag)
        with _said(tag):
            self._build(image, wanted)
        if before is not None and before != self._id(tag):
            # Containers may still run from the replaced image; then it stays, without a name.
            with contextlib.suppress(docker.errors.APIError):
                self._client.images.remove(before)

    def layer(self, tag: str) -> None:
        """The same for a layer and, first, the layers below it."""
        layer = catalogue.LAYERS[tag]
        wanted = layer_hash(tag)
        if self._current(tag, wanted):
            return
        if layer.parent is None:
            with _said(tag):
                debian.import_base(self._client, layer, {LABEL: wanted})
            return
        self.layer(layer.parent)
        with _said(tag):
            debian.install(self._client, layer, {LABEL: wanted})

    def _current(self, tag: str, wanted: str) -> bool:
        try:
            labels = self._client.images.get(tag).labels
        except docker.errors.ImageNotFound:
            return False
        return bool(labels.get(LABEL) == wanted)

    def _id(self, tag: str) -> str | None:
        try:
            return str(self._client.images.get(tag).id)
        except docker.errors.ImageNotFound:
            return None

    def _build(self, image: catalogue.Image, wanted: str) -> None:
        try:
            events = self._client.api.build(
                fileobj=_context(image),
                custom_context=True,
                tag=image.tag,
                target=image.target,
                labels={LABEL: wanted},
                network_mode="none",
                rm=True,
                forcerm=True,
                decode=True,
            )
            said: list[str] = []
            for event in events:
                said.append(event.get("stream", ""))
                if "error" in event:
                    raise errors.LabError(f"image {image.tag}: {event['error']}; it said\n{''.join(said)[-2000:]}")
        except docker.errors.APIError as error:
            raise errors.LabError(f"image {image.tag}: the engine refused to build it: {error.explanation}") from error


def image_hash(image: catalogue.Image) -> str:
    """Hash of the image's own files and of the layers below it."""
    return _digest([layer_hash(image.parent), *(f"{name}\0{path.read_bytes()!r}" for name, path in _files(image))])


def layer_hash(tag: str) -> str:
    """Hash of a layer's recipe and of the layers below it; the mirror is not part of it."""
    layer = catalogue.LAYERS[tag]
    below = layer_hash(layer.parent) if layer.parent else json.dumps(debian.RECIPE)
    extra = [layer.laid.recipe] if layer.laid else []
    return _digest([below, *layer.packages, layer.prune, *extra])


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _files(image: catalogue.Image) -> list[tuple[str, pathlib.Path]]:
    """Name in the build context and place on disk of every file that makes the image, in a fixed order."""
    context = catalogue.CONTEXTS / image.context
    files = [(path.relative_to(context).as_posix(), path) for path in context.rglob("*") if path.is_file()]
    if image.stand_in:
        files += [(f"fate/{path.name}", path) for path in catalogue.STAND_IN.glob("*.py")]
    return sorted(files)


def _context(image: catalogue.Image) -> io.BytesIO:
    """The build context as a tar: owners and times are left out, so equal files make equal layers."""
    buffer = io.BytesIO()
    pom = catalogue.CONTEXTS / image.context / jars.POM
    libraries = jars.resolve(pom) if pom.is_file() else []
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in [*_files(image), *((f"jars/{path.name}", path) for path in libraries)]:
            info = tarfile.TarInfo(name)
            info.size = path.stat().st_size
            info.mode = 0o755 if _is_script(path) else 0o644
            with path.open("rb") as file:
                tar.addfile(info, file)
    buffer.seek(0)
    return buffer


def _is_script(path: pathlib.Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


@contextlib.contextmanager
def _said(tag: str) -> Iterator[None]:
    """Says what is being built, and how long it took."""
    print(f"images: building {tag}", file=sys.stderr, flush=True)
    started = time.monotonic()
    yield
    print(f"images: built {tag} in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
