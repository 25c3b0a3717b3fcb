"""The Debian under every lab image: made with debootstrap and apt from the mirror that this machine is set up with.

What apt needs to reach that mirror (proxy, credentials, certificates) is lent to the container that installs, and
never becomes part of an image.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

import docker
import docker.types

from .. import errors, packages, paths
from . import catalogue

APT = pathlib.Path("/etc/apt")
CERTIFICATES = pathlib.Path("/etc/ssl/certs")
SLIM = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/lintian",
    "usr/share/bash-completion",
    "var/cache/apt",
    "var/lib/apt/lists",
    "var/log",
)
"""Folders emptied in every layer, which halves it."""
DPKG = "path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n"
INSTALL = """set -e
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
apt-get -qq update
apt-get -qq install --yes --no-install-recommends {packages}
{prune}
cd / && for folder in {slim}; do find "$folder" -mindepth 1 -delete; done
rm -f /usr/sbin/policy-rc.d
"""
RECIPE = {"suite": catalogue.SUITE, "slim": SLIM, "dpkg": DPKG, "install": INSTALL}
"""What decides the content of every layer besides its packages, for the hash."""


def mirror() -> str:
    """Address of the first mirror in apt's sources that has the lab's Debian release; raises `LabError` without one."""
    for file in [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*"))]:
        if file.suffix in (".list", ".sources") and file.is_file():
            found = _mirror(file.read_text(encoding="utf-8"), deb822=file.suffix == ".sources")
            if found:
                return found
    raise errors.LabError(
        f"lab images are made from Debian {catalogue.SUITE}, and apt's sources in {APT} name no mirror of it;"
        f" add one: deb ADDRESS {catalogue.SUITE} main"
    )


def _mirror(text: str, *, deb822: bool) -> str | None:
    """The address of the release's mirror in one file of apt's sources, in either of apt's two formats."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    if deb822:
        for block in "\n".join(lines).split("\n\n"):
            fields = {
                key.strip().lower(): value.split() for key, _, value in (x.partition(":") for x in block.split("\n"))
            }
            if catalogue.SUITE in fields.get("suites", []) and "deb" in fields.get("types", []) and fields.get("uris"):
                return fields["uris"][0]
        return None
    for line in lines:
        words = [word for word in line.split("]")[-1].split() if word != "deb"]
        if line.startswith("deb ") and catalogue.SUITE in words and words:
            return words[0]
    return None


def import_base(client: docker.DockerClient, layer: catalogue.Layer, labels: dict[str, str]) -> None:
    """Makes the bare system with debootstrap, empties what nothing reads, and imports it as ``layer.tag``."""
    if os.geteuid() != 0:
        raise errors.LabError("lab images: only root can run debootstrap; run this command as root once")
    packages.require({"debootstrap": "debootstrap"})
    paths.IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.IMAGES, prefix="base-") as folder:
        root = pathlib.Path(folder) / "root"
        _debootstrap(root, layer.packages)
        for name in SLIM:
            shutil.rmtree(root / name, ignore_errors=True)
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "etc/dpkg/dpkg.cfg.d/lab").write_text(DPKG, encoding="utf-8")
        for leftover in ("etc/apt/sources.list", "etc/resolv.conf", "etc/hostname"):
            (root / leftover).unlink(missing_ok=True)
        tar = subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE)
        name, _, tag = layer.tag.partition(":")
        changes = [f"LABEL {key}={value}" for key, value in labels.items()] + ['CMD ["/bin/bash"]']
        client.api.import_image_from_stream(tar.stdout, repository=name, tag=tag, changes=changes)
        if tar.wait():
            raise errors.LabError(f"image {layer.tag}: tar failed; is the disk full?")


def _debootstrap(root: pathlib.Path, included: tuple[str, ...]) -> None:
    command = [
        "debootstrap",
        "--variant=minbase",
        f"--include={','.join(included)}",
        catalogue.SUITE,
        str(root),
        mirror(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
        raise errors.LabError(f"debootstrap failed:\n{last}")


def install(client: docker.DockerClient, layer: catalogue.Layer, labels: dict[str, str]) -> None:
    """Installs the layer's packages in a container that sees this machine's apt settings, and commits it."""
    script = INSTALL.format(packages=" ".join(layer.packages), prune=layer.prune or ":", slim=" ".join(SLIM))
    proxies = {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}
    with tempfile.TemporaryDirectory() as folder:
        mounts = _lent(pathlib.Path(folder))
        parent = layer.parent or layer.tag
        container = client.containers.create(parent, ["sleep", "infinity"], network_mode="host", mounts=mounts)
        try:
            container.start()
            # Java's packages link manual pages there, and fail where the folder is not.
            container.exec_run(["mkdir", "-p", "/usr/share/man/man1"])
            if layer.laid:
                with layer.laid.tar().open("rb") as tar:
                    container.put_archive("/", tar)
            # An exec's environment, unlike the container's own, does not end up in the image.
            done = container.exec_run(["bash", "-c", script], environment=proxies)
            if done.exit_code:
                said = done.output if isinstance(done.output, bytes) else b""
                last = "\n".join(said.decode(errors="replace").splitlines()[-8:])
                raise errors.LabError(f"image {layer.tag}: installing {' '.join(layer.packages)} failed:\n{last}")
            name, _, tag = layer.tag.partition(":")
            container.commit(repository=name, tag=tag, conf={"Labels": labels, "Cmd": ["/bin/bash"]})
        finally:
            container.remove(force=True)


def _lent(folder: pathlib.Path) -> list[docker.types.Mount]:
    """Mounts of what apt needs to reach the mirror; what they hold is read-only or a copy in ``folder``."""
    (folder / "sources.list").write_text(f"deb {mirror()} {catalogue.SUITE} main\n", encoding="utf-8")
    settings = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout.splitlines()
    # How to reach a mirror, and nothing else: other settings run hooks of programs that the container does not have.
    wanted = "".join(f"{line}\n" for line in settings if line.startswith("Acquire"))
    (folder / "apt.conf").write_text(wanted, encoding="utf-8")
    lent = [(str(folder / name), f"/etc/apt/{name}") for name in ("sources.list", "apt.conf")]
    lent += [(str(path), str(path)) for path in (APT / "auth.conf.d",) if path.is_dir()]
    mounts = [docker.types.Mount(target, source, type="bind", read_only=True) for source, target in lent]
    if CERTIFICATES.is_dir():
        # Java's package writes a keystore there, and fails where it cannot.
        copy = shutil.copytree(CERTIFICATES, folder / "certs", symlinks=True)
        mounts.append(docker.types.Mount(str(CERTIFICATES), str(copy), type="bind"))
    return mounts
