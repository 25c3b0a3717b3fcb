"""Image archives (the format of `docker save`) made from nothing: no registry and no engine is needed for them."""

import hashlib
import io
import json
import pathlib
import platform
import struct
import tarfile
from collections.abc import Mapping, Sequence

from .. import errors, packages

BUSYBOX = "busybox"
SANDBOX = "fate-lab/pause:1"
"""Holds a pod's namespaces open; the one that Kubernetes names by default would have to be pulled."""
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
SHELL = "fate-lab/busybox:1"
"""A shell with the usual small programs, for the tests of the cluster."""


def sandbox() -> bytes:
    """Archive of the image that holds a pod's namespaces."""
    return image(SANDBOX, {"busybox": (_busybox(), 0o755)}, {}, ["/busybox", "sleep", "infinity"])


def shell() -> bytes:
    """Archive of an image with a shell, a small web server and the like."""
    names = (
        "sh",
        "cat",
        "echo",
        "env",
        "false",
        "httpd",
        "id",
        "ls",
        "mkdir",
        "nc",
        "nslookup",
        "sleep",
        "test",
        "touch",
    )
    links = {f"bin/{name}": "busybox" for name in (*names, "true", "wget")}
    return image(SHELL, {"bin/busybox": (_busybox(), 0o755)}, links, ["/bin/sleep", "infinity"])


def image(
    reference: str, files: Mapping[str, tuple[bytes, int]], links: Mapping[str, str], command: Sequence[str]
) -> bytes:
    """An archive with one image of one layer: files (path -> content, mode), symbolic links, and its command."""
    layer = _layer(files, links)
    digest = hashlib.sha256(layer).hexdigest()
    configuration = json.dumps(
        {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Cmd": list(command), "Env": ["PATH=/bin:/usr/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
    ).encode()
    name = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = [{"Config": name, "RepoTags": [reference], "Layers": [f"{digest}/layer.tar"]}]
    parts = {name: configuration, f"{digest}/layer.tar": layer, "manifest.json": json.dumps(manifest).encode()}
    return _tar({path: (content, 0o644) for path, content in parts.items()}, {})


def _layer(files: Mapping[str, tuple[bytes, int]], links: Mapping[str, str]) -> bytes:
    return _tar({"etc/passwd": (b"root:x:0:0:root:/:/bin/sh\n", 0o644), **files}, links, ("tmp",))


def _tar(files: Mapping[str, tuple[bytes, int]], links: Mapping[str, str], open_folders: Sequence[str] = ()) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in open_folders:
            entry = tarfile.TarInfo(path)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            archive.addfile(entry)
        for path, (content, mode) in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return buffer.getvalue()


def _busybox() -> bytes:
    """The busybox program. Raises :class:`lab.errors.LabError` unless it needs no library."""
    packages.require({BUSYBOX: "busybox-static"})
    content = pathlib.Path(packages.program(BUSYBOX) or BUSYBOX).read_bytes()
    if _needs_interpreter(content):
        raise errors.LabError("the busybox of this machine needs libraries: install busybox-static")
    return content


def _needs_interpreter(program: bytes) -> bool:
    """Whether a 64-bit ELF program is linked dynamically: it names the loader in a segment of its own (PT_INTERP)."""
    (table,) = struct.unpack_from("<Q", program, 32)
    size, count = struct.unpack_from("<HH", program, 54)
    return any(struct.unpack_from("<I", program, table + index * size)[0] == 3 for index in range(count))
