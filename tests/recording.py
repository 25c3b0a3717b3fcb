"""One component under Pulumi's mocks, on a platform that runs nothing."""

import typing
from collections.abc import Callable, Sequence

import pulumi

from components import mysql, part
from components.platform import workload
from components.versions import fate_1_11 as fate
from tests import mocked


class Recording:
    """A platform that runs nothing and remembers what it was asked to run."""

    def __init__(self) -> None:
        self.asked: list[tuple[workload.Workload, tuple[str, ...]]] = []
        """Each workload with the names of what it waits for."""

    @property
    def ran(self) -> list[tuple[str, tuple[str, ...]]]:
        """Names of the workloads, with what each waits for."""
        return [(told.name, after) for told, after in self.asked]

    def run(
        self, told: workload.Workload, *, parent: pulumi.Resource, after: Sequence[workload.Running] = ()
    ) -> workload.Running:
        """Remembers the workload and what it waits for."""
        self.asked.append((told, tuple(running.name for running in after)))
        where = workload.Endpoint(host="127.0.0.1", port=told.ports[-1].number)
        endpoints = {port.name: pulumi.Output.from_input(where) for port in told.ports}
        return workload.Running(name=told.name, port=told.ports[0].number, endpoints=endpoints)


Made = typing.TypeVar("Made")


def made(make: Callable[[part.Foundation], Made]) -> tuple[Made, Recording, list[str]]:
    """The part, what its platform was asked to run, and the component types that were registered."""
    platform, recorder = Recording(), mocked.Recorder()
    found: list[Made] = []

    def program() -> None:
        foundation = part.Foundation(
            site="fate-9999",
            party_id=9999,
            platform=typing.cast(workload.Platform, platform),
            mysql=typing.cast(mysql.MySQL, None),
            engines=fate.Engines(computing="spark", federation="pulsar", storage="hdfs", proxy="nginx"),
        )
        found.append(make(foundation))

    with mocked.engine(recorder):
        mocked.AWAITED(program)()
    return found[0], platform, [each.type for each in recorder.registered]
