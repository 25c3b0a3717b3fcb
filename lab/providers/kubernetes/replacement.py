"""Which changes the API server cannot make in place, so that the object has to be replaced."""

from typing import Any

from . import objects

_IDENTITY = ("metadata.name", "metadata.namespace")
_STATEFUL_SET = (
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
)
_JOB = ("spec.completions", "spec.parallelism", "spec.selector", "spec.template")
_words = str.split
_CONTAINER = _words(
    "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources "
    "securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices "
    "volumeMounts workingDir"
)
_POD = _words(
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork "
    "hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName "
    "readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount "
    "serviceAccountName shareProcessNamespace subdomain terminationGracePeriodSeconds volumes"
)
_VOLUME = _words(
    "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs "
    "hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume"
)

_BY_KIND: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps/v1", "DaemonSet"): ("spec.selector",),
    ("apps/v1", "Deployment"): ("spec.selector",),
    ("apps/v1", "StatefulSet"): _STATEFUL_SET,
    ("apps/v1beta1", "StatefulSet"): _STATEFUL_SET,
    ("apps/v1beta2", "DaemonSet"): ("spec.selector",),
    ("apps/v1beta2", "Deployment"): ("spec.selector",),
    ("apps/v1beta2", "StatefulSet"): _STATEFUL_SET,
    ("batch/v1", "Job"): _JOB,
    ("batch/v1beta1", "Job"): _JOB,
    ("batch/v2alpha1", "Job"): _JOB,
    ("policy/v1beta1", "PodDisruptionBudget"): ("spec",),
    ("storage.k8s.io/v1", "StorageClass"): ("parameters", "provisioner"),
    ("v1", "PersistentVolume"): tuple(f"spec.{source}" for source in _VOLUME),
    ("v1", "PersistentVolumeClaim"): ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
    ("v1", "Pod"): (
        *(f"spec.{field}" for field in _POD),
        *(f"spec.{group}[*].{field}" for group in ("containers", "initContainers") for field in _CONTAINER),
    ),
    ("v1", "ResourceQuota"): ("spec.scopes",),
    ("v1", "Secret"): ("type",),
    ("v1", "Service"): ("spec.clusterIP",),
} | {
    (f"rbac.authorization.k8s.io/{version}", kind): ("roleRef",)
    for version in ("v1alpha1", "v1beta1", "v1")
    for kind in ("ClusterRoleBinding", "RoleBinding")
}


def fields(obj: objects.Object, *, patch: bool, mutable_config_maps: bool, mutable_secrets: bool) -> tuple[str, ...]:
    """Paths of ``obj`` whose change replaces it; a ``Patch`` resource is only replaced when it names another object."""
    if patch:
        return _IDENTITY
    kind = objects.kind_of(obj)
    immutable = obj.get("immutable") is True
    key = (kind.api_version, kind.kind)
    if key == ("v1", "Secret") and (immutable or not mutable_secrets):
        return (*_IDENTITY, "type", "stringData", "data")
    if key == ("v1", "ConfigMap") and (immutable or not mutable_config_maps):
        return (*_IDENTITY, "binaryData", "data")
    return (*_IDENTITY, *_BY_KIND.get(key, ()))


def matches(path: tuple[str | int, ...], value: Any, patterns: tuple[str, ...]) -> bool:
    """Whether a change at ``path`` to ``value`` touches one of the fields ``patterns``."""
    return any(_reaches(path, value, pattern.replace("[*]", ".*").split(".")) for pattern in patterns)


def _reaches(path: tuple[str | int, ...], value: Any, pattern: list[str]) -> bool:
    for step, wanted in zip(path, pattern, strict=False):
        if not (isinstance(step, int) if wanted == "*" else step == wanted):
            return False
    rest = pattern[len(path) :]
    return not rest or _contains(value, rest)


def _contains(value: Any, pattern: list[str]) -> bool:
    if not pattern:
        return True
    if pattern[0] == "*":
        return isinstance(value, list) and any(_contains(item, pattern[1:]) for item in value)
    return isinstance(value, dict) and pattern[0] in value and _contains(value[pattern[0]], pattern[1:])
