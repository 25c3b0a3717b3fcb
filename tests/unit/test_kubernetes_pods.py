"""Where a pod may run, as whom, and on whose volumes, as Kubernetes is told."""

from typing import Any

import pulumi
import pytest

from components.platform import kubernetes_placement, kubernetes_storage, ownership, workload
from components.platform import kubernetes_pod as pod

pytestmark = pytest.mark.unit
NO_FILES = pod.PodFiles([], {})
ZONES = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]
        }
    }
}


def service(*volumes: workload.Volume, user: int | None = None, **told: Any) -> workload.Workload:
    """A workload that keeps ``volumes`` and runs as ``user``."""
    main = workload.Container(name="pulsar", image="pulsar", user=user)
    return workload.Workload(name="pulsar", containers=(main,), volumes=volumes, stable=True, **told)


def spec(of: workload.Workload) -> Any:
    """Its pod."""
    return pod.spec(
        ownership.with_step(of), [], NO_FILES, pull_policy="Always", pull_secrets=(), service_account="fate"
    )


def test_a_placement_reaches_the_pod_word_for_word() -> None:
    """A broker that lands on a GPU node, or off the node with its disk, is what placement is there to prevent."""
    chosen = workload.Placement(
        node_selector={"disk": "ssd"},
        tolerations=({"key": "gpu", "operator": "Exists", "tolerationSeconds": 60},),
        affinity=ZONES,
    )
    made = spec(service(placement=chosen))
    assert made.node_selector == {"disk": "ssd"}
    assert (made.tolerations[0].key, made.tolerations[0].toleration_seconds) == ("gpu", 60)
    required = made.affinity.node_affinity.required_during_scheduling_ignored_during_execution
    assert required.node_selector_terms[0].match_expressions[0].values == ["a"]
    assert made.service_account_name == "fate"
    assert spec(service()).node_selector is None


@pytest.mark.parametrize(
    ("affinity", "words"),
    [
        ({"nodeAffinty": {}}, "affinity has no field nodeAffinty; it may have nodeAffinity, podAffinity"),
        ({"node_affinity": {}}, "affinity has no field node_affinity"),
        ({"nodeAffinity": "zone"}, "affinity.nodeAffinity is no mapping"),
        (
            {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}},
            r"IgnoredDuringExecution\[0\] needs 'podAffinityTerm'",
        ),
    ],
)
def test_a_misspelt_placement_is_refused(affinity: dict[str, Any], words: str) -> None:
    """Pulumi drops a field that it does not know without a word, and the pod runs anywhere."""
    with pytest.raises(pulumi.RunError, match=words):
        kubernetes_placement.arguments(workload.Placement(affinity=affinity))


def test_a_user_other_than_root_gets_secrets_and_volumes() -> None:
    """A broker that runs as 10000 cannot open what belongs to root."""
    made = spec(service(workload.Volume(name="data", paths=("/data", "/more"), size="1Gi"), user=10000))
    assert made.containers[0].security_context.run_as_user == 10000
    assert made.security_context.fs_group == 10000
    own = made.init_containers[0]
    assert own.security_context.run_as_user == 0
    assert own.command[-3:] == ["10000", "/data", "/more"]


@pytest.mark.parametrize("user", [None, 0])
def test_root_needs_no_help(user: int | None) -> None:
    """A step that changes nothing delays every start."""
    made = spec(service(workload.Volume(name="data", paths=("/data",), size="1Gi"), user=user))
    assert made.init_containers is None
    assert made.security_context.fs_group is None


def test_an_existing_claim_is_mounted_and_not_claimed() -> None:
    """A claim of our own under another name would be empty, and the data would seem lost."""
    given = service(workload.Volume(name="data", paths=("/data",), size="1Gi", existing="bank", sub_path="fate/a"))
    (volume,) = spec(given).volumes
    assert volume.persistent_volume_claim.claim_name == "bank"
    assert kubernetes_storage.templates(given, {}) == []
    (mount,) = kubernetes_storage.mounts(given)
    assert (mount.sub_path, mount.sub_path_expr) == ("fate/a/data", None)


def test_replicas_do_not_meet_in_one_folder() -> None:
    """Two datanodes in one folder refuse to start; adding one must not move the first one's data either."""
    volume = workload.Volume(name="data", paths=("/data",), existing="bank")
    for replicas in (1, 3):
        (mount,) = kubernetes_storage.mounts(service(volume, scales=True, replicas=replicas))
        assert mount.sub_path_expr == "$(FATE_POD_NAME)/data"
    with pytest.raises(pulumi.RunError, match="3 replicas cannot write to the one claim bank"):
        kubernetes_storage.mounts(service(volume, replicas=3))


def test_without_size_or_claim_the_space_is_scratch() -> None:
    """Data that nobody asked to keep must not hold up the start with a claim that nobody can serve."""
    (volume,) = kubernetes_storage.pod_volumes(service(workload.Volume(name="data", paths=("/data",))))
    assert volume.empty_dir is not None
