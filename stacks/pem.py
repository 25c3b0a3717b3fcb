"""Certificates in PEM form, as settings and links bring them."""

import pathlib
import re

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def certificates(value: str) -> str:
    """``value``, certificates and nothing else: it goes into files of servers. ``ValueError`` when it is not."""
    import ssl  # Only sites with certificates need it.

    blocks = _BLOCK.findall(value)
    if not blocks or _BLOCK.sub("", value).strip():
        raise ValueError("is no certificate in PEM form")
    for block in blocks:
        ssl.PEM_cert_to_DER_cert(block)
    return value


def load(given: str) -> str:
    """The certificates in ``given``, a PEM text or the path of a file with one.

    ``ValueError``, with the path and the remedy, when there are none.
    """
    if "-----BEGIN" in given:
        return certificates(given)
    try:
        return certificates(pathlib.Path(given).expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{given} cannot be read ({error.strerror}); give the path of a PEM file") from None
    except ValueError:
        raise ValueError(f"{given} holds no certificates in PEM form; give the path of a PEM file") from None


def bundle(texts: list[str]) -> str:
    """Every certificate of ``texts`` once, in their order."""
    blocks = [re.sub(r"\s*\n\s*", "\n", block.strip()) for text in texts for block in _BLOCK.findall(text)]
    return "".join(f"{block}\n" for block in dict.fromkeys(blocks))
