"""What every Kubernetes object of a site carries besides its content."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

OWNER = "fate/stack"
"""Annotation of a namespace: the stack that it belongs to."""
NO_WAIT = {"pulumi.com/skipAwait": "true"}
"""Annotation of objects whose readiness is awaited elsewhere, or not at all."""
FIELD_MANAGER = "pulumi.com/patchFieldManager"
FORCE = "pulumi.com/patchForce"


def stack() -> str:
    """Full name of the running stack."""
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"


def metadata(
    name: pulumi.Input[str],
    namespace: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
) -> k8s.meta.v1.ObjectMetaArgs:
    """Metadata of an object in the site's namespace.

    The field manager is the stack's own. By default every creation draws a random one, and after an interrupted run
    the dead run's manager would go on owning fields, so that nothing could be taken out of a list any more. Fields
    that were edited by hand are taken back by force, instead of ending the run with a conflict.
    """
    return k8s.meta.v1.ObjectMetaArgs(
        name=name,
        namespace=namespace,
        labels=dict(labels),
        annotations={FIELD_MANAGER: stack(), FORCE: "true", **(annotations or {})},
    )


def owned(namespace: str, labels: Mapping[str, str]) -> k8s.meta.v1.ObjectMetaArgs:
    """Metadata of the namespace itself, which says whose it is.

    Without force: a second stack would write another owner, which the server refuses as a conflict, so one that has
    the same namespace by mistake stops here, before it touches anything.
    """
    return k8s.meta.v1.ObjectMetaArgs(
        name=namespace, labels=dict(labels), annotations={FIELD_MANAGER: stack(), OWNER: stack()}
    )
