"""What goes wrong on a cluster, and what the program makes of it."""

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import cluster as lab_cluster
from lab import paths
from stacks import backends
from tests import parties

from .test_party import IMAGES

pytestmark = pytest.mark.seconds(220)

NODE_PORT = 31999
MADE = "deployments,statefulsets,services,configmaps,secrets,persistentvolumeclaims,networkpolicies"
"""Kinds that only a stack makes; pods come and go beside it."""


@pytest.fixture
def party(tmp_path: pathlib.Path, cluster: pathlib.Path, sweep: Callable[[str], None]) -> Iterator[parties.Party]:
    """A party that is not up yet."""
    lab_cluster.load(IMAGES)
    sweep("fate-9203")
    made = parties.Party(
        tmp_path,
        9203,
        kubernetes={"kubeconfig": str(cluster)},
        advertise={"host": "fate.example.org"},
        retainData=False,
        notebook={"enabled": False},
    )
    try:
        yield made
    finally:
        sweep(made.site)


def test_a_killed_up_is_taken_away_by_destroy(party: parties.Party, kubectl: Any) -> None:
    """Whoever changes their mind half way must not have to finish first."""

    def reached() -> bool:
        return bool(kubectl("get", "statefulset", "mysql", "--namespace", party.site, check=False).stdout)

    party.interrupted_up(reached)
    party.destroy()
    assert "NotFound" in kubectl("get", "namespace", party.site, check=False).stderr


def test_a_killed_up_is_finished_by_the_next(party: parties.Party, kubectl: Any) -> None:
    """A lost connection leaves half a site; objects that are there must not stand in the way."""

    def reached() -> bool:
        return bool(kubectl("get", "deployment", "clustermanager", "--namespace", party.site, check=False).stdout)

    party.interrupted_up(reached)
    party.up()
    assert party.up().touched() == set()
    # A field that the interrupted run set is still the stack's to take away.
    party.change(fateboard={"resources": {"memoryLimit": "700Mi"}})
    assert party.up().touched() == {f"{party.site}-fateboard"}
    more_space_than_there_is(party)
    a_port_that_is_taken(party, kubectl)


def more_space_than_there_is(party: parties.Party) -> None:
    """It must not cost the data that is there: this cluster's class cannot expand, and says so."""
    party.change(mysql={"storage": {"size": "20Gi"}})
    refused = party.up(ok=False)
    assert refused.failed == (f"{party.site}-data-mysql-0",)
    assert "must allow expansion" in refused.text
    party.change(mysql=None)
    assert f"{party.site}-mysql" not in party.up().touched()


def a_port_that_is_taken(party: parties.Party, kubectl: Any) -> None:
    """The server's words name neither the key nor what can be done."""
    taken = ("service", "taken-by-somebody", "--namespace", "default")
    kubectl("create", "service", "nodeport", *taken[1:], "--tcp=1", f"--node-port={NODE_PORT}")
    try:
        given: Any = party.settings["kubernetes"]
        party.change(kubernetes={**given, "nodePorts": {"rollsite": NODE_PORT}})
        refused = party.up(ok=False)
    finally:
        kubectl("delete", *taken)
    assert refused.failed == (f"{party.site}-nginx-peers",)
    assert "key below fate:kubernetes.nodePorts another number" in refused.text
    assert str(NODE_PORT) in refused.text
    assert "Traceback" not in refused.text


def test_what_the_cluster_has_no_room_for_is_named_in_the_first_preview(
    party: parties.Party, kubectl: Any, tmp_path: pathlib.Path
) -> None:
    """Half a site on a cluster that cannot hold it costs an evening; a preview costs seconds, and changes nothing."""
    small = tmp_path / "bin" / "kubectl"
    small.parent.mkdir()
    # Asked what there is, it tells of a small cluster; everything else the real one answers.
    real = paths.BIN / "kubectl"
    small.write_text(f'#!/bin/sh\ncase " $* " in *" nodes "*) echo \'|2|8Gi\' ;; *) exec {real} "$@" ;; esac\n')
    small.chmod(0o755)
    party.environment["PATH"] = f"{small.parent}:{party.environment['PATH']}"
    result = party.preview()
    assert "the cluster has 2 cores, and a party needs 4" in result.text
    assert {step.operation for step in result.steps} == {"create"}
    assert f"{party.site}-rollsite" in result.touched()
    party.change(fateflow={"resources": {"memory": "9Gi"}})
    refused = party.preview(ok=False)
    assert "fateflow asks for 9216 MiB of memory and the largest node of the cluster has 8192" in refused.text
    assert "Traceback" not in refused.text
    assert "NotFound" in kubectl("get", "namespace", party.site, check=False).stderr


def test_a_namespace_of_another_stack_is_refused(
    party: parties.Party,
    kubectl: Any,
    tmp_path_factory: pytest.TempPathFactory,
    cluster: pathlib.Path,
    sweep: Callable[[str], None],
) -> None:
    """Two stacks in one namespace would take turns in replacing each other's database."""
    namespace = "fate-lab-shared"
    sweep(namespace)
    first = parties.Exchange(
        tmp_path_factory.mktemp("first"),
        kubernetes={"kubeconfig": str(cluster), "namespace": namespace, "wait": False},
    )
    try:
        first.up()
        before = kubectl("get", MADE, "--namespace", namespace, "--output", "name").stdout
        party.change(kubernetes={"kubeconfig": str(cluster), "namespace": namespace})
        result = party.up(ok=False)
        assert "belongs to another stack" in result.text
        assert "Traceback" not in result.text
        assert kubectl("get", MADE, "--namespace", namespace, "--output", "name").stdout == before
    finally:
        sweep(namespace)


def test_a_timeout_says_which_pod_waits_for_what(party: parties.Party, cluster: pathlib.Path) -> None:
    """'Timed out' alone sends an operator through every pod of the namespace."""
    party.change(kubernetes={"kubeconfig": str(cluster), "timeout": 45}, images={"tag": "no-such-release"})
    result = party.up(ok=False)
    assert f"{party.site}-clustermanager" in result.failed
    assert "clustermanager-" in result.text
    assert "await waits: " in result.text
    assert "eggroll:no-such-release" in result.text
    assert "fate:images.tag" in result.text


@pytest.mark.parametrize("backend", [backend.value for backend in backends.BACKENDS])
def test_rendered_yaml_is_what_a_strict_server_accepts(
    party: parties.Party, kubectl: Any, tmp_path: pathlib.Path, backend: str
) -> None:
    """A misspelt field vanishes without a word in a plugin; a server asked strictly names it."""
    namespace = f"strict-{backend.replace('_', '-')}"
    party.change(backend=backend, kubernetes={"renderTo": str(tmp_path / "yaml"), "namespace": namespace})
    party.up()
    kubectl("create", "namespace", namespace)
    try:
        files = sorted((tmp_path / "yaml").rglob("*.yaml"))
        arguments = [argument for file in files for argument in ("--filename", str(file))]
        done = kubectl(
            "apply", "--server-side", "--dry-run=server", "--validate=strict", "--output", "json", *arguments
        )
        accepted = json.loads(done.stdout)["items"]
        assert len(accepted) == len(files)
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")
