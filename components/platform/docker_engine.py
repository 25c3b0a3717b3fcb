"""What the Docker plugin leaves to its user: an interrupted run's remains, and why a container did not get healthy."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    import docker

LAST_LINES = 8
"""Lines of a container's log that an error repeats: enough for the cause, short enough to read."""


class Hooks:
    """Hooks around the creation of one site's containers, on the engine that the site runs on.

    The engine is asked only when a container is really created, never in a preview.
    """

    def __init__(self, site: str, host: str | None, owner: Mapping[str, str]) -> None:
        self._host = host
        self._owner = dict(owner)
        self.binding = pulumi.ResourceHookBinding(
            before_create=[pulumi.ResourceHook(f"{site}-leftover", self._remove)],
            on_error=[pulumi.ErrorHook(f"{site}-explain", self._explain)],
        )
        """To be given to every container of the site."""
        self.network = pulumi.ResourceHookBinding(
            before_create=[pulumi.ResourceHook(f"{site}-network", self._remove_network)]
        )
        """To be given to the site's network."""

    def _remove_network(self, args: pulumi.ResourceHookArgs) -> None:
        """Remove a network that an interrupted run left; refuse one of somebody else, for Docker takes both by name."""
        with _client(self._host) as client:
            for network in client.networks.list(names=[f"^{args.name}$"]):
                if not self._owner.items() <= (network.attrs.get("Labels") or {}).items():
                    raise pulumi.RunError(
                        f"a Docker network called {args.name} exists and is not of this stack: two stacks must not "
                        f"deploy one site; destroy the other, or remove it with docker network rm {args.name}"
                    )
                network.remove()

    def _remove(self, args: pulumi.ResourceHookArgs) -> None:
        """Remove a container of this stack that an interrupted run created and did not record.

        The engine is about to create a container of this name, so its state has none; whatever bears the name is
        either such a leftover, which its labels tell, or somebody else's, which is left alone and named by the error.
        """
        with _client(self._host) as client:
            for container in client.containers.list(all=True, filters={"name": f"^/{args.name}$"}):
                if self._owner.items() <= container.labels.items():
                    pulumi.log.info(f"removing {args.name}, which an interrupted run left behind")
                    container.remove(force=True)

    def _explain(self, args: pulumi.ErrorHookArgs) -> bool:
        """Say what an unhealthy container said last; the plugin says only that it is unhealthy."""
        with _client(self._host) as client:
            for container in client.containers.list(all=True, filters={"name": f"^/{args.name}$"}):
                pulumi.log.error(f"{args.name} is {_state(container.attrs)}; it said last:\n{_last_words(container)}")
        return False

    def fail(self, name: str, code: int | None, logs: str | None) -> None:
        """End the run when the step in container ``name`` failed, and let the next run try it again.

        Docker counts a container that ended as created, whatever its exit code; so a failed one is removed, and the
        next refresh misses it. Raises ``pulumi.RunError`` naming the container and its last words.
        """
        if not code:
            return
        with _client(self._host) as client:
            for container in client.containers.list(all=True, filters={"name": f"^/{name}$"}):
                container.remove(force=True)
        last = " | ".join((logs or "").strip().splitlines()[-5:]) or "it said nothing"
        raise pulumi.RunError(f"{name} ended with exit code {code}: {last}. Mend that and run up again.")


@contextlib.contextmanager
def _client(host: str | None) -> "Iterator[docker.DockerClient]":
    import docker  # only here: most runs create nothing, and need not wait for it to be loaded

    if host is None:
        client = docker.from_env(use_ssh_client=True)
    else:
        client = docker.DockerClient(base_url=host, use_ssh_client=host.startswith("ssh://"))
    try:
        yield client
    finally:
        client.close()


def _state(inspected: Mapping[str, Any]) -> str:
    """The container's state in words (``running, unhealthy``)."""
    state = inspected["State"]
    health = (state.get("Health") or {}).get("Status")
    code = f" with exit code {state['ExitCode']}" if state["Status"] in {"exited", "restarting", "dead"} else ""
    return f"{state['Status']}{code}" + (f", health {health}" if health else "")


def _last_words(container: Any) -> str:
    lines: list[str] = container.logs(tail=LAST_LINES).decode(errors="replace").strip().splitlines()
    checks = ((container.attrs["State"].get("Health") or {}).get("Log") or [])[-1:]
    lines += [f"health check: {check['Output'].strip()[-300:]}" for check in checks if check["Output"].strip()]
    return "\n".join(f"  {line}" for line in lines) or "  nothing"
