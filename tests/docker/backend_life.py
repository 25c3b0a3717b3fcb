"""The life of a party on Docker, whatever its backend: what every file of this ring asks of a running site."""

import dataclasses
import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest

from lab import dockerd, process
from stacks.settings import vocabulary
from tests import first_up, parties

Start = Callable[..., Iterator["Life"]]
SECRET = "chosen-by-operators"
"""Start of the passwords that an operator gives."""
MEMORY = 8 * 2**30
"""Bytes that all containers of one party may take together."""
LIMITS = {
    "mysql": 512, "fateflow": 1024, "fateboard": 256, "notebook": 256, "nginx": 128, "rabbitmq": 512, "pulsar": 2048,
    "spark.master": 512, "spark.worker": 1280, "hdfs.namenode": 512, "hdfs.datanode": 384,
}  # fmt: skip
"""MiB that each service may take here."""


@dataclasses.dataclass(frozen=True)
class Life:
    """A running party, and the engine it runs on."""

    party: parties.Party
    client: Any
    first: first_up.FirstUp

    def containers(self) -> dict[str, Any]:
        """Container by its name without the site."""
        found = self.client.containers.list(all=True, filters={"label": f"io.fate.site={self.party.site}"})
        return {each.name.removeprefix(f"{self.party.site}-"): each for each in found}

    def ids(self) -> dict[str, str]:
        """Container name to id."""
        return {name: container.id for name, container in self.containers().items()}

    def replaced(self, before: dict[str, str]) -> set[str]:
        """Names of ``before`` that are other containers now, or gone."""
        after = self.ids()
        return {name for name in before if before[name] != after.get(name)}

    def run(self, service: str, *command: str) -> str:
        """What ``command`` prints inside the container of ``service``; fails the test when it fails."""
        code, output = answer(self.client, f"{self.party.site}-{service}", *command)
        assert code == 0, f"{service}: {' '.join(command)}: {output[-2000:]}"
        return output

    def health(self) -> dict[str, str]:
        """Health of every container that is asked for it."""
        shown = {name: each.attrs["State"] for name, each in self.containers().items()}
        return {name: state["Health"]["Status"] for name, state in shown.items() if "Health" in state}

    def healthy(self, services: Collection[str]) -> None:
        """Exactly ``services`` are asked for their health, and all are healthy."""
        assert self.health() == dict.fromkeys(services, "healthy")

    def shows_no_password(self) -> None:
        """Neither the state, nor what ``up`` or a plan prints, nor what Docker shows, nor a log has a password."""
        passwords = self.party.passwords()
        assert parties.hidden(self.first.printed, passwords)
        changed = first_up.printed_of_a_change(
            self.party, fateflow=limited("fateflow", {"logLevel": "WARNING"}), mysql=limited("mysql", {"user": "other"})
        )
        assert f"{self.party.site}-fateflow" in changed
        assert parties.hidden(changed, passwords)
        assert parties.hidden(self.party.export(), passwords)
        for name, container in self.containers().items():
            assert parties.hidden(json.dumps(container.attrs), passwords), name
            assert parties.hidden(container.logs().decode(errors="replace"), passwords), name

    def fits_a_small_machine(self) -> None:
        """All limits together fit, and nothing was ever killed for memory."""
        running = {name: each for name, each in self.containers().items() if each.attrs["State"]["Running"]}
        taken = {name: int(each.attrs["HostConfig"]["Memory"]) for name, each in running.items()}
        assert all(taken.values()), taken
        assert sum(taken.values()) <= MEMORY, taken
        assert not [name for name, each in running.items() if each.attrs["State"]["OOMKilled"]]

    def is_repaired(self, service: str) -> None:
        """A container removed by hand is found by a refresh, brought back by an up, and nothing else with it."""
        self.client.containers.get(f"{self.party.site}-{service}").remove(force=True)
        assert f"{self.party.site}-{service}" in {
            step.name for step in self.party.refresh().steps if step.operation == "delete"
        }
        assert self.party.up().touched() == {f"{self.party.site}-{service}"}
        assert self.health()[service] == "healthy"

    def is_destroyed(self, kept: Collection[str], dropped: Collection[str] = ()) -> None:
        """After ``destroy`` nothing runs, volumes of data are ``kept``, and others are gone."""
        self.party.destroy()
        assert self.ids() == {}
        assert not self.client.networks.list(names=[self.party.site])
        left = {each.name for each in self.client.volumes.list() if each.name.startswith(f"{self.party.site}-")}
        left = {name.removeprefix(f"{self.party.site}-") for name in left}
        assert set(kept) <= left
        assert not set(dropped) & left


def answer(client: Any, container: str, *command: str) -> tuple[int, str]:
    """Exit code and output of ``command``, which always prints something, inside ``container``.

    An empty output is asked for again: a busy engine now and then hands none over.
    """

    def asked() -> tuple[int, str] | None:
        code, output = client.containers.get(container).exec_run(list(command))
        return (int(code), output.decode(errors="replace")) if output.strip() else None

    return process.wait_for(asked, 60, f"an answer of {container} to {command[0]}")


def limited(section: str, settings: Any) -> dict[str, Any]:
    """``settings`` of one section, with what its service may take of memory; of all parts, where it has several."""
    told = {**settings}
    for name, memory in LIMITS.items():
        owner, _, component = name.partition(".")
        if owner == section:
            bounded = {"memory": f"{memory}Mi", "memoryLimit": f"{memory}Mi"}
            if component:
                told[component] = {"resources": bounded, **told.get(component, {})}
            else:
                told["resources"] = bounded
    return told


def start(
    factory: pytest.TempPathFactory,
    sweep: Callable[[str], None],
    client: Any,
    party_id: int,
    ports: dict[str, int],
    *,
    backend: str,
    **settings: Any,
) -> Iterator[Life]:
    """A party that is up, for the tests of one file; whatever happens, nothing of it is left."""
    sweep(f"fate-{party_id}")
    sections = {name.partition(".")[0] for name in LIMITS}
    owned = {each for each in sections if backend in vocabulary.BACKENDS_OF.get(each, (backend,))}
    made = parties.Party(
        factory.mktemp("docker"),
        party_id,
        secrets={"fateboard.password": f"{SECRET}-of-{party_id}"},
        platform="docker",
        docker={"ports": ports, "host": dockerd.up()},
        advertise={"host": "fate.example.org"},
        **{"backend": backend, **settings, **{each: limited(each, settings.get(each, {})) for each in owned}},
    )
    try:
        yield Life(made, client, first_up.on_docker(made, dockerd.up()))
    finally:
        sweep(made.site)
