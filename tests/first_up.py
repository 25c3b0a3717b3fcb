"""The first ``preview`` and ``up`` of a party: what they print, and in which order the platform sees things happen."""

import contextlib
import dataclasses
import pathlib
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from . import parties

EGGROLL = {
    "clustermanager": ("mysql",),
    "nodemanager": ("clustermanager",),
    "rollsite": ("nodemanager",),
    "fateflow": ("rollsite",),
    "fateboard": ("fateflow",),
    "notebook": ("fateflow",),
}
"""Each service with those that must be ready before it starts."""
SLIM = {"fateflow": ("mysql", "pulsar"), "fateboard": ("fateflow",)}
SPARK = {
    "datanode": ("namenode",),
    "spark-worker": ("spark-master",),
    "fateflow": ("mysql", "datanode", "spark-worker"),
    "fateboard": ("fateflow",),
}

Seen = tuple[str, bool]
"""A service that was seen, and whether it was ready."""


@dataclasses.dataclass(frozen=True)
class FirstUp:
    """How it went."""

    printed: str
    """What people saw, and the event log."""
    seen: Sequence[Seen]
    """In the order in which the platform told it; a service that is first seen has just been started."""

    def in_order(self, order: Mapping[str, Sequence[str]]) -> None:
        """Fails the test when a service was started before one of those that it needs was ready."""
        services = [service for service, _ in self.seen]
        early = {
            service: needed
            for service, all_needed in order.items()
            for needed in all_needed
            if (needed, True) not in self.seen[: services.index(service)]
        }
        assert early == {}


def on_docker(party: parties.Party, host: str) -> FirstUp:
    """Bring ``party`` up on the engine at ``host``."""
    shown = "{{.Actor.Attributes.name}} {{.Action}}"
    events = ("--filter", "event=start", "--filter", "event=health_status", "--since", str(int(time.time())))
    of_site = ("--filter", f"label=io.fate.site={party.site}", "--format", shown)
    return _up(party, ("docker", "--host", host, "events", *events, *of_site), _container)


def on_kubernetes(party: parties.Party, kubeconfig: pathlib.Path) -> FirstUp:
    """Bring ``party`` up on the cluster of ``kubeconfig``."""
    name, ready = r"{.metadata.labels.app\.kubernetes\.io/name}", '{.status.conditions[?(@.type=="Ready")].status}'
    pods = ("get", "pods", "--namespace", party.site, "--watch", "--output", f'jsonpath={name} {ready}{{"\\n"}}')
    return _up(party, ("kubectl", f"--kubeconfig={kubeconfig}", *pods), _pod)


def _up(party: parties.Party, watch: Sequence[str], read: Callable[[str, str], Seen]) -> FirstUp:
    planned = party.preview()
    assert {step.operation for step in planned.steps} == {"create"}, "nothing is there yet"
    told = party.folder / "told"
    with _written(told, watch, party.environment):
        result = party.up()
    assert result.touched() == planned.touched(), "people agreed to something else"
    log = (party.folder / "events.json").read_text()
    return FirstUp(result.text + log, [read(party.site, line) for line in told.read_text().splitlines()])


@contextlib.contextmanager
def _written(file: pathlib.Path, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """What ``command`` prints meanwhile goes to ``file``."""
    with file.open("w") as out, subprocess.Popen(command, stdout=out, env=dict(environment)) as watcher:
        try:
            yield
        finally:
            watcher.terminate()


def _container(site: str, line: str) -> Seen:
    name, _, action = line.partition(" ")
    return name.removeprefix(f"{site}-"), action == "health_status: healthy"


def _pod(site: str, line: str) -> Seen:
    name, _, ready = line.partition(" ")
    return name, ready == "True"


def printed_of_a_change(party: parties.Party, **settings: object) -> str:
    """What a preview that shows every difference prints of ``settings``, which are taken back afterwards."""
    before = {key: party.settings.get(key) for key in settings}
    party.change(**settings)
    log = party.folder / "difference.json"
    which = ("--stack", party.stack, "--config-file", str(party.folder / f"Pulumi.{party.stack}.yaml"))
    shown = party.command("preview", "--diff", "--event-log", str(log), *which)
    party.change(**before)
    return shown.stdout + shown.stderr + log.read_text()
