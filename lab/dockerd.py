"""A Docker engine for the lab: the one that answers already, else one of our own with all its data below `.lab`."""

import argparse
import hashlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

from . import daemon, errors, mounts, packages, paths

DEFAULT_HOST = "unix:///var/run/docker.sock"
START_SECONDS = 60
"""Room for the first start on a slow disk; a warm one takes about two."""
STOP_SECONDS = 60
"""Containers get ten seconds each to end; they end side by side."""
LOCK = paths.LAB / "docker.lock"
ENGINE = daemon.Daemon("dockerd")
PROGRAMS = {"dockerd": "docker.io", "docker": "docker.io", "containerd": "containerd", "iptables": "iptables"}


def own_host() -> str:
    """DOCKER_HOST of the engine that the lab itself starts."""
    return f"unix://{paths.DOCKER_SOCKET}"


def up() -> str:
    """DOCKER_HOST of an engine that answers: the caller's own, else the lab's, which is started when it is not running.

    Raises :class:`lab.errors.LabError` when no engine answers and none can be started (no root, missing packages).
    """
    running = host()
    if running is not None:
        return running
    _require_root()
    with daemon.exclusively(LOCK):
        return host() or _start()


def down() -> None:
    """Stop the lab's own engine with its containers; an engine that the lab did not start is left alone.

    Images and volumes stay in .lab/docker.
    """
    with daemon.exclusively(LOCK):
        ENGINE.stop(STOP_SECONDS)
        # It leaves the network namespaces of containers mounted, and then .lab cannot be removed.
        mounts.unmount_below(_runtime_folder())
        paths.DOCKER_SOCKET.unlink(missing_ok=True)


def host() -> str | None:
    """DOCKER_HOST of the engine that answers now, ``None`` when there is none."""
    return next((candidate for candidate in _candidates() if version(candidate)), None)


def status() -> str:
    """One line for people: which engine is used, whose it is and its version."""
    running = host()
    if running is None:
        return "docker: no engine answers"
    owner = "the lab's own" if running == own_host() else "not started by the lab"
    return f"docker: {version(running)} at {running} ({owner})"


def version(address: str) -> str | None:
    """Version of the engine at ``address`` (a DOCKER_HOST), ``None`` when it does not answer."""
    client = packages.program("docker")
    if client is None:
        return None
    try:
        answer = subprocess.run(
            [client, "--host", address, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=15,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None


def _candidates() -> Iterator[str]:
    """Where an engine may answer, the caller's choice first."""
    chosen = os.environ.get("DOCKER_HOST")
    if chosen:
        yield chosen
    yield DEFAULT_HOST
    if paths.DOCKER_SOCKET.exists():
        yield own_host()


def _require_root() -> None:
    if os.geteuid() != 0:
        raise errors.LabError(
            "no Docker engine answers and only root can start one: start Docker, or set DOCKER_HOST to an engine"
        )


def _start() -> str:
    packages.require(PROGRAMS)
    daemon.require_short(paths.DOCKER_SOCKET)
    runtime = _runtime_folder()
    for folder in (runtime, paths.DOCKER):
        folder.mkdir(parents=True, exist_ok=True)
    # A pid file left by a crash makes dockerd refuse to start as soon as another process has that number.
    (runtime / "docker.pid").unlink(missing_ok=True)
    ENGINE.start(_command(runtime))
    try:
        ENGINE.wait_ready(lambda: version(own_host()), START_SECONDS)
    except errors.LabError:
        ENGINE.stop()
        raise
    return own_host()


def _command(runtime: pathlib.Path) -> list[str]:
    """Command line of an engine that touches nothing of a system-wide one."""
    return [
        packages.program("dockerd") or "dockerd",
        f"--data-root={paths.DOCKER / 'data'}",
        f"--exec-root={runtime}",
        f"--pidfile={runtime / 'docker.pid'}",
        f"--host={own_host()}",
        "--config-file=" + str(_empty_config()),
        "--log-level=warn",
    ]


def _empty_config() -> pathlib.Path:
    """A configuration of our own: /etc/docker/daemon.json is the system's, and could contradict the command line."""
    config = paths.DOCKER / "daemon.json"
    config.write_text("{}\n", encoding="utf-8")
    return config


def _runtime_folder() -> pathlib.Path:
    """The exec-root: below .lab, or below /run when that path is too long for the sockets inside."""
    wanted = paths.DOCKER / "run"
    if len(str(wanted / "containerd" / "containerd.sock.ttrpc")) <= daemon.LONGEST_SOCKET:
        return wanted
    return pathlib.Path("/run") / f"fate-lab-{hashlib.sha256(str(paths.ROOT).encode()).hexdigest()[:8]}"


def main(argv: list[str]) -> int:
    """``python -m lab docker up|down|status``; exit code 0, or 1 when ``status`` finds no engine."""
    parser = argparse.ArgumentParser(prog="lab docker", description=__doc__)
    parser.add_argument("action", choices=["up", "down", "status"])
    action = parser.parse_args(argv).action
    if action == "up":
        print(up())
    elif action == "down":
        down()
    else:
        print(status())
    return 0 if action != "status" or host() else 1
