"""From validated settings to a platform: Kubernetes."""

import pathlib

from components.platform import kubernetes, kubernetes_ingress, kubernetes_network

from . import settings


def platform(config: settings.StackSettings) -> kubernetes.KubernetesPlatform:
    """The namespace and cluster that ``config`` names."""
    given, service = config.kubernetes, config.eggroll.rollsite.service
    domain = given.ingress_domain
    shown = ("fateboard", "notebook") if domain else ()
    stored = (
        config.mysql.storage,
        config.fateflow.storage,
        config.notebook.storage,
        config.eggroll.nodemanager.storage,
    )
    return kubernetes.KubernetesPlatform(
        kubernetes.KubernetesArgs(
            site=config.site,
            namespace=config.namespace,
            kubeconfig=str(pathlib.Path(given.kubeconfig).expanduser()) if given.kubeconfig else None,
            context=given.context,
            render_to=given.render_to,
            exposures={
                "rollsite": kubernetes_network.Exposure(
                    type=service.type or given.expose,
                    node_ports={"rollsite": given.node_ports.rollsite} if given.node_ports.rollsite else {},
                    annotations=service.annotations,
                    load_balancer_ip=service.load_balancer_ip,
                    source_ranges=service.source_ranges,
                    advertise=config.advertise.host,
                )
            },
            ingresses={
                name: kubernetes_ingress.Ingress(
                    hosts=(f"{name}.{config.namespace}.{domain}",), class_name=given.ingress_class
                )
                for name in shown
            },
            wait=given.wait,
            timeout_seconds=given.timeout,
            keep_namespace=any(config.retains(storage) for storage in stored),
            pull_policy=config.images.pull_policy,
            pull_secrets=config.images.pull_secrets,
        )
    )
