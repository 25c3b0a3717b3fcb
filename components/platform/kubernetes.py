"""Workloads on Kubernetes. With ``docker.py`` the only place that knows how a description becomes resources."""

import dataclasses
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from . import capacity as capacities
from . import (
    kubernetes_controllers,
    kubernetes_explain,
    kubernetes_files,
    kubernetes_ingress,
    kubernetes_metadata,
    kubernetes_network,
    kubernetes_provider,
    kubernetes_storage,
    ownership,
    remedies,
    workload,
)
from . import kubernetes_pod as pod


@dataclasses.dataclass(frozen=True, kw_only=True)
class KubernetesArgs:
    """What a site on Kubernetes is told besides its workloads."""

    site: str
    """Name of the site (``fate-9999``): prefix of every Pulumi name and the instance label."""
    namespace: str
    kubeconfig: str | None = None
    """Path; ``None``: the ambient one."""
    context: str | None = None
    render_to: str | None = None
    """Directory to write YAML to instead of talking to a cluster."""
    expose: kubernetes_network.Exposure = dataclasses.field(default_factory=kubernetes_network.Exposure)
    """How ports that peers dial leave the cluster."""
    exposures: Mapping[str, kubernetes_network.Exposure] = dataclasses.field(default_factory=dict)
    """Workload to the way out of its ports for peers, where ``expose`` will not do."""
    operators: Mapping[str, kubernetes_network.Exposure] = dataclasses.field(default_factory=dict)
    """Workload to the way out of its ports for operators; absent: an Ingress, else a port-forward."""
    ingresses: Mapping[str, kubernetes_ingress.Ingress] = dataclasses.field(default_factory=dict)
    """Workload to the Ingress that shows its first port for operators."""
    wait: bool = True
    """End ``up`` when the services are ready, not when they are requested."""
    timeout_seconds: int = 600
    """How long one workload may take to become ready."""
    keep_namespace: bool = True
    """Leave the namespace, and with it the claims to be retained, when the stack is destroyed. Needed where a claim in
    it is somebody else's."""
    pull_policy: str = "IfNotPresent"
    pull_secrets: tuple[str, ...] = ()
    service_account: str | None = None
    """Account of every pod, made by somebody else; ``None``: the namespace's default. No token of it is mounted, for
    FATE asks nothing of the cluster."""


