"""What the Docker plugin leaves to its user: an interrupted run's remains, and why a container did not get healthy."""

import json
import subprocess
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import remedies

LAST_LINES = 8
"""Lines of a container's log that an error repeats: enough for the cause, short enough to read."""
SECONDS = 60
"""Time for one question to the engine; a remote one over a slow line included."""


class Engine:
    """The engine that a site runs on, asked through the docker command.

    For an ``ssh://`` host the command runs over there, with the user's own ssh and its options, which is also how the
    plugin reaches such an engine; nothing but ssh is needed here.
    """

    def __init__(self, host: str | None, ssh_options: Sequence[str]) -> None:
        address = urllib.parse.urlsplit(host or "")
        if address.scheme == "ssh":
            port = ("-p", str(address.port)) if address.port else ()
            user = f"{address.username}@" if address.username else ""
            self._command = ("ssh", *ssh_options, *port, "--", f"{user}{address.hostname}", "docker")
        else:
            self._command = ("docker", *(("--host", host) if host else ()))

    def ask(self, *arguments: str) -> str:
        """What ``docker ARGUMENTS`` prints, errors of containers included.

        Raises ``pulumi.RunError`` when the command is missing, fails or does not answer.
        """
        try:
            done = subprocess.run(
                self.command(*arguments), capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise pulumi.RunError(
                f"{self._command[0]} cannot be run ({error}); install it, or check fate:docker.host"
            ) from None
        if done.returncode:
            raise pulumi.RunError(f"docker {arguments[0]} failed: {done.stderr.strip()}; check fate:docker.host")
        return done.stdout + done.stderr

    def inspect(self, kind: str, name: str) -> list[Mapping[str, Any]]:
        """Everything of ``kind`` (``container``, ``network``) that is called exactly ``name``."""
        listed = ("ps", "--all") if kind == "container" else (kind, "ls")
        ids = self.ask(*listed, "--no-trunc", "--quiet", "--filter", f"name=^{name}$").split()
        found: list[Mapping[str, Any]] = json.loads(self.ask(kind, "inspect", *ids)) if ids else []
        return found

    def require_volume(self, name: str, service: str) -> None:
        """``pulumi.RunError`` unless there is a volume called ``name``, which the engine would make, and empty."""
        if name not in self.ask("volume", "ls", "--quiet", "--filter", f"name={name}").split():
            raise pulumi.RunError(
                f"{service} is to keep its data in the Docker volume {name}, and there is none: "
                f"make it with docker volume create {name}, or take existing out of its storage"
            )

    def command(self, *arguments: str) -> list[str]:
        """The words that run ``docker ARGUMENTS`` where the engine is."""
        return [*self._command, *(self._quoted(each) for each in arguments)]

    def _quoted(self, word: str) -> str:
        """``word`` as ssh wants it, whose other end is a shell."""
        return "'" + word.replace("'", "'\\''") + "'" if self._command[0] == "ssh" else word


class Hooks:
    """Hooks around the creation of one site's containers and network.

    The engine is asked only when something is really created, never in a preview.
    """

    def __init__(self, site: str, engine: Engine, owner: Mapping[str, str]) -> None:
        self._engine = engine
        self._owner = dict(owner)
        self._site = site
        remedy = remedies.hook(site)
        self.container = pulumi.ResourceHookBinding(
            before_create=[pulumi.ResourceHook(f"{site}-leftover", self._remove)],
            on_error=[pulumi.ErrorHook(f"{site}-explain", self._explain), remedy],
        )
        """To be given to every container of the site."""
        self.network = pulumi.ResourceHookBinding(
            before_create=[pulumi.ResourceHook(f"{site}-network", self._remove_network)], on_error=[remedy]
        )
        """To be given to the site's network."""
        self.other = pulumi.ResourceHookBinding(on_error=[remedy])
        """To be given to everything else."""

    def _remove(self, args: pulumi.ResourceHookArgs) -> None:
        """Remove a container of this stack that an interrupted run created and did not record.

        The engine is about to create a container of this name, so its state has none; whatever bears the name is
        either such a leftover, which its labels tell, or somebody else's, which is left alone and named by the error.
        """
        for container in self._engine.inspect("container", args.name):
            if self._owner.items() <= (container["Config"].get("Labels") or {}).items():
                pulumi.log.info(f"removing {args.name}, which an interrupted run left behind")
                self._engine.ask("rm", "--force", container["Id"])

    def _remove_network(self, args: pulumi.ResourceHookArgs) -> None:
        """Remove a network that an interrupted run left; refuse one of somebody else, for Docker takes both by name."""
        for network in self._engine.inspect("network", args.name):
            if not self._owner.items() <= (network.get("Labels") or {}).items():
                raise pulumi.RunError(
                    f"a Docker network called {args.name} exists and is not of this stack: two stacks must not "
                    f"deploy one site; destroy the other, or remove it with docker network rm {args.name}"
                )
            self._engine.ask("network", "rm", network["Id"])

    def _explain(self, args: pulumi.ErrorHookArgs) -> bool:
        """Say what an unhealthy container said last; the plugin says only that it is unhealthy."""
        for container in self._engine.inspect("container", args.name):
            if container["State"]["Status"] != "created":
                words = self._last_words(container)
                pulumi.log.error(f"{args.name} is {_state(container['State'])}; it said last:\n{words}")
        return False

    def passed(self, name: str, code: int | None, logs: str | None) -> None:
        """End the run when the step in container ``name`` failed, and let the next run try it again.

        Docker counts a container that ended as created, whatever its exit code; so a failed one is removed, and the
        next refresh misses it. Raises ``pulumi.RunError`` naming the container and its last words.
        """
        if not code:
            return
        for container in self._engine.inspect("container", name):
            self._engine.ask("rm", "--force", container["Id"])
        last = " | ".join((logs or "").strip().splitlines()[-5:]) or "it said nothing"
        raise pulumi.RunError(f"{name} ended with exit code {code}: {last}. Mend that and run up again.")

    def _last_words(self, container: Mapping[str, Any]) -> str:
        lines = self._engine.ask("logs", "--tail", str(LAST_LINES), container["Id"]).strip().splitlines()
        checks = ((container["State"].get("Health") or {}).get("Log") or [])[-1:]
        lines += [f"health check: {check['Output'].strip()[-300:]}" for check in checks if check["Output"].strip()]
        return "\n".join(f"  {line}" for line in lines) or "  nothing"


def _state(state: Mapping[str, Any]) -> str:
    """A container's state in words (``running, health unhealthy``)."""
    health = (state.get("Health") or {}).get("Status")
    code = f" with exit code {state['ExitCode']}" if state["Status"] in {"exited", "restarting", "dead"} else ""
    return f"{state['Status']}{code}" + (f", health {health}" if health else "")
