"""From validated settings to a platform: Kubernetes."""

import pathlib

from components.platform import kubernetes, kubernetes_network

from . import settings


def platform(config: settings.StackSettings) -> kubernetes.KubernetesPlatform:
    """The namespace and cluster that ``config`` names."""
    given, service = config.kubernetes, config.eggroll.rollsite.service
    domain = given.ingress_domain
    hosts = {name: f"{name}.{config.namespace}.{domain}" for name in ("fateboard", "notebook")} if domain else {}
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
                    node_port=given.node_ports.rollsite,
                    annotations=service.annotations,
                    load_balancer_ip=service.load_balancer_ip,
                    source_ranges=service.source_ranges,
                    advertise=config.advertise.host,
                )
            },
            ingress_class=given.ingress_class,
            ingress_hosts=hosts,
            wait=given.wait,
            timeout_seconds=given.timeout,
            keep_namespace=any(config.retains(storage) for storage in stored),
            pull_policy=config.images.pull_policy,
            pull_secrets=config.images.pull_secrets,
        )
    )
