"""CheckConfig and DiffConfig: what may be set on a provider together, and what changing it means."""

from pulumi.runtime.proto import provider_pb2

from .. import values
from . import kubeconfig

_DIFF = provider_pb2.DiffResponse


def check(request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
    """The inputs, unless rendering is combined with a cluster."""
    news = values.reveal(values.decode(request.news))
    failures = []
    if _truthy(news.get("renderYamlToDirectory")):
        clashing = [key for key in ("cluster", "context", "kubeconfig") if _truthy(news.get(key))]
        reason = '"{}" arg is not compatible with "renderYamlToDirectory" arg'
        failures += [provider_pb2.CheckFailure(property=key, reason=reason.format(key)) for key in clashing]
    elif news.get("alwaysRender") in (True, "true"):
        reason = '"alwaysRender" requires "renderYamlToDirectory" to be set'
        failures.append(provider_pb2.CheckFailure(property="alwaysRender", reason=reason))
    return provider_pb2.CheckResponse(inputs=request.news, failures=failures)


def diff(request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
    """Another cluster or another folder replaces every resource of the provider; anything else is an update."""
    old, new = (_plain(values.decode(properties)) for properties in (request.olds, request.news))
    changed = sorted(key for key in {**old, **new} if old.get(key) != new.get(key))
    if not changed:
        return _DIFF(changes=_DIFF.DIFF_NONE)
    for key in ("kubeconfig", "context", "cluster"):
        if new.get(key) == values.UNKNOWN:
            return _DIFF(changes=_DIFF.DIFF_SOME, diffs=[key], replaces=[key])
    replaces = [key for key in changed if key == "renderYamlToDirectory"]
    identifier = (old.get("clusterIdentifier"), new.get("clusterIdentifier"))
    if all(identifier) and identifier[0] != identifier[1]:
        replaces.append("clusterIdentifier")
    clusters = [_cluster(properties) for properties in (old, new)]
    if all(clusters) and clusters[0] != clusters[1]:
        replaces += [key for key in ("kubeconfig", "context", "cluster") if key in changed]
    if identifier[1] and identifier[0] == identifier[1]:
        replaces = []
    return _DIFF(changes=_DIFF.DIFF_SOME, diffs=changed, replaces=replaces)


def _plain(properties: values.Properties) -> values.Properties:
    return {key: value for key, value in values.reveal(properties).items() if value is not None}


def _cluster(properties: values.Properties) -> dict[str, object] | None:
    config = kubeconfig.parse_quietly(str(properties.get("kubeconfig") or ""))
    return kubeconfig.active_cluster(config, str(properties.get("context") or ""), str(properties.get("cluster") or ""))


def _truthy(value: object) -> bool:
    return value is True or (isinstance(value, str) and bool(value))
