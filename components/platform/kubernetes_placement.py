"""Which nodes may run a pod: a user's own words, as typed arguments.

A misspelt field in a plain mapping vanishes on its way to the cluster without a word, and the pod runs anywhere.
"""

import functools
import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from . import workload


def arguments(placement: workload.Placement) -> dict[str, Any]:
    """The arguments of a pod spec for ``placement``; ``pulumi.RunError`` for a field that Kubernetes does not know."""
    chosen: dict[str, Any] = {}
    if placement.node_selector:
        chosen["node_selector"] = dict(placement.node_selector)
    if placement.tolerations:
        chosen["tolerations"] = [
            _typed(k8s.core.v1.TolerationArgs, each, f"tolerations[{index}]")
            for index, each in enumerate(placement.tolerations)
        ]
    if placement.affinity:
        chosen["affinity"] = _typed(k8s.core.v1.AffinityArgs, placement.affinity, "affinity")
    return chosen


def _typed(kind: type, given: Any, where: str) -> Any:
    """``given``, whose fields are written as in a manifest, as an instance of ``kind``."""
    if not isinstance(given, Mapping):
        raise pulumi.RunError(f"placement: {where} is no mapping")
    fields = _fields(kind)
    told = {}
    for name, value in given.items():
        field = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
        if "_" in name or field not in fields:
            known = ", ".join(_camel(each) for each in sorted(fields))
            raise pulumi.RunError(f"placement: {where} has no field {name}; it may have {known}")
        told[field] = _value(fields[field], value, f"{where}.{name}")
    try:
        return kind(**told)
    except TypeError as error:
        missing = _camel(str(error).rpartition(": ")[2])
        raise pulumi.RunError(f"placement: {where} needs {missing}") from None


def _camel(field: str) -> str:
    return re.sub(r"_(.)", lambda letter: letter[1].upper(), field)


def _value(kind: type | None, value: Any, where: str) -> Any:
    if kind is None:
        return value
    if isinstance(value, list | tuple):
        return [_typed(kind, each, f"{where}[{index}]") for index, each in enumerate(value)]
    return _typed(kind, value, where)


@functools.cache
def _fields(kind: type) -> dict[str, type | None]:
    """Each field of ``kind`` by its Python name, with the typed arguments that it holds, if any."""
    # Pulumi's own alias for inputs names these two without importing them.
    hints = typing.get_type_hints(vars(kind)["__init__"], localns={"Output": pulumi.Output, "T": typing.Any})
    hints.pop("return", None)
    return {name: next(_arguments(hint), None) for name, hint in hints.items()}


def _arguments(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and hint.__name__.endswith("Args"):
        yield hint
    for each in typing.get_args(hint):
        yield from _arguments(each)