class KubernetesPlatform:
    """Runs workloads in one namespace."""

    def __init__(self, args: KubernetesArgs) -> None:
        self._args = args
        self.workloads: list[workload.Workload] = []
        """What has been run, in order."""
        self.provider: pulumi.ProviderResource = kubernetes_provider.provider(
            args.site, args.namespace, kubeconfig=args.kubeconfig, context=args.context, render_to=args.render_to
        )
        """The provider that every resource of the site inherits."""
        remedy = remedies.hook(args.site)
        self._hooks = pulumi.ResourceHookBinding(on_error=[remedy])
        self._kubectl = kubernetes_explain.kubectl(args.kubeconfig, args.context)
        explainer = kubernetes_explain.Explainer(args.site, args.namespace, self._kubectl)
        self._workload_hooks = pulumi.ResourceHookBinding(on_error=[explainer.hook, remedy])
        self._namespace: k8s.core.v1.Namespace | None = None
        self._salt: pulumi.Output[str] | None = None

    def open(self, parent: pulumi.Resource) -> None:
        """Create the namespace and who may reach into it."""
        args = self._args
        keep = args.keep_namespace and args.render_to is None
        self._namespace = k8s.core.v1.Namespace(
            args.site,
            metadata=kubernetes_metadata.owned(args.namespace, self._labels("site")),
            opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=keep, hooks=self._hooks),
        )
        self._salt = random.RandomPassword(
            f"{args.site}-salt", length=32, special=False, opts=pulumi.ResourceOptions(parent=parent)
        ).result
        kubernetes_network.site_policy(
            args.site, args.namespace, self._labels("site"), self._opts(parent, (self._namespace,))
        )

    def run(
        self, service: workload.Workload, *, parent: pulumi.Resource, after: Sequence[workload.Running] = ()
    ) -> workload.Running:
        """Create ``service``: its objects, its Services, its pods; ready before a dependent is started."""
        args = self._args
        if self._namespace is None:
            raise RuntimeError("open() comes before run()")
        self.workloads.append(service)
        service = ownership.with_step(service)
        prefix, labels, selector = self._identity(service.name)
        opts = self._opts(parent, (self._namespace,))
        files = self._files(service, labels, opts)
        network = kubernetes_network.Network(prefix, args.namespace, labels, selector)
        needed = [*network.inside(service, opts), *files.objects, *self._claims(service, opts)]
        needed += [resource for running in after for resource in running.resources]
        ways = kubernetes_network.Ways(
            peers=args.exposures.get(service.name, args.expose),
            operators=args.operators.get(service.name),
            ingress=args.ingresses.get(service.name),
        )
        network.policies(service, ways, opts)
        if ways.ingress:
            kubernetes_ingress.create(prefix, args.namespace, labels, service, ways.ingress, opts)
        ready = self._opts(parent, (self._namespace, *needed), args.timeout_seconds, self._workload_hooks)
        controller = self._controller(service, after, files, ready)
        late = self._opts(parent, (controller,), timeout=args.timeout_seconds)
        return workload.Running(
            name=service.name,
            port=service.ports[0].number,
            resources=(controller,),
            endpoints=network.endpoints(service, ways, wait=args.wait, opts=late),
        )

    def capacity(self) -> capacities.Capacity | None:
        """What the cluster has, asked of kubectl; ``None`` outside a preview, when rendering, or without an answer."""
        if self._args.render_to is not None or not pulumi.runtime.is_dry_run():
            return None
        limit = f"--request-timeout={capacities.SECONDS}s"
        asked = ("get", "nodes", limit, "--output", f"jsonpath={capacities.NODES}")
        return capacities.of_cluster(capacities.ask((*self._kubectl, *asked)))

    def _claims(self, service: workload.Workload, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        args = self._args
        kubernetes_storage.keep(service, args.namespace, kept=args.keep_namespace)
        return kubernetes_storage.claims(
            service,
            namespace=args.namespace,
            selector=self._selector(service.name),
            prefix=args.site,
            retain=args.render_to is None,
            opts=opts,
        )

    def _files(
        self, service: workload.Workload, labels: Mapping[str, str], opts: pulumi.ResourceOptions
    ) -> pod.PodFiles:
        if self._salt is None:
            raise RuntimeError("open() comes before run()")
        prefix, namespace = f"{self._args.site}-{service.name}", self._args.namespace
        fixed = kubernetes_files.fixed(
            service, namespace=namespace, labels=labels, salt=self._salt, opts=opts, prefix=prefix
        )
        if service.live is None:
            return fixed
        live = kubernetes_files.live(service.live, namespace=namespace, labels=labels, opts=opts, prefix=prefix)
        return pod.PodFiles([*fixed.volumes, *live.volumes], fixed.sources, [*fixed.objects, *live.objects])

    def _controller(
        self,
        service: workload.Workload,
        after: Sequence[workload.Running],
        files: pod.PodFiles,
        opts: pulumi.ResourceOptions,
    ) -> pulumi.CustomResource:
        args = self._args
        prefix, labels, selector = self._identity(service.name)
        template = pod.template(self._pod(service, after, files), labels)
        metadata = kubernetes_metadata.metadata(
            service.name, args.namespace, labels, {} if args.wait else kubernetes_metadata.NO_WAIT
        )
        controller = kubernetes_controllers.Controller(prefix, metadata, selector, template, opts)
        return controller.stateful_set(service) if service.stable else controller.deployment(service)

    def _pod(
        self, service: workload.Workload, after: Sequence[workload.Running], files: pod.PodFiles
    ) -> k8s.core.v1.PodSpecArgs:
        args = self._args
        return pod.spec(
            service,
            after,
            files,
            pull_policy=args.pull_policy,
            pull_secrets=args.pull_secrets,
            service_account=args.service_account,
        )

    def _identity(self, name: str) -> tuple[str, dict[str, str], dict[str, str]]:
        """Prefix of Pulumi names, labels and selector of a workload."""
        return f"{self._args.site}-{name}", self._labels(name), self._selector(name)

    def _selector(self, name: str) -> dict[str, str]:
        return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": self._args.site}

    def _labels(self, name: str) -> dict[str, str]:
        return {
            **self._selector(name),
            "app.kubernetes.io/part-of": "fate",
            "app.kubernetes.io/managed-by": "pulumi",
        }

    def _opts(
        self,
        parent: pulumi.Resource,
        after: Sequence[pulumi.Resource],
        timeout: int | None = None,
        hooks: pulumi.ResourceHookBinding | None = None,
    ) -> pulumi.ResourceOptions:
        limit = f"{timeout}s" if timeout else None
        # A namespace that goes takes along what an interrupted run left in it, whose pods a claim would wait for; a
        # file takes nothing along.
        goes = not self._args.keep_namespace and self._args.render_to is None
        return pulumi.ResourceOptions(
            parent=parent,
            depends_on=list(after),
            deleted_with=self._namespace if goes else None,
            hooks=hooks or self._hooks,
            custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit) if limit else None,
        )
