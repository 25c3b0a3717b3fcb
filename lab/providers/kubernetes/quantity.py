"""Kubernetes quantities (``500m``, ``1Gi``) in the canonical form the API server writes."""

import decimal
import re

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_CONTEXT = decimal.Context(prec=60)


def canonical(text: str) -> str:
    """``text`` with the largest suffix that leaves no fraction; ``ValueError`` when it is no quantity."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a quantity: digits with a suffix such as m, k, M, Mi or Gi are expected")
    number, suffix = decimal.Decimal(match[1]), match[2]
    if suffix in _BINARY:
        amount = number * 1024 ** _BINARY[suffix]
        if amount == 0 or abs(amount) >= 1024:
            return _binary(amount)
        return _decimal(amount)
    if suffix in _DECIMAL:
        return _decimal(_CONTEXT.scaleb(number, _DECIMAL[suffix]))
    return _exponent(_CONTEXT.scaleb(number, int(suffix[1:])))


def _whole(amount: decimal.Decimal) -> int:
    return int(amount.to_integral_value(decimal.ROUND_UP))


def _binary(amount: decimal.Decimal) -> str:
    value, power = _whole(amount), 0
    while value and value % 1024 == 0 and power < len(_BINARY):
        value, power = value // 1024, power + 1
    return f"{value}{('', *_BINARY)[power]}"


def _decimal(amount: decimal.Decimal) -> str:
    value = _whole(_CONTEXT.scaleb(amount, 9))
    if value == 0:
        return "0"
    suffixes = list(_DECIMAL)
    power = 0
    while value % 1000 == 0 and power < len(suffixes) - 1:
        value, power = value // 1000, power + 1
    return f"{value}{suffixes[power]}"


def _exponent(amount: decimal.Decimal) -> str:
    value = _whole(_CONTEXT.scaleb(amount, 9))
    power = -9
    while value and value % 1000 == 0:
        value, power = value // 1000, power + 3
    return f"{value}e{power}" if value and power else str(value)
