"""Requests to a Kubernetes API server: objects in, objects out, refusals as ``ApiError``."""

import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from . import errors, objects
from .kubeconfig import Kubeconfig

_TIMEOUT = 32.0
"""Seconds for one answer, as in the official plugin's discovery."""
_CONNECTIONS = 64
"""Connections kept open: the engine works on many resources at once and each may watch."""


class Resource(NamedTuple):
    """Where the objects of a kind live."""

    plural: str
    namespaced: bool


class Cluster:
    """One API server, used by many threads."""

    def __init__(self, config: Kubeconfig) -> None:
        # The client takes longer to import than anything else here, and rendering never needs it.
        import urllib3
        from kubernetes import client
        from kubernetes.config import kube_config

        # Whoever switches verification off knows it; the warning would come with every request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

        configuration = client.Configuration()
        load: Callable[..., None] = kube_config.load_kube_config_from_dict
        load(config, client_configuration=configuration, persist_config=False)
        configuration.retries = False
        configuration.connection_pool_maxsize = _CONNECTIONS
        self.host = str(configuration.host)
        self._client = client.ApiClient(configuration)
        self._client_error: type[Exception] = client.ApiException
        self._client.user_agent = "pulumi-kubernetes"
        self._known: dict[str, dict[str, Resource]] = {}
        self._lock = threading.Lock()

    def groups(self) -> objects.Object:
        """The API groups served; the cheapest request that proves both the connection and the credentials."""
        return self._json("GET", "/apis")

    def resource(self, kind: objects.Kind) -> Resource:
        """Where objects of ``kind`` live; ``NoKindError`` when the server does not serve it."""
        for forget in (False, True):
            served = self._served(kind.api_version, forget)
            if kind.kind in served:
                return served[kind.kind]
        raise errors.NoKindError(f'no matches for kind "{kind.kind}" in version "{kind.api_version}"')

    def serves(self, kind: objects.Kind) -> bool:
        """Whether the server serves ``kind``."""
        try:
            self.resource(kind)
        except (errors.NoKindError, errors.ApiError, errors.UnreachableError):
            return False
        return True

    def forget(self) -> None:
        """Ask again for the kinds the server serves: a CustomResourceDefinition has changed."""
        with self._lock:
            self._known.clear()

    def get(self, kind: objects.Kind, namespace: str, name: str) -> objects.Object:
        """One live object."""
        return self._json("GET", self._path(kind, namespace, name))

    def listing(self, kind: objects.Kind, namespace: str) -> objects.Object:
        """The list object of a kind in a namespace."""
        return self._json("GET", self._path(kind, namespace))

    def create(self, obj: objects.Object, *, manager: str, dry_run: bool) -> objects.Object:
        """Create ``obj``; refused as ``AlreadyExists`` when there is one of that name."""
        path = self._path(objects.kind_of(obj), objects.namespace(obj))
        return self._json("POST", path, obj, fieldManager=manager, **_dry(dry_run))

    def replace(self, obj: objects.Object, *, manager: str, dry_run: bool) -> objects.Object:
        """Put ``obj`` in the place of the object with its name and resource version."""
        path = self._path(objects.kind_of(obj), objects.namespace(obj), objects.name(obj))
        return self._json("PUT", path, obj, fieldManager=manager, **_dry(dry_run))

    def apply(
        self, obj: objects.Object, *, name: str = "", manager: str, force: bool = False, dry_run: bool = False
    ) -> objects.Object:
        """Server-side apply; refused as ``Conflict`` when another manager owns a differing field and not ``force``."""
        path = self._path(objects.kind_of(obj), objects.namespace(obj), name or objects.name(obj))
        options = {"fieldManager": manager, "force": str(force).lower(), **_dry(dry_run)}
        return self._json("PATCH", path, obj, content_type="application/apply-patch+yaml", **options)

    def patch(self, obj: objects.Object, operations: list[dict[str, Any]]) -> objects.Object:
        """JSON patch of the live object ``obj``."""
        path = self._path(objects.kind_of(obj), objects.namespace(obj), objects.name(obj))
        return self._json("PATCH", path, operations, content_type="application/json-patch+json")

    def delete(self, kind: objects.Kind, namespace: str, name: str, *, propagation: str) -> None:
        """Ask for the object's deletion; returns before it is gone."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        self._json("DELETE", self._path(kind, namespace, name), body)

    def watch(self, kind: objects.Kind, namespace: str, version: str, seconds: int) -> Iterator[objects.Object]:
        """Events (``type``, ``object``) after resource version ``version``, for at most ``seconds``."""
        query = {"watch": "true", "resourceVersion": version, "timeoutSeconds": str(seconds)}
        response = self._send("GET", self._path(kind, namespace), None, "", query, (_TIMEOUT, seconds + 5.0))
        try:
            pending = b""
            for chunk in response.stream(amt=None, decode_content=True):
                *lines, pending = (pending + chunk).split(b"\n")
                yield from (json.loads(line) for line in lines if line.strip())
        finally:
            response.release_conn()

    def _served(self, api_version: str, forget: bool) -> dict[str, Resource]:
        with self._lock:
            if not forget and api_version in self._known:
                return self._known[api_version]
        try:
            answer = self._json("GET", f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}")
        except errors.ApiError as error:
            if error.code != 404:
                raise
            answer = {}
        served = {
            entry["kind"]: Resource(entry["name"], entry["namespaced"])
            for entry in answer.get("resources") or ()
            if "/" not in entry["name"]
        }
        with self._lock:
            self._known[api_version] = served
        return served

    def _path(self, kind: objects.Kind, namespace: str, name: str = "") -> str:
        found = self.resource(kind)
        parts = ["apis" if kind.group else "api", *kind.api_version.split("/")]
        if found.namespaced:
            parts += ["namespaces", namespace or "default"]
        parts += [found.plural, *([name] if name else [])]
        return "/" + "/".join(urllib.parse.quote(part, safe="") for part in parts)

    def _json(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json", **query: str
    ) -> objects.Object:
        response = self._send(method, path, body, content_type, query, (_TIMEOUT, _TIMEOUT * 2))
        data: objects.Object = json.loads(response.data)
        return data

    def _send(
        self, method: str, path: str, body: Any, content_type: str, query: dict[str, str], timeout: tuple[float, float]
    ) -> Any:
        from urllib3 import exceptions

        headers = {"Accept": "application/json", **({"Content-Type": content_type} if body is not None else {})}
        if body is not None and content_type == "application/apply-patch+yaml":
            body = json.dumps(body)
        request = self._client.param_serialize(
            method,
            path,
            query_params=list(query.items()),
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
        )
        try:
            response = self._client.call_api(*request, _request_timeout=timeout).response
            if not 200 <= response.status <= 299:
                raise _refusal(response.status, response.data)
        except (exceptions.HTTPError, self._client_error) as error:
            raise errors.UnreachableError(f'{method.capitalize()} "{self.host}{path}": {_cause(error)}') from None
        return response


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _refusal(code: int, data: bytes) -> errors.ApiError:
    try:
        status = json.loads(data)
    except ValueError:
        status = {}
    message = status.get("message") or data.decode(errors="replace").strip() or f"the server answered {code}"
    return errors.ApiError(code, status.get("reason") or "", message, status.get("details"))


def _cause(error: Exception) -> str:
    text = str(getattr(error, "reason", None) or error)
    return "connect: connection refused" if "Connection refused" in text else text.rpartition(">: ")[2] or text
