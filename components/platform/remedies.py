"""What to do about errors that a platform reports in words of its own, which name no setting of ours."""

import re
from collections.abc import Sequence

import pulumi

_REMEDIES = (
    (
        r"provided port is already allocated|provided port is not in the valid range",
        "a node port is taken or out of range: give its key below fate:kubernetes.nodePorts another number",
    ),
    (
        r"port is already allocated|address already in use",
        "a port of the host is taken: give its key below fate:docker.ports another number",
    ),
    (
        r"unable to pull image|ImagePullBackOff|ErrImagePull|No such image|manifest unknown",
        "an image cannot be had: check fate:images.registry and fate:images.tag; the output images lists all of them",
    ),
    (r"No space left|no space left", "a disk is full: make room, and run up again"),
    (
        r"[Rr]ead-only file system|[Pp]ermission denied",
        "a folder cannot be written: check fate:kubernetes.renderTo and who owns it",
    ),
    (
        r"annotations\.fate/stack",
        "the namespace belongs to another stack: destroy that one, or choose another with fate:kubernetes.namespace",
    ),
    (
        r"cluster is unreachable|connection refused|no such host|i/o timeout",
        "the cluster or engine does not answer: check fate:kubernetes.kubeconfig and context, or fate:docker.host",
    ),
    (
        r"volumeMounts\[\d+\]\.name: Not found",
        "a StatefulSet takes up no claim later on: delete that of {service}, and up --refresh makes it anew",
    ),
    (
        r"exceeded quota|Insufficient (cpu|memory)",
        "the cluster has no room: lower fate:{service}.resources, or give it more",
    ),
    (
        r"spec\.resources\.requests\.storage|only dynamically provisioned pvc can be resized|field can not be less",
        "a volume cannot get that size: its class must allow expansion, and none shrinks; see fate:{service}.storage",
    ),
)


def remedy(service: str, errors: Sequence[str]) -> str | None:
    """What a user can do about the first of ``errors`` that is known; ``None`` when none is."""
    text = "\n".join(errors)
    found = (words for pattern, words in _REMEDIES if re.search(pattern, text))
    return next((words.format(service=service) for words in found), None)


def hook(site: str) -> pulumi.ErrorHook:
    """A hook that adds the remedy to an error of any resource of ``site``; it never asks for another try."""

    def tell(args: pulumi.ErrorHookArgs) -> bool:
        # The Services that show ports outside are called after their workload and who dials them.
        service = re.sub(r"-(peers|operators)$", "", args.name.removeprefix(f"{site}-"))
        words = remedy(service, args.errors)
        if words:
            pulumi.log.error(f"{args.name}: {words}")
        return False

    return pulumi.ErrorHook(f"{site}-remedy", tell)
