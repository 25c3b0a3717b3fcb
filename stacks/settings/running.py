"""Which services a site runs itself."""

from collections.abc import Mapping

import pydantic

from . import base, problems, shared, stack, vocabulary

_SERVICES = problems.paths(stack.StackSettings, shared.Service)


def own_services(settings: stack.StackSettings) -> Mapping[str, shared.Service]:
    """Settings of each service that the site runs, by path (``spark.worker``): of its backend, enabled, and not
    one that somebody else runs."""
    found = {path: at(settings, path) for path in _SERVICES if _is_run(settings, path)}
    return {path: service for path, service in found.items() if isinstance(service, shared.Service)}


def at(settings: stack.StackSettings, path: str) -> object:
    """The value of the key at the dotted ``path``; ``None`` below a section that is not set."""
    value: object = settings
    for key in path.split("."):
        if not isinstance(value, base.Model):
            return None
        names = {field.alias or name: name for name, field in type(value).model_fields.items()}
        value = getattr(value, names[key])
    return value


def _is_run(settings: stack.StackSettings, path: str) -> bool:
    section = path.split(".")[0]
    if settings.backend not in vocabulary.BACKENDS_OF.get(section, (settings.backend,)):
        return False
    top = at(settings, section)
    if isinstance(top, pydantic.BaseModel) and getattr(top, "existing", None) is not None:
        return False
    return not (
        (path == "notebook" and not settings.notebook.enabled)
        or (path == "eggroll.balancer" and not settings.eggroll.balancer.upstreams)
        or (section == "hdfs" and settings.hive is not None)
    )
