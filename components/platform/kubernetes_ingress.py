"""Ingresses: what shows a workload's page to browsers under a host name."""

import dataclasses
from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

from . import workload
from .kubernetes_metadata import NO_WAIT, metadata


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ingress:
    """How an Ingress shows the first port that operators open."""

    hosts: tuple[str, ...]
    """Host names; at least one, and the first is the one that is handed out."""
    path: str = "/"
    """Prefix of the URL's path. It reaches the service as it is: most controllers rewrite only by annotation."""
    tls_secret: str | None = None
    """Secret of the namespace with a certificate for ``hosts``; ``None``: plain HTTP."""
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """For the controller."""
    class_name: str | None = None
    """``None``: the cluster's default class."""

    @property
    def endpoint(self) -> workload.Endpoint:
        """Where a browser finds it."""
        tls = self.tls_secret is not None
        return workload.Endpoint(host=self.hosts[0], port=443 if tls else 80, tls=tls, path=self.path)


def create(
    prefix: str,
    namespace: str,
    labels: Mapping[str, str],
    service: workload.Workload,
    told: Ingress,
    opts: pulumi.ResourceOptions,
) -> None:
    """Show the first port of ``service`` that operators open; ``prefix`` is that of its Pulumi names."""
    port = service.audience(workload.Audience.OPERATORS)[0]
    backend = k8s.networking.v1.IngressBackendArgs(
        service=k8s.networking.v1.IngressServiceBackendArgs(
            name=service.name, port=k8s.networking.v1.ServiceBackendPortArgs(number=port.number)
        )
    )
    path = k8s.networking.v1.HTTPIngressPathArgs(path=told.path, path_type="Prefix", backend=backend)
    shown = k8s.networking.v1.HTTPIngressRuleValueArgs(paths=[path])
    hosts = list(told.hosts)
    tls = [k8s.networking.v1.IngressTLSArgs(hosts=hosts, secret_name=told.tls_secret)] if told.tls_secret else None
    k8s.networking.v1.Ingress(
        f"{prefix}-ingress",
        metadata=metadata(service.name, namespace, labels, {**told.annotations, **NO_WAIT}),
        spec=k8s.networking.v1.IngressSpecArgs(
            ingress_class_name=told.class_name,
            rules=[k8s.networking.v1.IngressRuleArgs(host=host, http=shown) for host in hosts],
            tls=tls,
        ),
        opts=opts,
    )
