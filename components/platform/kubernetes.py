"""Workloads on Kubernetes. With ``docker.py`` the only place that knows how a description becomes resources."""

import dataclasses
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from . import kubernetes_explain, kubernetes_files, kubernetes_metadata, kubernetes_network, remedies, workload
from . import kubernetes_pod as pod


@dataclasses.dataclass(frozen=True, kw_only=True)
class KubernetesArgs:
    """What a site on Kubernetes is told besides its workloads."""

    site: str
    """Name of the site (``fate-9999``): prefix of every Pulumi name and the instance label."""
    namespace: str
    kubeconfig: str | None = None
    """Path or content; ``None``: the ambient one."""
    context: str | None = None
    render_to: str | None = None
    """Directory to write YAML to instead of talking to a cluster."""
    expose: kubernetes_network.Exposure = dataclasses.field(default_factory=kubernetes_network.Exposure)
    """How ports that peers dial leave the cluster."""
    exposures: Mapping[str, kubernetes_network.Exposure] = dataclasses.field(default_factory=dict)
    """Workload to its own way out, where ``expose`` will not do."""
    ingress_class: str | None = None
    ingress_hosts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Workload to host name, for ports that operators open in a browser."""
    wait: bool = True
    """End ``up`` when the services are ready, not when they are requested."""
    timeout_seconds: int = 600
    """How long one workload may take to become ready."""
    keep_namespace: bool = True
    """Leave the namespace, and with it the claims to be retained, when the stack is destroyed."""
    pull_policy: str = "IfNotPresent"
    pull_secrets: tuple[str, ...] = ()


class KubernetesPlatform:
    """Runs workloads in one namespace."""

    def __init__(self, args: KubernetesArgs) -> None:
        self._args = args
        self.provider: pulumi.ProviderResource = _provider(args)
        """The provider that every resource of the site inherits."""
        remedy = remedies.hook(args.site)
        self._hooks = pulumi.ResourceHookBinding(on_error=[remedy])
        explainer = kubernetes_explain.Explainer(args.site, args.namespace, args.kubeconfig, args.context)
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
        prefix, labels = f"{args.site}-{service.name}", self._labels(service.name)
        opts = self._opts(parent, (self._namespace,))
        files = self._files(service, labels, opts)
        network = kubernetes_network.Network(prefix, args.namespace, labels, self._selector(service.name))
        exposure = args.exposures.get(service.name, args.expose)
        needed = [network.inside(service, opts), *files.objects, *self._claims(service, parent, self._namespace)]
        needed += [resource for running in after for resource in running.resources]
        network.peer_policy(service, opts)
        host = args.ingress_hosts.get(service.name)
        if args.ingress_class and host:
            network.ingress(service, args.ingress_class, host, opts)
        controller = self._controller(
            service,
            prefix,
            pod.spec(service, after, files, pull_policy=args.pull_policy, pull_secrets=args.pull_secrets),
            self._opts(parent, (self._namespace, *needed), args.timeout_seconds, self._workload_hooks),
        )
        late = self._opts(parent, (controller,), timeout=args.timeout_seconds)
        outside = network.outside(service, exposure, wait=args.wait, opts=late)
        return workload.Running(
            name=service.name,
            port=service.ports[0].number,
            resources=(controller,),
            endpoints=network.endpoints(service, outside, exposure, host),
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

    def _claims(
        self, service: workload.Workload, parent: pulumi.Resource, namespace: pulumi.Resource
    ) -> list[pulumi.Resource]:
        """The claims that the pods of ``service`` look for, under the names that its StatefulSet gives them.

        A set's own claim templates can never change; a claim can be given more space.
        """
        made: list[pulumi.Resource] = []
        for volume in pod.claimed(service):
            for index in range(service.replicas):
                name = f"{volume.name}-{service.name}-{index}"
                keep = pulumi.ResourceOptions(retain_on_delete=volume.retain and self._args.render_to is None)
                claim = k8s.core.v1.PersistentVolumeClaim(
                    f"{self._args.site}-{name}",
                    metadata=kubernetes_metadata.metadata(
                        name, self._args.namespace, self._selector(service.name), kubernetes_metadata.NO_WAIT
                    ),
                    spec=pod.claim(volume),
                    opts=pulumi.ResourceOptions.merge(self._opts(parent, (namespace,)), keep),
                )
                made.append(claim)
        return made

    def _controller(
        self, service: workload.Workload, prefix: str, spec: k8s.core.v1.PodSpecArgs, opts: pulumi.ResourceOptions
    ) -> pulumi.CustomResource:
        labels, selector = self._labels(service.name), self._selector(service.name)
        templates = [
            k8s.core.v1.PersistentVolumeClaimArgs(
                metadata=k8s.meta.v1.ObjectMetaArgs(name=volume.name, labels=selector), spec=pod.claim(volume)
            )
            for volume in pod.claimed(service)
        ]
        metadata = kubernetes_metadata.metadata(
            service.name, self._args.namespace, labels, {} if self._args.wait else kubernetes_metadata.NO_WAIT
        )
        match = k8s.meta.v1.LabelSelectorArgs(match_labels=selector)
        if service.stable:
            return k8s.apps.v1.StatefulSet(
                prefix,
                metadata=metadata,
                spec=k8s.apps.v1.StatefulSetSpecArgs(
                    service_name=service.name,
                    replicas=service.replicas,
                    pod_management_policy="Parallel",
                    selector=match,
                    template=pod.template(spec, labels),
                    volume_claim_templates=templates or None,
                ),
                opts=pulumi.ResourceOptions.merge(
                    opts, pulumi.ResourceOptions(ignore_changes=["spec.volumeClaimTemplates"])
                ),
            )
        return k8s.apps.v1.Deployment(
            prefix,
            metadata=metadata,
            spec=k8s.apps.v1.DeploymentSpecArgs(
                replicas=service.replicas,
                # Two schedulers or two routers of one party at a time would each believe to be the one.
                strategy=k8s.apps.v1.DeploymentStrategyArgs(type="Recreate"),
                selector=match,
                template=pod.template(spec, labels),
            ),
            opts=opts,
        )

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
        return pulumi.ResourceOptions(
            parent=parent,
            depends_on=list(after),
            hooks=hooks or self._hooks,
            custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit) if limit else None,
        )


def _provider(args: KubernetesArgs) -> k8s.Provider:
    return k8s.Provider(
        f"{args.site}-kubernetes",
        # Rendering talks to nobody, and the plugin refuses a kubeconfig beside it, the ambient one included.
        kubeconfig=args.kubeconfig if args.render_to is None else "",
        context=args.context if args.render_to is None else None,
        namespace=args.namespace,
        render_yaml_to_directory=args.render_to,
        # Rendering needs no cluster, but the plugin asks for one when it refreshes; the files are what it then keeps.
        skip_update_unreachable=args.render_to is not None,
        # Route tables change in place; every other object is named by its content, so nothing else is affected.
        enable_config_map_mutable=True,
        # What an interrupted up created and did not record is there when the next one creates it; so is a namespace
        # that was kept for its data.
        upsert_existing_objects=True,
        suppress_deprecation_warnings=True,
    )
