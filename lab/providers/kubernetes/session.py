"""A configured provider: its settings, its cluster, and what all requests share."""

import threading

from . import cluster, engine, errors, informers, kubeconfig, normalize, objects, settings

_CLUSTER_WIDE = {
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComponentStatus",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "ServiceCIDR",
    "StorageClass",
    "SubjectAccessReview",
    "TokenReview",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
}


class Session:
    """What one provider resource of the program stands for."""

    def __init__(self, chosen: settings.Settings, listener: engine.Engine) -> None:
        self.settings = chosen
        self.engine = listener
        self.cancelled = threading.Event()
        self.unreachable = ""
        """Why the cluster cannot be used; empty when it can."""
        self.default_namespace = chosen.namespace
        self._api: cluster.Cluster | None = None
        self._informers: informers.Informers | None = None
        self._connect()

    @property
    def api(self) -> cluster.Cluster:
        """The cluster; ``RefusedError`` when it is unreachable."""
        if self._api is None:
            raise errors.RefusedError(f"configured Kubernetes cluster is unreachable: {self.unreachable}")
        return self._api

    @property
    def informers(self) -> informers.Informers:
        """Watches on the cluster; ``RefusedError`` when it is unreachable."""
        if self._informers is None:
            raise errors.RefusedError(f"configured Kubernetes cluster is unreachable: {self.unreachable}")
        return self._informers

    def voice(self, urn: str) -> engine.Voice:
        """Messages about the resource ``urn``."""
        return engine.Voice(self.engine, urn)

    def serves(self, obj: objects.Object) -> bool:
        """Whether the cluster can be asked about ``obj``: it is reachable and knows the kind."""
        return self._api is not None and self._api.serves(objects.kind_of(obj))

    def namespaced(self, kind: objects.Kind) -> bool:
        """Whether objects of ``kind`` live in a namespace; assumed when nobody can tell."""
        plain = objects.Kind(kind.group, kind.version, kind.kind.removesuffix("Patch"))
        if kind.kind in _CLUSTER_WIDE or plain.kind in _CLUSTER_WIDE:
            return False
        if normalize.is_built_in(kind) or normalize.is_built_in(plain) or self._api is None:
            return True
        try:
            return bool(self._api.resource(kind).namespaced)
        except (errors.NoKindError, errors.ApiError, errors.UnreachableError):
            return True

    def _connect(self) -> None:
        chosen = self.settings
        try:
            config = kubeconfig.load(chosen.kubeconfig, chosen.context, chosen.cluster)
        except kubeconfig.KubeconfigError as error:
            self.unreachable = str(error)
            if not chosen.kubeconfig:
                self.default_namespace = self.default_namespace or "default"
            return
        own = (kubeconfig.active_context(config) or {}).get("namespace")
        self.default_namespace = chosen.namespace or own or "default"
        try:
            api = cluster.Cluster(config)
            api.groups()
        except (errors.UnreachableError, errors.ApiError) as error:
            self.unreachable = f"unable to load schema information from the API server: {error}"
        except Exception as error:  # The client raises whatever a malformed entry makes it stumble over.
            self.unreachable = f"unable to load Kubernetes client configuration from kubeconfig file: {error}"
        else:
            self._api, self._informers = api, informers.Informers(api)
