"""The node's container runtime, and the images in it."""

import json
import pathlib
import subprocess
import tempfile
from collections.abc import Sequence
from typing import IO

from .. import dockerd, errors, packages, paths
from . import archive, component, network

CNI_PROGRAMS = "/usr/lib/cni"
"""Where Debian's containernetworking-plugins are."""
SOCKET = paths.CLUSTER / "containerd.sock"
NAMESPACE = "k8s.io"
"""The containerd namespace that Kubernetes' pods and images are in."""
LOADED = paths.CLUSTER / "loaded.json"
"""Image name -> the engine's image id that was imported under it: an unchanged image is not imported again."""


def component_of() -> component.Component:
    """The runtime as a component."""
    configurations = component.folder("cni", "configuration")
    component.settings("cni/configuration/10-lab.conflist", network.cni_configuration())
    file = component.settings("containerd.toml", _configuration(configurations))
    return component.Component(
        "containerd", (packages.program("containerd") or "containerd", f"--config={file}"), _answers
    )


def _configuration(cni_configurations: pathlib.Path) -> str:
    """Its own root, state and socket; nothing is shared with Docker's or the system's containerd."""
    return f"""version = 2
root = "{component.folder("containerd", "root")}"
state = "{component.folder("containerd", "state")}"
oom_score = 0

[grpc]
  address = "{SOCKET}"

[debug]
  level = "warn"

[plugins."io.containerd.internal.v1.opt"]
  path = "{component.folder("containerd", "opt")}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{archive.SANDBOX}"
  restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{CNI_PROGRAMS}"
  conf_dir = "{cni_configurations}"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
"""


def load(names: Sequence[str]) -> None:
    """Copy images from the Docker engine that :func:`lab.dockerd.up` gives into the node; unchanged ones are skipped.

    ``names`` as Docker writes them (``mysql:8.0.28``). Raises :class:`lab.errors.LabError` for one the engine lacks.
    """
    engine = dockerd.up()
    wanted = {name: _engine_id(engine, name) for name in names}
    loaded, present = _loaded(), images()
    stale = [name for name, id_ in wanted.items() if loaded.get(name) != id_ or name not in present]
    if not stale:
        return
    docker = packages.program("docker") or "docker"
    with subprocess.Popen([docker, "--host", engine, "save", *stale], stdout=subprocess.PIPE) as saving:
        if saving.stdout is not None:
            _import(saving.stdout)
    if saving.returncode:
        raise errors.LabError(f"`docker save {' '.join(stale)}` failed")
    LOADED.write_text(json.dumps({**loaded, **{name: wanted[name] for name in stale}}, indent=2))


def import_archive(content: bytes) -> None:
    """Put the images of an archive (as `docker save` writes it) into the node."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        _import(file)


def images() -> set[str]:
    """Names of the images in the node, as Docker would write them."""
    listed = subprocess.run(_client("images", "list", "-q"), capture_output=True, text=True, check=False)
    if listed.returncode:
        raise errors.LabError(f"the node's images cannot be listed: {listed.stderr.strip()}")
    return {_familiar(name) for name in listed.stdout.split()}


def _familiar(name: str) -> str:
    """`docker.io/library/mysql:8.0.28` as Docker's users write it: `mysql:8.0.28`."""
    return name.removeprefix("docker.io/").removeprefix("library/")


def _client(*arguments: str) -> list[str]:
    return [packages.program("ctr") or "ctr", "--address", str(SOCKET), "--namespace", NAMESPACE, *arguments]


def _import(stream: IO[bytes]) -> None:
    done = subprocess.run(_client("images", "import", "-"), stdin=stream, capture_output=True, text=True, check=False)
    if done.returncode:
        raise errors.LabError(f"the node's containerd refuses the image archive: {done.stderr.strip()}")


def _engine_id(engine: str, name: str) -> str:
    docker = packages.program("docker") or "docker"
    asked = subprocess.run(
        [docker, "--host", engine, "image", "inspect", "--format", "{{.Id}}", name],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode:
        raise errors.LabError(
            f"image {name} is not in the Docker engine at {engine}: build it with `python -m lab images`"
        )
    return asked.stdout.strip()


def _loaded() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(LOADED.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _answers() -> bool:
    """Whether it lists images: the socket opens a little earlier than its services."""
    try:
        images()
    except errors.LabError:
        return False
    return True
