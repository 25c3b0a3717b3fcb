"""Which host or cluster a site runs on, as far as this machine's own files say."""

import hashlib
import os
import pathlib
import socket
import urllib.parse
from typing import Any

import yaml

from . import settings


def place(config: settings.StackSettings) -> str | None:
    """A digest that is the same for sites of one Docker host or one cluster; ``None``: it cannot be said.

    A digest, because a link goes to others, and the address of an engine or API server is none of their business.
    """
    where = _cluster(config.kubernetes) if config.platform is settings.Platform.KUBERNETES else _host(config.docker)
    return hashlib.sha256(where.encode()).hexdigest()[:32] if where else None


def _host(given: settings.Docker) -> str:
    engine = urllib.parse.urlsplit(given.host or os.environ.get("DOCKER_HOST", ""))
    return f"docker {engine.hostname if engine.scheme in {'ssh', 'tcp'} and engine.hostname else socket.gethostname()}"


def _cluster(given: settings.Kubernetes) -> str | None:
    if given.render_to:
        return None
    ambient = os.environ.get("KUBECONFIG", "").partition(os.pathsep)[0] or "~/.kube/config"
    try:
        text = pathlib.Path(given.kubeconfig or ambient).expanduser().read_text(encoding="utf-8")
        loaded: Any = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        context = _named(loaded["contexts"], given.context or loaded["current-context"])["context"]
        return f"kubernetes {_named(loaded['clusters'], context['cluster'])['cluster']['server']}"
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, StopIteration):
        # Whoever connects says better what is wrong with it.
        return None


def _named(entries: Any, name: str) -> Any:
    return next(each for each in entries if each["name"] == name)
