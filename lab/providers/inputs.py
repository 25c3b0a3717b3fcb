"""The check of a bridged plugin: names and types of inputs, Terraform's defaults, generated names."""

import hashlib
import re
from collections.abc import Iterator

from .plugin import Checked, Failure, Request
from .schema import Field, Fields, normal
from .values import UNKNOWN, Properties, Value, mark, reveal

DEFAULTS = "__defaults"
"""Names of the inputs that the program did not write; the bridge records them so."""
SUFFIX_DIGITS = 7
_SHAPES = {"list": list, "set": list, "map": dict, "block": dict}


def check(request: Request, fields: Fields, *, autoname: bool) -> Checked:
    """Inputs with defaults; `autoname`: a missing `name` is made from the resource's name and random digits.

    A name once made is kept while the program stays silent about it. Defaults that say nothing (false, 0, "") are
    left to the plan, as the bridge does.
    """
    given = {key: value for key, value in request.inputs.items() if value is not None}
    made: Properties = {}
    if autoname and "name" not in given:
        made["name"] = f"{request.name}-{_digits(request)}"
    for key, field in fields.items():
        if field.default and key not in given:
            made[key] = field.default
    made |= {key: old for key, old in _old_defaults(request).items() if key in made}
    failures = list(_problems(request.name, fields, reveal({**made, **given})))
    return Checked({**given, **made, DEFAULTS: sorted(made)}, tuple(failures))


def named_by_program(inputs: Properties) -> bool:
    """Whether the program itself chose the name in checked `inputs`."""
    return "name" in inputs and "name" not in inputs.get(DEFAULTS, [])


def refreshed(fields: Fields, inputs: Properties, outputs: Properties) -> Properties:
    """The recorded inputs, each with the value that a read just found; what differs is no default any more."""
    found: Properties = {}
    unchanged = []
    for key, value in inputs.items():
        if key == DEFAULTS or key not in fields or key not in outputs:
            continue
        found[key] = _found(fields[key], value, outputs[key])
        if found[key] is value and key in inputs.get(DEFAULTS, []):
            unchanged.append(key)
    return {**found, DEFAULTS: unchanged} if unchanged else found


def _found(field: Field, old: Value, new: Value) -> Value:
    """`old` itself while the read says the same; of an object only the keys that the program wrote."""
    plain, read = reveal(old), reveal(new)
    if plain == UNKNOWN or normal(field, plain) == normal(field, read):
        return old
    if field.kind == "list" and field.of is not None:
        pairs = zip(plain, read, strict=False)
        return mark([{key: value for key, value in after.items() if key in before} for before, after in pairs], old)
    if field.kind == "block":
        return mark({key: read.get(key) for key in plain if key in (read or {})}, old)
    return mark(read, old)


def _old_defaults(request: Request) -> Properties:
    """Defaults of the last check, kept as they are: an old state goes on with the defaults it was made with."""
    old = request.old_inputs
    return {key: old[key] for key in old.get(DEFAULTS, old) if key in old and key != DEFAULTS}


def _digits(request: Request) -> str:
    return hashlib.sha256(request.seed + request.urn.encode()).hexdigest()[:SUFFIX_DIGITS]


def _problems(path: str, fields: Fields, given: Properties) -> Iterator[Failure]:
    for key, field in fields.items():
        if field.required and given.get(key) is None:
            yield Failure(
                "",
                f'Missing required argument. The argument "{_snake(key)}" is required, but no definition was found.. '
                f"Examine values at '{path}.{key}'.",
            )
    for key, value in given.items():
        place = f"{path}.{key}"
        if value is None or key == DEFAULTS:
            continue
        if key not in fields or fields[key].output:
            reason = "Invalid or unknown key" if key not in fields else "Value for unconfigurable attribute"
            yield Failure("", f"{reason}. Examine values at '{place}'.")
        else:
            yield from _value_problems(place, fields[key], value)


def _value_problems(path: str, field: Field, value: Value) -> Iterator[Failure]:
    if value == UNKNOWN:
        return
    wanted = _SHAPES.get(field.kind)
    if wanted is not None and not isinstance(value, wanted):
        yield Failure("", f"expected {wanted.__name__}, got {type(value).__name__}. Examine values at '{path}'.")
    elif wanted is None and isinstance(value, list | dict):
        yield Failure("", f"expected {field.kind}, got {type(value).__name__}. Examine values at '{path}'.")
    elif field.kind == "int" and not re.fullmatch(r"-?\d+(\.0+)?", str(value)):
        yield Failure("", f"expected type 'int', got {value!r}. Examine values at '{path}'.")
    elif field.of is not None:
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            place = f"{path}[{index}]" if isinstance(value, list) else path
            if isinstance(item, dict):
                yield from _problems(place, field.of, item)
    elif field.check and (problem := field.check(value)):
        yield Failure("", f"{problem}. Examine values at '{path}'.")


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)
