"""What the parts of a site are told."""

import dataclasses

from components import trust

from . import routes, settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """A site as it is to be."""

    config: settings.StackSettings
    routes: routes.Routes
    trust: trust.Trust | None
    """``None``: in plain text."""
