"""YAML files instead of a cluster (``renderYamlToDirectory``)."""

import pathlib
import re

import yaml

from . import errors, objects

_DEFINITIONS = "0-crd"
_MANIFESTS = "1-manifest"


_WIDTH = 1 << 20
"""Long strings stay on one line."""
_NUMBER = re.compile(r"[-+]?[\d._]+([eE][-+]?\d+)?|0[xob][\da-fA-F]+|[yYnN]")
"""Strings that other YAML readers take for something else unless they are quoted."""


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such, and quotes what only looks like a number."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else '"' if _NUMBER.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def path(obj: objects.Object, folder: str) -> pathlib.Path:
    """The file of an object: CustomResourceDefinitions come first, so they have a folder of their own."""
    kind = objects.kind_of(obj)
    version = str(obj.get("apiVersion", "")).replace("/", "_").replace(":", "_")
    name = f"{version}-{kind.kind.lower()}-{objects.namespace(obj) or 'default'}-{objects.name(obj)}.yaml"
    definition = kind.kind == "CustomResourceDefinition" and kind.group == "apiextensions.k8s.io"
    return pathlib.Path(folder) / (_DEFINITIONS if definition else _MANIFESTS) / name


def write(obj: objects.Object, folder: str) -> None:
    """Write the object's file, readable by its owner only."""
    file = path(obj, folder)
    try:
        for name in (_DEFINITIONS, _MANIFESTS):
            (pathlib.Path(folder) / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(yaml.dump(obj, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=_WIDTH))
    except OSError as error:
        raise errors.RefusedError(f'failed to write YAML file: "{file}": {error.strerror}') from None


def remove(obj: objects.Object, folder: str) -> pathlib.Path:
    """Remove the object's file; one that is gone already is fine. Returns its path."""
    file = path(obj, folder)
    try:
        file.unlink()
    except OSError:
        return file  # The official plugin goes on as well, whatever the reason.
    return file
