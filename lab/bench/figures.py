"""What was measured, kept from one run of the benchmark to the next: a file for each place."""

import dataclasses
import json
import os
from collections.abc import Iterable

from .. import paths
from ..toolchain import plugins, pulumi
from . import measure

FOLDER = paths.LAB / "bench-figures"


@dataclasses.dataclass(frozen=True)
class Figures:
    """The measurements of one place, and where they were made."""

    series: measure.Series
    runs: int
    """How often each kind was to be measured."""
    machine: str
    """Cores and memory, and the versions of Pulumi and its plugins."""

    def save(self, place: str) -> None:
        """Takes the place of what was kept for ``place``."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        kept = {"machine": self.machine, "runs": self.runs, "measured": self.series.rows()}
        (FOLDER / f"{place}.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def taken(series: measure.Series, runs: int) -> Figures:
    """Figures that were measured just now, on this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    used = ", ".join(str(choice) for choice in plugins.settle())
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB of memory; {pulumi.described()}; {used}"
    return Figures(series, runs, machine)


def load(places: Iterable[str]) -> dict[str, Figures]:
    """What is kept, by place and in the order of ``places``; without those that were never measured."""
    found = {}
    for place in places:
        file = FOLDER / f"{place}.json"
        if file.exists():
            kept = json.loads(file.read_text("utf-8"))
            series = measure.Series()
            for row in kept["measured"]:
                for value in row["values"]:
                    series.add(row["subject"], row["action"], value)
            found[place] = Figures(series, kept["runs"], kept["machine"])
    return found
