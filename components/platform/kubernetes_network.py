"""How workloads are reached on Kubernetes: Services, Ingresses, policies, addresses."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from . import workload
from .kubernetes_metadata import NO_WAIT, metadata


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exposure:
    """How the ports that peers dial leave the cluster."""

    type: str = "NodePort"
    """``NodePort``, ``LoadBalancer`` or ``ClusterIP``. ``NodePort`` works on every cluster; a ``LoadBalancer``
    without a controller would hold up ``up`` for ten minutes."""
    node_port: int | None = None
    """``None``: the cluster picks one and keeps it."""
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """For the cluster's load balancer."""
    load_balancer_ip: str | None = None
    source_ranges: tuple[str, ...] = ()
    """CIDRs that a load balancer admits; none: everybody."""
    advertise: str | None = None
    """Address that peers dial, where the cluster does not say it."""


def site_policy(site: str, namespace: str, labels: Mapping[str, str], opts: pulumi.ResourceOptions) -> None:
    """Admit the site's own pods and nobody else; what peers may dial is added by each workload that has it."""
    mine = k8s.meta.v1.LabelSelectorArgs(match_labels={"app.kubernetes.io/instance": site})
    k8s.networking.v1.NetworkPolicy(
        f"{site}-site",
        metadata=metadata("site", namespace, labels),
        spec=k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=mine,
            policy_types=["Ingress"],
            ingress=[
                k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                    from_=[k8s.networking.v1.NetworkPolicyPeerArgs(pod_selector=mine)]
                )
            ],
        ),
        opts=opts,
    )


