"""The few requests the lab itself makes of its API server, with the administrator's certificate."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from .. import errors
from . import addresses, certificates

TIMEOUT = 10
FIELD_MANAGER = "lab"


def _opener() -> urllib.request.OpenerDirector:
    context = ssl.create_default_context(cafile=str(certificates.certificate(certificates.CLUSTER_CA)))
    context.load_cert_chain(certificates.certificate("admin"), certificates.key("admin"))
    # An empty proxy table: a proxy of the user's would be asked for the machine's own addresses.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))


def answers(url: str) -> bool:
    """Whether a health endpoint says yes."""
    try:
        with _opener().open(url, timeout=TIMEOUT) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def get(path: str) -> dict[str, Any] | None:
    """The object at an API path, ``None`` when there is none. Raises :class:`lab.errors.LabError` on other refusals."""
    return _ask("GET", path)


def delete(path: str) -> None:
    """Delete the object at an API path; one that is not there is fine."""
    _ask("DELETE", path)


def apply(path: str, content: Mapping[str, object]) -> None:
    """Make the object at an API path have this content (server-side apply).

    Raises :class:`lab.errors.LabError` with the server's reason when it refuses.
    """
    query = urllib.parse.urlencode({"fieldManager": FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"})
    _ask("PATCH", f"{path}?{query}", json.dumps(content).encode())


def lines(path: str, timeout: float) -> Iterator[bytes]:
    """The lines of an answer as they come (a watch). Raises :class:`lab.errors.LabError` when the connection breaks."""
    try:
        with _opener().open(f"{addresses.api_url()}{path}", timeout=timeout) as answer:
            yield from answer
    except OSError as error:
        raise errors.LabError(f"GET {path}: {error}") from error


def _ask(method: str, path: str, body: bytes | None = None) -> dict[str, Any] | None:
    request = urllib.request.Request(f"{addresses.api_url()}{path}", data=body, method=method)
    if body is not None:
        request.add_header("Content-Type", "application/apply-patch+yaml")
    try:
        with _opener().open(request, timeout=TIMEOUT) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 404 and method != "PATCH":
                return None
            raise errors.LabError(f"{method} {path}: the API server refuses: {_reason(error)}") from error
    except OSError as error:
        raise errors.LabError(f"{method} {path}: the API server does not answer: {error}") from error


def _reason(error: urllib.error.HTTPError) -> str:
    text = error.read().decode(errors="replace")
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:200] or error.reason
