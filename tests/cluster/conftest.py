"""The lab cluster, started once for the tests that need it, and a namespace of its own for each of them."""

import os
import pathlib
import secrets
import subprocess
from collections.abc import Callable, Iterator

import pytest

from lab import cluster as lab_cluster
from lab import dockerd, errors, paths
from lab.cluster import archive

Kubectl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cluster() -> pathlib.Path:
    """Kubeconfig of the running lab cluster; without one the ring fails in CI and is skipped elsewhere, saying why."""
    try:
        kubeconfig = lab_cluster.up()
        if os.geteuid() != 0:
            raise errors.LabError("pods run for real only as root")
    except errors.LabError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no lab cluster: {error}")
    return kubeconfig


@pytest.fixture(scope="session")
def kubectl(cluster: pathlib.Path) -> Kubectl:
    """Runs kubectl as the cluster's administrator; a refusal raises with what it said, unless ``check=False``."""

    def call(*arguments: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(paths.BIN / "kubectl"), f"--kubeconfig={cluster}", *arguments]
        result = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        if check and result.returncode:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {result.stderr or result.stdout}")
        return result

    return call


@pytest.fixture(scope="session")
def sweep(kubectl: Kubectl) -> Callable[[str], None]:
    """Removes a site's namespace with all that is in it, whatever a test left of it, and waits until it is gone."""

    def remove(site: str) -> None:
        kubectl("delete", "namespace", site, "--ignore-not-found")

    return remove


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    """A namespace that goes with the test, and everything in it."""
    name = f"lab-test-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def engine() -> str:
    """DOCKER_HOST of the lab's engine, with the test image in it."""
    host = dockerd.up()
    command = ["docker", "--host", host, "load"]
    subprocess.run(command, input=archive.shell(), capture_output=True, timeout=60, check=True)
    return host


@pytest.fixture(scope="session")
def shell_image(cluster: pathlib.Path, engine: str) -> str:
    """An image with a shell and a web server, in the node."""
    lab_cluster.load([archive.SHELL])
    return archive.SHELL
