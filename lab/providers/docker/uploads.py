"""Files that are put into a container between its creation and its start."""

import base64
import grp
import io
import pathlib
import pwd
import tarfile
import time
from collections.abc import Sequence
from typing import Any

import docker.errors

from ..plugin import PluginError
from ..values import Properties
from . import engine


def put(client: Any, container: str, uploads: Sequence[Properties]) -> None:
    """Copy files in; `PluginError` when a description or the copy is wrong.

    In one archive: the engine starts a process of its own for each.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for upload in uploads:
            content = _content(upload)
            archive.addfile(_entry(upload, len(content)), io.BytesIO(content))
    try:
        client.put_archive(container, "/", buffer.getvalue())
    except docker.errors.APIError as error:
        raise PluginError(f"Unable to upload volume content: {engine.reason(error)}") from None


def _content(upload: Properties) -> bytes:
    given = [name for name in ("content", "contentBase64", "source") if upload.get(name)]
    if not given:
        raise PluginError("error with upload content: one of 'content', 'content_base64', or 'source' must be set")
    if len(given) > 1:
        raise PluginError("error with upload content: only one of 'content', 'content_base64', or 'source' can be set")
    value = str(upload[given[0]])
    if given[0] == "content":
        return value.encode()
    if given[0] == "contentBase64":
        return base64.b64decode(value)
    try:
        return pathlib.Path(value).read_bytes()
    except OSError as error:
        raise PluginError(f"could not read file: open {value}: {(error.strerror or '').lower()}") from None


def _entry(upload: Properties, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(upload["file"])
    entry.size = size
    entry.mtime = int(time.time())
    entry.mode = (
        int(upload["permissions"], 8) if upload.get("permissions") else 0o744 if upload.get("executable") else 0o644
    )
    entry.uid = _number(upload.get("owner"), "owner")
    entry.gid = _number(upload.get("group"), "group")
    return entry


def _number(name: Any, kind: str) -> int:
    """Ids are taken as they are, names are looked up on this machine, as the official plugin does."""
    if not name:
        return 0
    if str(name).isdigit():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid if kind == "owner" else grp.getgrnam(name).gr_gid
    except KeyError:
        raise PluginError(f"error with upload {kind}: unknown {kind} {name}") from None
