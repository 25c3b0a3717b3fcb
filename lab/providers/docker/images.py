"""Images: found in the engine, or pulled when they are not there."""

from typing import Any

import docker.errors

from ..plugin import PartialError, PluginError, Request, State
from ..values import Properties, reveal
from . import engine


def find(client: Any, name: str, platform: str = "") -> dict[str, Any]:
    """The image called `name`, pulled when the engine does not have it; `PluginError` when it cannot be had."""
    if not name:
        raise PluginError("empty image name is not allowed")
    image = local(client, name)
    if image is not None:
        return image
    try:
        _pull(client, name, platform)
    except docker.errors.APIError as error:
        raise PluginError(f"unable to pull image {name}: error pulling image {name}: {engine.reason(error)}") from None
    image = local(client, name)
    if image is None:
        raise PluginError(f"unable to find or pull image {name}")
    return image


def local(client: Any, name: str) -> dict[str, Any] | None:
    """The image called `name` if the engine has it."""
    try:
        return dict(client.inspect_image(name))
    except docker.errors.NotFound:
        return None
    except docker.errors.APIError as error:
        raise PluginError(f"unable to inspect image {name}: {engine.reason(error)}") from None


class Images:
    """`docker.RemoteImage`. Its id is the image's id followed by its name."""

    def __init__(self, connection: engine.Engine) -> None:
        self._engine = connection

    def create(self, inputs: Properties, request: Request) -> State:
        client = self._engine.client()
        try:
            image = find(client, inputs["name"], inputs.get("platform") or "")
        except PluginError as error:
            raise PluginError(f"Unable to read Docker image into resource: {error}") from None
        return _state(inputs["name"], image)

    def read(self, identity: str, state: Properties) -> State | None:
        name = state.get("name")
        image = local(self._engine.client(), str(name))
        return None if image is None else _state(str(name), image)

    def update(self, identity: str, old: Properties, new: Properties, request: Request) -> State:
        try:
            return self.create(new, request)
        except PluginError as error:
            raise PartialError(State(identity, new), str(error)) from None

    def delete(self, identity: str, state: Properties, request: Request) -> None:
        if state.get("keepLocally"):
            return
        client = self._engine.client()
        name = str(reveal(state.get("name")))
        if local(client, name) is None:
            return
        try:
            client.remove_image(name, force=bool(state.get("forceRemove")))
        except docker.errors.APIError as error:
            raise PluginError(f"Unable to remove Docker image: {engine.reason(error)}") from None


def _state(name: str, image: dict[str, Any]) -> State:
    return State(image["Id"] + name, {"name": name, "imageId": image["Id"], "repoDigest": _digest(name, image)})


def _digest(name: str, image: dict[str, Any]) -> str:
    digests = [str(digest) for digest in image.get("RepoDigests") or []]
    repository = name.split(":", 1)[0]
    return next((digest for digest in digests if digest.startswith(repository)), digests[0] if digests else "")


def _pull(client: Any, name: str, platform: str) -> None:
    """Pull and wait; what goes wrong halfway shows afterwards, by the image's absence, as in the official plugin."""
    repository, _, tag = name.partition("@") if "@" in name else _split_tag(name)
    for _ in client.pull(repository, tag=tag or "latest", stream=True, decode=True, platform=platform or None):
        pass


def _split_tag(name: str) -> tuple[str, str, str]:
    head, separator, tag = name.rpartition(":")
    return (name, "", "") if not separator or "/" in tag else (head, separator, tag)
