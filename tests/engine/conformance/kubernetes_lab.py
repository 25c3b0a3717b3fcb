"""What the conformance tests of the `kubernetes` plugin run against: the lab's cluster, one namespace for each test."""

import os
import pathlib
import secrets
import subprocess
from collections.abc import Callable, Iterator

import pytest

Kubectl = Callable[..., str]

HEADER = """
import pulumi, pulumi_kubernetes as k8s
from pulumi import ResourceOptions as Options
cluster = k8s.Provider("cluster", kubeconfig={kubeconfig!r}, namespace={namespace!r}{more})
on = Options(provider=cluster)
"""
"""Start of the programs; `more` holds further arguments of the provider, each after a comma."""


@pytest.fixture(scope="session")
def kubeconfig() -> pathlib.Path:
    """Administrator's access to the running lab cluster; without one CI fails, and elsewhere the test is skipped."""
    from lab import cluster, errors

    try:
        return cluster.up()
    except errors.LabError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no lab cluster: {error}")
        pytest.skip(f"no lab cluster: {error}")


@pytest.fixture(scope="session")
def kubectl(kubeconfig: pathlib.Path) -> Kubectl:
    """`kubectl ARGUMENTS` as administrator: its output, and a failure of the test when it fails."""
    from lab import paths

    def run(*arguments: str, ok: bool = True, stdin: str | None = None) -> str:
        command = [str(paths.BIN / "kubectl"), f"--kubeconfig={kubeconfig}", *arguments]
        answer = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        if ok and answer.returncode:
            pytest.fail(f"kubectl {' '.join(arguments)}: {answer.stderr}", pytrace=False)
        return answer.stdout.strip()

    return run


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    """A namespace that goes with the test, and everything in it."""
    name = f"conformance-{secrets.token_hex(4)}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def header(kubeconfig: pathlib.Path, namespace: str) -> Callable[[str], str]:
    """The start of a program in the test's namespace; takes further arguments of the provider."""

    def make(more: str = "") -> str:
        comma = ", " if more else ""
        return HEADER.format(kubeconfig=str(kubeconfig), namespace=namespace, more=comma + more)

    return make


@pytest.fixture(scope="session")
def shell_image(kubeconfig: pathlib.Path, docker_host: str) -> str:
    """An image with a shell, in the lab's node: nothing has to be pulled."""
    from lab import cluster
    from lab.cluster import archive

    command = ["docker", "--host", docker_host, "load"]
    subprocess.run(command, input=archive.shell(), capture_output=True, timeout=60, check=True)
    cluster.load([archive.SHELL])
    return archive.SHELL
