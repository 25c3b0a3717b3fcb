"""What a request for a certificate asks to have signed, read before anything is: PKCS#10, as far as it bears names."""

import base64
import dataclasses
import ipaddress
import re
from collections.abc import Collection, Iterator

_PEM = re.compile(r"\s*-----BEGIN CERTIFICATE REQUEST-----([^-]*)-----END CERTIFICATE REQUEST-----\s*")
"""One and no other text: of several, whoever signs might read another than is read here."""
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_SEQUENCE, _ATTRIBUTES = 0x30, 0xA0
_DNS, _ADDRESS = 0x82, 0x87
_COMMON_NAME = bytes.fromhex("550403")
_EXTENSIONS = bytes.fromhex("2a864886f70d01090e")
_OTHER_NAMES = bytes.fromhex("551d11")
_REMEDY = "ask its operator for a new link: pulumi stack output link --json"


class Refused(ValueError):
    """The request is not one to sign; the message says why, and the remedy."""


@dataclasses.dataclass(frozen=True)
class Names:
    """Everything that a certificate made from a request would call its holder."""

    common: tuple[str, ...]
    others: tuple[str, ...]
    """Host names and addresses; a name of any other kind stands here as ``kind N``."""


def read(request: str) -> Names:
    """The names in ``request``, a PEM text. ``Refused`` when it is no request."""
    try:
        (outer,) = _parts(_bytes(_PEM.fullmatch(request)))
        asked = [*_parts(_body(next(_parts(_body(outer, _SEQUENCE))), _SEQUENCE))]
        common = tuple(
            value.decode() for name in _parts(_body(asked[1], _SEQUENCE)) for value in _values(name[1], _COMMON_NAME)
        )
        attributes = [body for tag, body in asked[3:] if tag == _ATTRIBUTES]
        others = tuple(name for body in attributes for name in _alternatives(body))
    except (ValueError, IndexError, StopIteration):
        raise Refused(f"is no request for a certificate; {_REMEDY}") from None
    return Names(common, others)


def check(request: str, *, site: str, names: Collection[str]) -> None:
    """Make sure that ``request`` asks for nothing but the names of ``site``: else one site could pass for another.

    ``names``: host names and addresses by which others dial the site. Raises ``Refused``.
    """
    asked = read(request)
    if asked.common != (site,):
        called = ", ".join(asked.common) or "nobody"
        raise Refused(f"asks for a certificate of {called}, and {site} alone is its own name; {_REMEDY}")
    own = {_plain(each) for each in (site, *names)}
    foreign = sorted({_plain(each) for each in asked.others} - own)
    if foreign:
        raise Refused(f"asks for a certificate of {', '.join(foreign)}, which is not {site}'s to have; {_REMEDY}")


def has_key_of(certificate: str, request: str) -> bool:
    """Whether ``certificate``, a PEM text, is for the key that ``request`` was made with."""
    try:
        (outer,) = _parts(_bytes(_PEM.fullmatch(request)))
        asked = [*_parts(_body(next(_parts(_body(outer, _SEQUENCE))), _SEQUENCE))]
        return _body(asked[2], _SEQUENCE) in _bytes(_CERTIFICATE.search(certificate))
    except (ValueError, IndexError, StopIteration):
        return False


def _bytes(found: re.Match[str] | None) -> bytes:
    return base64.b64decode("".join(found[1].split()), validate=True) if found else b""


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each value in ``data``; ``ValueError`` where it does not end as it says."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if tag & 0x1F == 0x1F or length == 0x80:
            raise ValueError("no request has such a value")
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size]), at + size
        if at + length > len(data):
            raise ValueError("it ends too early")
        yield tag, data[at : at + length]
        at += length


def _body(part: tuple[int, bytes], tag: int) -> bytes:
    if part[0] != tag:
        raise ValueError("it is another kind of value")
    return part[1]


def _values(data: bytes, identifier: bytes) -> Iterator[bytes]:
    """What follows ``identifier`` in each pair in ``data``."""
    for _, pair in _parts(data):
        key, *rest = _parts(pair)
        if key[1] == identifier:
            yield rest[-1][1]


def _alternatives(attributes: bytes) -> Iterator[str]:
    for extensions in _values(attributes, _EXTENSIONS):
        for _, listed in _parts(extensions):
            for names in _values(listed, _OTHER_NAMES):
                for _, each in _parts(names):
                    yield from (_name(tag, body) for tag, body in _parts(each))


def _name(tag: int, body: bytes) -> str:
    if tag == _DNS:
        return body.decode("ascii")
    return str(ipaddress.ip_address(body)) if tag == _ADDRESS else f"kind {tag & 0x1F}"


def _plain(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower().rstrip(".")
