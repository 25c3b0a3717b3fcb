"""Amounts of CPU, memory and disk, written as Kubernetes writes them."""

import decimal
import math
import re
from typing import Annotated, Final

import pydantic

from . import base

_UNITS: Final = {
    "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip
_BYTES = re.compile(rf"([0-9]{{1,15}}(?:\.[0-9]{{1,9}})?)({'|'.join(sorted(_UNITS, key=len, reverse=True))})")
_CORES = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)|([0-9]{1,9})m")


def cores(value: object) -> float:
    """Cores in a CPU quantity: ``500m``, ``0.5``, ``2``. Raises pydantic's error when it is none, or not above 0."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    found = _CORES.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise base.wrong("expects an amount of CPU: cores such as 2 or 0.5, or thousandths of one such as 500m")
    amount = float(found[1]) if found[1] else int(found[2]) / 1000
    if amount <= 0:
        raise base.wrong("expects more than no CPU; the least is 1m")
    return amount


def _bytes(value: object, example: str) -> int:
    found = _BYTES.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise base.wrong(f"expects an amount with its unit (Ki, Mi, Gi, Ti, k, M, G, T), such as {example}")
    return int(decimal.Decimal(found[1]) * _UNITS[found[2]])


def mebibytes(value: object) -> int:
    """MiB, rounded up, in a memory quantity: ``512Mi``, ``2Gi``, ``1.5G``.

    Raises pydantic's error for anything else. A number without a unit would be bytes to Kubernetes and megabytes to
    most people, so it is refused.
    """
    amount = _bytes(value, "2Gi")
    if amount < 2**20:
        raise base.wrong("expects at least 1Mi of memory")
    return math.ceil(amount / 2**20)


def amount(value: object) -> int:
    """Bytes in a quantity with a unit: ``128Mi``, ``10Gi``. Raises pydantic's error for anything else."""
    found = _bytes(value, "128Mi")
    if not 0 < found < 2**53:
        raise base.wrong("expects more than nothing, and less than 8192Ti")
    return found


def gibibytes(value: object) -> int:
    """GiB in a quantity that is a whole number of them: ``10Gi``. Raises pydantic's error for anything else."""
    found, rest = divmod(_bytes(value, "10Gi"), 2**30)
    if rest or found < 1:
        raise base.wrong("expects a whole number of Gi, such as 10Gi")
    return found


def written(value: int) -> str:
    """``value`` bytes as a quantity that ``amount()`` reads."""
    unit, size = next((unit, size) for unit, size in reversed(_UNITS.items()) if value % size == 0 or unit == "k")
    return f"{decimal.Decimal(value) / size:f}{unit}"


def _disk(value: object) -> str:
    if _bytes(value, "10Gi") < 2**20:
        raise base.wrong("expects at least 1Mi of disk")
    return str(value)


Cores = Annotated[float, pydantic.BeforeValidator(cores), base.Kind("amount of CPU")]
"""CPU cores, read from a Kubernetes quantity (``500m``, ``2``)."""

Memory = Annotated[int, pydantic.BeforeValidator(mebibytes), base.Kind("amount of memory")]
"""MiB, read from a Kubernetes quantity (``512Mi``, ``2Gi``)."""

Disk = Annotated[str, pydantic.BeforeValidator(_disk), base.Kind("amount of disk")]
"""Disk space as the Kubernetes quantity it was written in (``10Gi``)."""

Gibibytes = Annotated[int, pydantic.BeforeValidator(gibibytes), base.Kind("amount of data")]
"""GiB, read from a Kubernetes quantity (``10Gi``)."""

Bytes = Annotated[int, pydantic.BeforeValidator(amount), base.Kind("amount of data")]
"""Bytes, read from a Kubernetes quantity (``128Mi``, ``10Gi``)."""
