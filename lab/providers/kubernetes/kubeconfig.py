"""Where the cluster is: a kubeconfig given as a path or as text, or else the one kubectl would take."""

import os
import pathlib
from typing import Any

import yaml

Kubeconfig = dict[str, Any]

_INSTALLATION = "https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/"


class KubeconfigError(Exception):
    """A kubeconfig that cannot be used; the text is the reason the cluster counts as unreachable."""


def load(path_or_content: str, context: str, cluster: str) -> Kubeconfig:
    """The kubeconfig with ``context`` and ``cluster`` made current; empty strings leave the file's own choice.

    Without ``path_or_content`` the files named by ``KUBECONFIG`` are merged, else ``~/.kube/config`` is read.
    Raises ``KubeconfigError`` when there is none or it is malformed.
    """
    config = _parse(path_or_content) if path_or_content else _ambient()
    if context:
        config["current-context"] = context
    current = active_context(config)
    if current is None:
        name = config.get("current-context")
        what = f'context "{name}" does not exist' if name else "no configuration has been provided"
        raise KubeconfigError(_unusable(f"invalid configuration: {what}"))
    if cluster:
        current["cluster"] = cluster
    if _named(config, "clusters", current.get("cluster")) is None:
        raise KubeconfigError(_unusable(f'invalid configuration: cluster "{current.get("cluster")}" does not exist'))
    return config


def active_context(config: Kubeconfig) -> dict[str, Any] | None:
    """The current context's entry, or ``None``."""
    return _named(config, "contexts", config.get("current-context"))


def active_cluster(config: Kubeconfig, context: str = "", cluster: str = "") -> dict[str, Any] | None:
    """The cluster entry that ``context`` and ``cluster`` (empty: the file's own choice) lead to, or ``None``."""
    current = _named(config, "contexts", context or config.get("current-context"))
    return _named(config, "clusters", cluster or (current or {}).get("cluster")) if current else None


def parse_quietly(path_or_content: str) -> Kubeconfig:
    """The kubeconfig, or an empty one when there is none or it cannot be read."""
    try:
        return _parse(path_or_content) if path_or_content else {}
    except KubeconfigError:
        return {}


def _named(config: Kubeconfig, section: str, name: object) -> dict[str, Any] | None:
    for entry in config.get(section) or ():
        if isinstance(entry, dict) and entry.get("name") == name:
            found = entry.get(section.removesuffix("s"))
            return found if isinstance(found, dict) else None
    return None


def _unusable(reason: str) -> str:
    return (
        "unable to load Kubernetes client configuration from kubeconfig file. Make sure you have: \n\n"
        f" \t • set up the provider as per {_INSTALLATION} \n\n {reason}"
    )


def _parse(path_or_content: str) -> Kubeconfig:
    path = pathlib.Path(path_or_content).expanduser()
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False  # Content, too long or too strange for a path.
    try:
        text = path.read_text() if is_file else path_or_content
        config = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise KubeconfigError(_malformed(str(error))) from None
    if not isinstance(config, dict):
        raise KubeconfigError(_malformed("it is neither the path of a readable file nor a kubeconfig itself"))
    return config


def _malformed(reason: str) -> str:
    return f"failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- {reason}"


def _ambient() -> Kubeconfig:
    places = [place for place in os.environ.get("KUBECONFIG", "").split(os.pathsep) if place]
    files = [pathlib.Path(place) for place in places or (str(pathlib.Path.home() / ".kube" / "config"),)]
    merged: Kubeconfig = {}
    for path in files:
        if not path.is_file():
            continue
        config = _absolute(_parse(str(path)), path.parent)
        for section in ("clusters", "contexts", "users"):
            merged.setdefault(section, []).extend(config.get(section) or ())
        merged.setdefault("current-context", config.get("current-context"))
    return merged


def _absolute(config: Kubeconfig, folder: pathlib.Path) -> Kubeconfig:
    # Only for kubectl's own files: a kubeconfig handed to the provider is read without knowing where it came from.
    for section, keys in (
        ("clusters", ("certificate-authority",)),
        ("users", ("client-certificate", "client-key", "tokenFile")),
    ):
        for entry in config.get(section) or ():
            settings = entry.get(section.removesuffix("s")) or {}
            for key in keys:
                if settings.get(key):
                    settings[key] = str(folder / settings[key])
    return config
