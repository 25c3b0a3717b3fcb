"""Which services a site runs itself."""

import dataclasses
import functools
from collections.abc import Mapping

from . import base, exposure, problems, shared, stack, vocabulary

_EXCHANGE = {
    vocabulary.Transport.ROLLSITE: ("eggroll.rollsite", "eggroll.nginx"),
    vocabulary.Transport.PULSAR: ("nginx",),
}
"""The services of an exchange."""
_SERVICES = problems.paths(stack.StackSettings, shared.Service)


def own_services(settings: stack.StackSettings) -> Mapping[str, shared.Service]:
    """Settings of each service that the site runs, by path (``spark.worker``): of its backend, enabled, and not
    one that somebody else runs."""
    found = {path: at(settings, path) for path in _SERVICES if _is_run(settings, path)}
    return {path: service for path, service in found.items() if isinstance(service, shared.Service)}


def shown(settings: stack.StackSettings) -> tuple[exposure.Shown, ...]:
    """Every port that may leave the site, and the workload that shows it."""
    if settings.is_exchange:
        # The brokers of its parties are behind its nginx.
        found = tuple(
            dataclasses.replace(each, section="nginx", options="nginx.service", workload="nginx")
            if each.name == "pulsar"
            else each
            for each in exposure.SHOWN
        )
    else:
        found = exposure.SHOWN
    known = settings.tls and (settings.backend or settings.transport)
    return exposure.secured(found, rollsite=settings.carries == "rollsite") if known else found


def at(settings: stack.StackSettings, path: str) -> object:
    """The value of the key at the dotted ``path``; ``None`` below a section that is not set."""
    value: object = settings
    for key in path.split("."):
        value = getattr(value, _names(type(value))[key]) if isinstance(value, base.Model) else None
    return value


@functools.cache
def _names(model: type[base.Model]) -> Mapping[str, str]:
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _is_run(settings: stack.StackSettings, path: str) -> bool:
    section = path.split(".")[0]
    if path == "eggroll.nginx" and not settings.tls:
        return False
    if settings.is_exchange:
        return settings.transport is not None and path in _EXCHANGE[settings.transport]
    if settings.backend not in vocabulary.BACKENDS_OF.get(section, (settings.backend,)):
        return False
    top = at(settings, section)
    if getattr(top, "existing", None) is not None:
        return False
    return not (
        (path == "notebook" and not settings.notebook.enabled)
        or (path == "eggroll.balancer" and not settings.eggroll.balancer.upstreams)
        or (section == "hdfs" and settings.hive is not None)
    )
