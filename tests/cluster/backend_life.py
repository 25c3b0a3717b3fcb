"""The life of a party as real pods, whatever its backend: what every file of this ring asks of a running site."""

import dataclasses
import json
import pathlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest

from lab import cluster as lab_cluster
from tests import first_up, parties

SECRET = "chosen-by-operators"
"""Start of the passwords that an operator gives."""


@dataclasses.dataclass(frozen=True)
class Life:
    """A running party, and the cluster it runs on."""

    party: parties.Party
    kubectl: Any
    first: first_up.FirstUp

    def get(self, kind: str) -> dict[str, Any]:
        """Objects of one kind in the party's namespace, by name."""
        listed = self.kubectl("get", kind, "--namespace", self.party.site, "--output", "json").stdout
        return {item["metadata"]["name"]: item for item in json.loads(listed)["items"]}

    def pods(self) -> dict[str, Any]:
        """Pod by workload, with the replica's number where there are several."""
        pods = [pod for pod in self.get("pods").values() if "deletionTimestamp" not in pod["metadata"]]
        named = sorted(pods, key=lambda pod: str(pod["metadata"]["name"]), reverse=True)
        return {pod["metadata"]["labels"]["app.kubernetes.io/name"]: pod for pod in named}

    def uids(self) -> dict[str, str]:
        """Workload to the uid of its (first) pod."""
        return {name: str(pod["metadata"]["uid"]) for name, pod in self.pods().items()}

    def replaced(self, before: Mapping[str, str]) -> set[str]:
        """Workloads of ``before`` whose pod is another one now, or gone."""
        after = self.uids()
        return {name for name in before if before[name] != after.get(name)}

    def run(self, pod: str, *command: str) -> str:
        """What ``command`` prints in the first container of ``pod``; fails the test when it fails."""
        return str(self.kubectl("exec", "--namespace", self.party.site, pod, "--", *command).stdout)

    def ready(self, workloads: Collection[str]) -> None:
        """The pods are exactly those of ``workloads``, and all are ready; every claim is bound."""
        pods = self.pods()
        found = {name: all(each["ready"] for each in pod["status"]["containerStatuses"]) for name, pod in pods.items()}
        assert found == dict.fromkeys(workloads, True)
        assert all(claim["status"]["phase"] == "Bound" for claim in self.get("pvc").values())

    def shows_no_password(self) -> None:
        """Neither the state, nor what ``up`` or a plan prints, nor an object that many may read, nor a log has one."""
        passwords = self.party.passwords()
        assert parties.hidden(self.first.printed, passwords)
        changed = first_up.printed_of_a_change(self.party, fateflow={"logLevel": "WARNING"}, mysql={"user": "other"})
        assert f"{self.party.site}-fateflow" in changed
        assert parties.hidden(changed, passwords)
        assert parties.hidden(self.party.export(), passwords)
        for kind in ("configmaps", "pods", "statefulsets", "deployments", "services", "events"):
            assert parties.hidden(json.dumps(self.get(kind)), passwords), kind
        for pod in self.get("pods"):
            logs = self.kubectl("logs", "--namespace", self.party.site, pod, "--all-containers", check=False)
            assert parties.hidden(logs.stdout, passwords), pod

    def is_repaired(self, service: str) -> None:
        """A Service deleted by hand is found by a refresh, brought back by an up, and nothing else with it."""
        self.kubectl("delete", "service", service, "--namespace", self.party.site)
        name = f"{self.party.site}-{service}"
        found = {(step.name, step.type.split(":")[-1]): step.operation for step in self.party.refresh().steps}
        assert found[name, "Service"] == "delete"
        assert self.party.up().touched() == {name}
        assert service in self.get("services")

    def is_destroyed(self, kept: Collection[str]) -> None:
        """After ``destroy`` nothing runs, and the claims of ``kept`` are left."""
        self.party.destroy()
        for kind in ("pods", "services", "secrets", "deployments", "statefulsets", "networkpolicies"):
            assert self.get(kind) == {}, kind
        assert set(kept) <= set(self.get("pvc"))


def start(
    factory: pytest.TempPathFactory,
    cluster: pathlib.Path,
    kubectl: Any,
    party_id: int,
    images: Collection[str],
    **settings: Any,
) -> Iterator[Life]:
    """A party that is up, for the tests of one file; whatever happens, nothing of it is left."""
    lab_cluster.load(sorted(images))
    gone = ("delete", "namespace", f"fate-{party_id}", "--ignore-not-found")
    kubectl(*gone)
    made = parties.Party(
        factory.mktemp("cluster"),
        party_id,
        secrets={"fateboard.password": f"{SECRET}-of-{party_id}"},
        kubernetes={"kubeconfig": str(cluster)},
        advertise={"host": "fate.example.org"},
        **settings,
    )
    try:
        yield Life(made, kubectl, first_up.on_kubernetes(made, cluster))
    finally:
        kubectl(*gone, "--wait=false")
