"""What the parts of a site are told."""

import dataclasses

from . import routes, settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """A site as it is to be."""

    config: settings.StackSettings
    routes: routes.Routes
