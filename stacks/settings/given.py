"""A configuration as it was given, for the rules that look at more than one key."""

import functools
from collections.abc import Callable, Iterator, Mapping

from . import base, problems, running, shared, stack

Check = Callable[["Given"], Iterator[problems.Problem]]
"""A rule: from what was given to the mistakes it finds."""


class Given:
    """A configuration as it was given, beside what could be understood of it."""

    def __init__(
        self, raw: Mapping[str, object], settings: stack.StackSettings, faulty: frozenset[str],
        secret: frozenset[str], stack_name: str,
    ) -> None:  # fmt: skip
        self.raw = raw
        """Every key that is set, decoded."""
        self.settings = settings
        """The settings, in which a faulty key has its default."""
        self.faulty = faulty
        """Top-level keys that are missing or wrong: nothing further can be said about them."""
        self.secret = secret
        """Top-level keys that hold a secret."""
        self.stack_name = stack_name
        """Name of the Pulumi stack."""

    def get(self, path: str) -> object:
        """What is set at the dotted ``path``, as it was given; ``None`` for nothing."""
        value: object = self.raw
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def has(self, path: str) -> bool:
        """Whether something is set at the dotted ``path``; an empty map is nothing."""
        return self.get(path) not in (None, {})

    def sound(self, *names: str) -> bool:
        """Whether all of these top-level keys are understood."""
        return self.faulty.isdisjoint(names)

    @functools.cached_property
    def own(self) -> Mapping[str, shared.Service]:
        """The services that the site runs, by path of their settings."""
        return running.own_services(self.settings)

    def runs(self, path: str) -> bool | None:
        """Whether the site runs the service with the settings at ``path``; ``None`` when it cannot be said."""
        if not self.sound("role", "backend", "hive", path.split(".")[0]):
            return None
        return path in self.own


def sections(kind: type[base.Model]) -> tuple[str, ...]:
    """Path of every section that is a ``kind`` or a refinement of it."""
    return problems.paths(stack.StackSettings, kind)
