"""Why a workload did not get ready: what the plugin's own words leave out about its pods."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from . import remedies

LAST_LINES = 3
"""Lines of a container's log that an error repeats: what it waits for stands in the last ones."""
SECONDS = 20
"""Time for one question; the error itself is told in any case."""


def kubectl(kubeconfig: str | None, context: str | None) -> tuple[str, ...]:
    """The command that talks to the cluster of ``kubeconfig`` (a path) and ``context``."""
    config = ("--kubeconfig", kubeconfig) if kubeconfig else ()
    return ("kubectl", *config, *(("--context", context) if context else ()))


class Explainer:
    """Asks the cluster through kubectl; where there is none, the plugin's words have to do."""

    def __init__(self, site: str, namespace: str, command: Sequence[str]) -> None:
        self._site = site
        self._command = (*command, "--namespace", namespace)
        self.hook = pulumi.ErrorHook(f"{site}-explain", self._explain)
        """To be given to every workload."""

    def _explain(self, args: pulumi.ErrorHookArgs) -> bool:
        service = args.name.removeprefix(f"{self._site}-")
        chosen = f"app.kubernetes.io/instance={self._site},app.kubernetes.io/name={service}"
        listed = self._ask("get", "pods", "--selector", chosen, "--output", "json")
        for pod in json.loads(listed)["items"] if listed else []:
            lines = list(stuck(pod))
            for line in [*lines, remedies.remedy(service, lines)]:
                if line:
                    pulumi.log.error(f"pod {pod['metadata']['name']}: {line}")
            for name in running_unready(pod):
                words = self._ask("logs", pod["metadata"]["name"], "--container", name, f"--tail={LAST_LINES}")
                said = " | ".join((words or "").strip().splitlines()) or "nothing"
                pulumi.log.error(f"pod {pod['metadata']['name']}: {name} is not ready; it said last: {said}")
        return False

    def _ask(self, *arguments: str) -> str | None:
        try:
            done = subprocess.run(
                [*self._command, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None


def _statuses(pod: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    status = pod["status"]
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def stuck(pod: Mapping[str, Any]) -> Iterator[str]:
    """One line for each container of ``pod`` that cannot start, and one for a pod that no node takes."""
    for condition in pod["status"].get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"not scheduled: {condition.get('message', condition.get('reason'))}"
    for each in _statuses(pod):
        waiting = each["state"].get("waiting")
        if waiting and waiting["reason"] not in {"PodInitializing", "ContainerCreating"}:
            yield f"{each['name']} waits: {waiting['reason']}: {waiting.get('message', '')} (image {each['image']})"


def running_unready(pod: Mapping[str, Any]) -> list[str]:
    """Names of the containers of ``pod`` that run without being ready, or run before the others may start."""
    return [each["name"] for each in _statuses(pod) if "running" in each["state"] and not each["ready"]]
