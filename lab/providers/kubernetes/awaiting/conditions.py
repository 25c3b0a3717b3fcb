"""Conditions of the user's own: the ``pulumi.com/waitFor`` annotation."""

import json
import re
from collections.abc import Callable
from typing import Any

from .. import engine, errors, objects
from . import base

Condition = Callable[[objects.Object], bool]
_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]|\[\?\(@\.([\w.-]+)\s*==\s*[\"']([^\"']*)[\"']\)\]")


def parse(text: str) -> list[Condition]:
    """The conditions of the annotation: one ``jsonpath=`` or ``condition=`` expression, or a JSON list of them."""
    try:
        wanted = json.loads(text)
    except ValueError:
        wanted = None
    expressions = wanted if isinstance(wanted, list) else [text]
    if not expressions:
        raise errors.RefusedError("at least one condition must be specified")
    return [_condition(str(expression)) for expression in expressions]


class ConditionAwaiter(base.Awaiter):
    """Any object, with conditions of the user's own."""

    def __init__(self, wait: base.Wait, wanted: list[Condition]) -> None:
        super().__init__(wait)
        self._wanted = wanted

    def ready(self, view: base.View) -> bool:
        """All conditions hold for the newest generation."""
        found = self.current(view)
        if found is None:
            return False
        observed = objects.pluck(found, "status", "observedGeneration")
        if observed is not None and observed < (objects.pluck(found, "metadata", "generation") or 0):
            return False
        if all(condition(found) for condition in self._wanted):
            return True
        self.wait.voice.status(engine.Severity.INFO, f"Waiting for {objects.annotation(found, objects.WAIT_FOR)}")
        return False

    def reasons(self, view: base.View) -> list[str]:
        """None: the annotation itself says what is missing."""
        return []


def _condition(expression: str) -> Condition:
    if expression.startswith("condition="):
        kind, _, status = expression.removeprefix("condition=").partition("=")
        return lambda obj: any(
            entry.get("type") == kind and entry.get("status") == (status or "True")
            for entry in objects.pluck(obj, "status", "conditions") or ()
        )
    match = re.fullmatch(r"jsonpath=\{\s*(.*?)\s*\}(?:=(.+))?", expression)
    if not match:
        raise errors.RefusedError(
            f'expected a "jsonpath=" or "condition=" prefix and a path in braces, got "{expression}"'
        )
    path, wanted = match[1].removeprefix("$"), match[2]
    if _STEP.sub("", path):
        raise errors.RefusedError(f'parsing "{{{path}}}": only fields, indices and [?(@.a=="b")] are understood')
    return lambda obj: _matches(obj, path, wanted)


def _matches(obj: Any, path: str, wanted: str | None) -> bool:
    found: list[Any] = [obj]
    for field, index, quoted, key, value in _STEP.findall(path):
        if index:
            found = [item[int(index)] for item in found if isinstance(item, list) and int(index) < len(item)]
        elif key:
            items = [entry for item in found if isinstance(item, list) for entry in item]
            found = [entry for entry in items if str(objects.pluck(entry, *key.split("."))) == value]
        else:
            name = field or quoted
            found = [item[name] for item in found if isinstance(item, dict) and name in item]
    return bool(found) and (wanted is None or _text(found[0]) == wanted)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
