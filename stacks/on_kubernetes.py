"""From validated settings to a platform: Kubernetes."""

import pathlib
from collections.abc import Mapping

from components.platform import kubernetes, kubernetes_ingress, kubernetes_network

from . import settings
from .settings import running, shared


def platform(config: settings.StackSettings) -> kubernetes.KubernetesPlatform:
    """The namespace and cluster that ``config`` names."""
    given = config.kubernetes
    stored = [each for service in running.own_services(config).values() for each in _storages(service)]
    return kubernetes.KubernetesPlatform(
        kubernetes.KubernetesArgs(
            site=config.site,
            namespace=config.namespace,
            kubeconfig=str(pathlib.Path(given.kubeconfig).expanduser()) if given.kubeconfig else None,
            context=given.context,
            render_to=given.render_to,
            exposures=_exposures(config, peers=True),
            operators=_exposures(config, peers=False),
            ingresses=_ingresses(config),
            wait=given.wait,
            timeout_seconds=given.timeout,
            keep_namespace=any(config.retains(each) or each.existing_claim for each in stored),
            pull_policy=config.images.pull_policy,
            pull_secrets=config.images.pull_secrets,
            service_account=given.service_account,
        )
    )


def addresses(config: settings.StackSettings) -> list[str]:
    """Where others dial the site, as far as the settings say it: a cluster's own choice is known too late."""
    if config.advertise.host:
        return [config.advertise.host]
    found = _exposures(config, peers=True)
    inside = [f"{name}.{config.namespace}.svc" for name, way in found.items() if way.type == settings.Expose.CLUSTER_IP]
    return [*inside, *(way.load_balancer_ip for way in found.values() if way.load_balancer_ip)]


def _storages(service: shared.Service) -> list[shared.Storage]:
    found = getattr(service, "storage", None)
    return [found] if isinstance(found, shared.Storage) and found.enabled else []


def _exposures(config: settings.StackSettings, *, peers: bool) -> Mapping[str, kubernetes_network.Exposure]:
    """Workload to the way out of its ports for peers, or for operators where these have one of their own."""
    found: dict[str, kubernetes_network.Exposure] = {}
    own = running.own_services(config)
    for shown in (each for each in settings.shown(config) if each.peers is peers and each.section in own):
        options = running.at(config, shown.options)
        if not isinstance(options, shared.PeerService):
            continue
        kind = options.type or config.kubernetes.expose
        if not peers and kind is settings.Expose.CLUSTER_IP:
            continue
        fixed = {
            each.port: number
            for each in settings.shown(config)
            if each.workload == shown.workload
            and each.peers is peers
            and (number := getattr(config.kubernetes.node_ports, each.name))
        }
        found[shown.workload] = kubernetes_network.Exposure(
            type=kind,
            node_ports=fixed,
            annotations=dict(options.annotations),
            load_balancer_ip=options.load_balancer_ip,
            source_ranges=options.source_ranges,
            advertise=config.advertise.host,
        )
    return found


def _ingresses(config: settings.StackSettings) -> Mapping[str, kubernetes_ingress.Ingress]:
    found: dict[str, kubernetes_ingress.Ingress] = {}
    own = running.own_services(config)
    for shown in (each for each in settings.shown(config) if not each.peers and each.section in own):
        given = running.at(config, f"{shown.section}.ingress")
        hosts = config.hosts(shown.workload, given) if isinstance(given, shared.Ingress) else ()
        if not isinstance(given, shared.Ingress) or not hosts:
            continue
        found[shown.workload] = kubernetes_ingress.Ingress(
            hosts=hosts,
            path=given.path,
            tls_secret=given.tls_secret,
            annotations=dict(given.annotations),
            class_name=given.class_name or config.kubernetes.ingress_class,
        )
    return found
