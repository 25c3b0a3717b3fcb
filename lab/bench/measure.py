"""Durations, taken in turn so that whatever else the machine does meets all of them alike."""

import contextlib
import dataclasses
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Summary:
    """Several measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, which a single slow run does not move."""
        return statistics.median(self.values)

    @property
    def lowest(self) -> float:
        return min(self.values)

    @property
    def highest(self) -> float:
        return max(self.values)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lowest:.2f} to {self.highest:.2f})"


class Series:
    """All measurements of a run of the benchmark, by who was measured and at what."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], list[float]] = {}

    @contextlib.contextmanager
    def timed(self, subject: str, action: str) -> Iterator[None]:
        """Takes the seconds of wall clock that the block lasts; none when it fails."""
        started = time.monotonic()
        yield
        self.add(subject, action, time.monotonic() - started)

    def add(self, subject: str, action: str, value: float) -> None:
        """Takes a value that was measured elsewhere."""
        self._taken.setdefault((subject, action), []).append(value)

    def summary(self, subject: str, action: str) -> Summary | None:
        """What was taken; None when nothing was."""
        values = self._taken.get((subject, action))
        return Summary(tuple(values)) if values else None

    def ratio(self, action: str, subject: str, base: str) -> float | None:
        """How many times as long the subject's median takes as that of `base`."""
        ours, theirs = self.summary(subject, action), self.summary(base, action)
        return ours.median / theirs.median if ours and theirs and theirs.median else None

    def subjects(self) -> Sequence[str]:
        """Who was measured, in the order of their first measurement."""
        return list(dict.fromkeys(subject for subject, _ in self._taken))

    def actions(self) -> Sequence[str]:
        """At what, in the order of the first measurement."""
        return list(dict.fromkeys(action for _, action in self._taken))

    def rows(self) -> list[dict[str, Any]]:
        """Everything as plain JSON data, in the order of the first measurements."""
        return [
            {"subject": subject, "action": action, "values": values}
            for (subject, action), values in self._taken.items()
        ]
