"""How workloads are reached on Kubernetes: Services, Ingresses, policies, addresses."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from . import kubernetes_ingress, workload
from .kubernetes_metadata import NO_WAIT, metadata

NODES = "any node's address will do: kubectl get nodes --output wide"
"""How a node port is found that nobody advertises an address for."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exposure:
    """How ports of one workload leave the cluster."""

    type: str = "NodePort"
    """``NodePort``, ``LoadBalancer`` or ``ClusterIP``. ``NodePort`` works on every cluster; a ``LoadBalancer``
    without a controller would hold up ``up`` for ten minutes."""
    node_ports: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Port name to node port; absent: the cluster picks one and keeps it."""
    ports: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Port name to the number that a load balancer shows it under; absent: its own."""
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """For the cluster's load balancer."""
    load_balancer_ip: str | None = None
    source_ranges: tuple[str, ...] = ()
    """CIDRs that a load balancer admits; none: everybody."""
    advertise: str | None = None
    """Address that the ports are dialled at, where the cluster does not say it."""

    def shown(self, port: workload.Port) -> int:
        """The number of ``port`` on the outside Service."""
        return self.ports.get(port.name, port.number)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ways:
    """All that leads into one workload from outside the site."""

    peers: Exposure
    operators: Exposure | None = None
    ingress: kubernetes_ingress.Ingress | None = None


def governing(service: workload.Workload) -> str:
    """Name of the Service below which the pods of a stable workload have names of their own."""
    return f"{service.name}-nodes" if service.scales else service.name


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

    def inside(self, service: workload.Workload, opts: pulumi.ResourceOptions) -> list[k8s.core.v1.Service]:
        """The Service that the site dials, and the one that names each replica, where there may be several.

        They are made before the pods, which wait for others by name; the pods' readiness is awaited instead.
        """
        ports = [_port(port) for port in service.ports]
        spec = k8s.core.v1.ServiceSpecArgs(type="ClusterIP", selector=dict(self.selector), ports=ports)
        metadata = self._metadata(service.name, annotations=NO_WAIT)
        made = [k8s.core.v1.Service(self.prefix, metadata=metadata, spec=spec, opts=opts)]
        if service.scales:
            named = k8s.core.v1.ServiceSpecArgs(
                type="ClusterIP",
                cluster_ip="None",
                selector=dict(self.selector),
                ports=ports,
                # Replicas meet each other before they are ready: that is what they get ready by.
                publish_not_ready_addresses=True,
            )
            metadata = self._metadata(governing(service), annotations=NO_WAIT)
            made.append(k8s.core.v1.Service(f"{self.prefix}-nodes", metadata=metadata, spec=named, opts=opts))
        return made

    def policies(self, service: workload.Workload, ways: Ways, opts: pulumi.ResourceOptions) -> None:
        """Admit anybody to the ports that are shown outside: who they are is for TLS and passwords to say."""
        peers, operators = service.audience(workload.Audience.PEERS), service.audience(workload.Audience.OPERATORS)
        if peers:
            self._admit("peers", peers, opts)
        shown = (
            operators
            if ways.operators and ways.operators.type != "ClusterIP"
            else operators[:1]
            if ways.ingress
            else ()
        )
        if shown:
            self._admit("operators", shown, opts)

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

    def endpoints(
        self, service: workload.Workload, ways: Ways, *, wait: bool, opts: pulumi.ResourceOptions
    ) -> dict[str, pulumi.Output[workload.Endpoint]]:
        """Where each port that is not the site's own is dialled, with the Services that show it outside."""
        found: dict[str, pulumi.Output[workload.Endpoint]] = {}
        for audience, exposure in (
            (workload.Audience.PEERS, ways.peers),
            (workload.Audience.OPERATORS, ways.operators),
        ):
            ports = service.audience(audience)
            if not ports:
                continue
            if exposure is None or exposure.type == "ClusterIP":
                found |= {port.name: pulumi.Output.from_input(self._within(service, port, ways)) for port in ports}
                continue
            made = self._outside(service, audience, exposure, wait=wait, opts=opts)
            found |= {port.name: _reported(port, exposure, made) for port in ports}
        operators = service.audience(workload.Audience.OPERATORS)
        if ways.ingress and operators:
            # The more readable of two ways.
            found[operators[0].name] = pulumi.Output.from_input(ways.ingress.endpoint)
        return found

    def _within(self, service: workload.Workload, port: workload.Port, ways: Ways) -> workload.Endpoint:
        """Where ``port`` is dialled when no Service shows it outside the cluster."""
        if port.audience is workload.Audience.OPERATORS:
            forward = f"kubectl --namespace {self.namespace} port-forward service/{service.name} {port.number}"
            return workload.Endpoint(host="127.0.0.1", port=port.number, how=forward)
        host = ways.peers.advertise or f"{service.name}.{self.namespace}.svc"
        return workload.Endpoint(host=host, port=port.number)

    def _outside(
        self,
        service: workload.Workload,
        audience: workload.Audience,
        exposure: Exposure,
        *,
        wait: bool,
        opts: pulumi.ResourceOptions,
    ) -> k8s.core.v1.Service:
        """The Service that an audience from outside the cluster dials.

        Made after its pods, and awaited for the address that a load balancer gets.
        """
        balanced = exposure.type == "LoadBalancer"
        unawaited = {} if balanced and wait else NO_WAIT
        name = f"{service.name}-{audience.value}"
        return k8s.core.v1.Service(
            f"{self.prefix}-{audience.value}",
            metadata=self._metadata(name, annotations={**exposure.annotations, **unawaited}),
            spec=k8s.core.v1.ServiceSpecArgs(
                type=exposure.type,
                selector=dict(self.selector),
                ports=[_port(port, exposure) for port in service.audience(audience)],
                load_balancer_ip=exposure.load_balancer_ip if balanced else None,
                load_balancer_source_ranges=(list(exposure.source_ranges) or None) if balanced else None,
            ),
            opts=opts,
        )

    def _metadata(self, name: str, annotations: Mapping[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        return metadata(name, self.namespace, self.labels, annotations)


def _port(port: workload.Port, exposure: Exposure | None = None) -> k8s.core.v1.ServicePortArgs:
    return k8s.core.v1.ServicePortArgs(
        name=port.name,
        port=exposure.shown(port) if exposure else port.number,
        target_port=port.number,
        node_port=exposure.node_ports.get(port.name) if exposure else None,
    )


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
        number = next((each.get("node_port") for each in ports if each.get("port") == exposure.shown(port)), None)
        how = None if exposure.advertise else NODES
        return workload.Endpoint(host=exposure.advertise, port=int(number) if number else None, how=how)
    entries = ((status or {}).get("load_balancer") or {}).get("ingress") or []
    assigned = next((entry.get("hostname") or entry.get("ip") for entry in entries), None)
    return workload.Endpoint(host=exposure.advertise or assigned, port=exposure.shown(port))
