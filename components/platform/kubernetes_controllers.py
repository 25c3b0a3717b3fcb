"""What keeps the pods of a workload running: a StatefulSet for one with data or names of its own, else a Deployment."""

import dataclasses
from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

from . import kubernetes_network, kubernetes_storage, workload


@dataclasses.dataclass(frozen=True)
class Controller:
    """Everything about one workload's controller that does not depend on its kind."""

    name: str
    """Its name in Pulumi."""
    metadata: k8s.meta.v1.ObjectMetaArgs
    selector: Mapping[str, str]
    """Labels by which it knows its pods; they can never change."""
    template: k8s.core.v1.PodTemplateSpecArgs
    opts: pulumi.ResourceOptions

    def stateful_set(self, service: workload.Workload) -> k8s.apps.v1.StatefulSet:
        """Pods that keep their names and their claims."""
        templates = kubernetes_storage.templates(service, self.selector)
        # Templates cannot change; without any, those of an earlier set must go, and the set with them.
        kept = pulumi.ResourceOptions(ignore_changes=["spec.volumeClaimTemplates"] if templates else None)
        return k8s.apps.v1.StatefulSet(
            self.name,
            metadata=self.metadata,
            spec=k8s.apps.v1.StatefulSetSpecArgs(
                service_name=kubernetes_network.governing(service),
                replicas=service.replicas,
                pod_management_policy="Parallel",
                selector=self._match,
                template=self.template,
                volume_claim_templates=templates or None,
            ),
            opts=pulumi.ResourceOptions.merge(self.opts, kept),
        )

    def deployment(self, service: workload.Workload) -> k8s.apps.v1.Deployment:
        """Pods that are all alike."""
        return k8s.apps.v1.Deployment(
            self.name,
            metadata=self.metadata,
            spec=k8s.apps.v1.DeploymentSpecArgs(
                replicas=service.replicas,
                # Two schedulers or two routers of one party at a time would each believe to be the one.
                strategy=k8s.apps.v1.DeploymentStrategyArgs(type="Recreate"),
                selector=self._match,
                template=self.template,
            ),
            opts=self.opts,
        )

    @property
    def _match(self) -> k8s.meta.v1.LabelSelectorArgs:
        return k8s.meta.v1.LabelSelectorArgs(match_labels=dict(self.selector))