@dataclasses.dataclass(frozen=True)
class Network:
    """The network objects of one workload."""

    prefix: str
    namespace: str
    labels: Mapping[str, str]
    selector: Mapping[str, str]

    def inside(self, service: workload.Workload, opts: pulumi.ResourceOptions) -> k8s.core.v1.Service:
        """The Service that the site dials.

        It is made before its pods, which wait for others by name; the pods' readiness is awaited instead.
        """
        return k8s.core.v1.Service(
            self.prefix,
            metadata=self._metadata(service.name, annotations=NO_WAIT),
            spec=k8s.core.v1.ServiceSpecArgs(
                type="ClusterIP", selector=dict(self.selector), ports=[_port(port) for port in service.ports]
            ),
            opts=opts,
        )

    def outside(
        self, service: workload.Workload, exposure: Exposure, *, wait: bool, opts: pulumi.ResourceOptions
    ) -> k8s.core.v1.Service | None:
        """The Service that peers dial, where they come from outside the cluster.

        Made after its pods, and awaited for the address that a load balancer gets.
        """
        peers = service.audience(workload.Audience.PEERS)
        if not peers or exposure.type == "ClusterIP":
            return None
        balanced = exposure.type == "LoadBalancer"
        unawaited = {} if balanced and wait else NO_WAIT
        return k8s.core.v1.Service(
            f"{self.prefix}-peers",
            metadata=self._metadata(f"{service.name}-peers", annotations={**exposure.annotations, **unawaited}),
            spec=k8s.core.v1.ServiceSpecArgs(
                type=exposure.type,
                selector=dict(self.selector),
                ports=[_port(port, exposure.node_port) for port in peers],
                load_balancer_ip=exposure.load_balancer_ip if balanced else None,
                load_balancer_source_ranges=(list(exposure.source_ranges) or None) if balanced else None,
            ),
            opts=opts,
        )

    def peer_policy(self, service: workload.Workload, opts: pulumi.ResourceOptions) -> None:
        """Admit anybody to the ports that peers dial: who they are is for TLS to say."""
        peers = service.audience(workload.Audience.PEERS)
        if peers:
            self._admit("peers", peers, opts)

    def _admit(self, suffix: str, ports: tuple[workload.Port, ...], opts: pulumi.ResourceOptions) -> None:
        k8s.networking.v1.NetworkPolicy(
            f"{self.prefix}-{suffix}-policy",
            metadata=self._metadata(f"{self.selector['app.kubernetes.io/name']}-{suffix}"),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=dict(self.selector)),
                policy_types=["Ingress"],
                ingress=[
                    k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                        ports=[
                            k8s.networking.v1.NetworkPolicyPortArgs(port=port.number, protocol="TCP") for port in ports
                        ]
                    )
                ],
            ),
            opts=opts,
        )

    def ingress(self, service: workload.Workload, ingress_class: str, host: str, opts: pulumi.ResourceOptions) -> None:
        """Show the first port that operators open under ``host``."""
        ports = service.audience(workload.Audience.OPERATORS)
        backend = k8s.networking.v1.IngressBackendArgs(
            service=k8s.networking.v1.IngressServiceBackendArgs(
                name=service.name, port=k8s.networking.v1.ServiceBackendPortArgs(number=ports[0].number)
            )
        )
        path = k8s.networking.v1.HTTPIngressPathArgs(path="/", path_type="Prefix", backend=backend)
        k8s.networking.v1.Ingress(
            f"{self.prefix}-ingress",
            metadata=self._metadata(service.name, annotations=NO_WAIT),
            spec=k8s.networking.v1.IngressSpecArgs(
                ingress_class_name=ingress_class,
                rules=[
                    k8s.networking.v1.IngressRuleArgs(
                        host=host, http=k8s.networking.v1.HTTPIngressRuleValueArgs(paths=[path])
                    )
                ],
            ),
            opts=opts,
        )
        self._admit("operators", ports[:1], opts)

    def endpoints(
        self, service: workload.Workload, outside: k8s.core.v1.Service | None, exposure: Exposure, ingress: str | None
    ) -> dict[str, pulumi.Output[workload.Endpoint]]:
        """Where each port that is not the site's own is dialled."""
        found: dict[str, pulumi.Output[workload.Endpoint]] = {}
        for port in service.audience(workload.Audience.OPERATORS):
            forward = f"kubectl --namespace {self.namespace} port-forward service/{service.name} {port.number}"
            endpoint = workload.Endpoint(host="127.0.0.1", port=port.number, how=forward)
            if ingress:
                endpoint = workload.Endpoint(host=ingress, port=80)
            found[port.name] = pulumi.Output.from_input(endpoint)
        for port in service.audience(workload.Audience.PEERS):
            if outside is None:
                inside = f"{service.name}.{self.namespace}.svc"
                endpoint = workload.Endpoint(host=exposure.advertise or inside, port=port.number)
                found[port.name] = pulumi.Output.from_input(endpoint)
            else:
                found[port.name] = _reported(port, exposure, outside)
        return found

    def _metadata(self, name: str, annotations: Mapping[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        return metadata(name, self.namespace, self.labels, annotations)


def _port(port: workload.Port, node_port: int | None = None) -> k8s.core.v1.ServicePortArgs:
    return k8s.core.v1.ServicePortArgs(name=port.name, port=port.number, target_port=port.number, node_port=node_port)


def _reported(
    port: workload.Port, exposure: Exposure, service: k8s.core.v1.Service
) -> pulumi.Output[workload.Endpoint]:
    return pulumi.Output.all(spec=service.spec, status=service.status).apply(
        lambda seen: outside_endpoint(port, exposure, seen["spec"], seen["status"])
    )


def outside_endpoint(
    port: workload.Port, exposure: Exposure, spec: Mapping[str, Any] | None, status: Mapping[str, Any] | None
) -> workload.Endpoint:
    """The address of ``port`` as the server reports it; what nobody has assigned yet (rendering) is ``None``.

    ``spec`` and ``status`` are the Service's own, with Python's names, or ``None``.
    """
    if exposure.type == "NodePort":
        ports = (spec or {}).get("ports") or []
        number = next((each.get("node_port") for each in ports if each.get("port") == port.number), None)
        return workload.Endpoint(host=exposure.advertise, port=int(number) if number else None)
    entries = ((status or {}).get("load_balancer") or {}).get("ingress") or []
    assigned = next((entry.get("hostname") or entry.get("ip") for entry in entries), None)
    return workload.Endpoint(host=exposure.advertise or assigned, port=port.number)
