"""`wget` with BusyBox's options: Debian's BusyBox crashes at ``-T``, which Alpine's, in the real fateboard, takes."""

import getopt
import pathlib
import sys
import urllib.error
import urllib.request

from . import service

SHORT = "cqSO:o:P:U:T:Y:"
LONG = [
    "spider",
    "header=",
    "post-data=",
    "post-file=",
    "no-check-certificate",
    "quiet",
    "timeout=",
    "output-document=",
]
TIMEOUT_SECONDS = 900.0


def main() -> None:
    """Fetches the one address of the command line; raises `RefusedError`, hence exit code 1, as BusyBox does."""
    try:
        pairs, addresses = getopt.gnu_getopt(sys.argv[1:], SHORT, LONG)
    except getopt.GetoptError as error:
        raise service.RefusedError(str(error)) from error
    options = dict(pairs)
    if len(addresses) != 1:
        raise service.RefusedError("BusyBox v1.35.0: give one URL")
    address = addresses[0] if "://" in addresses[0] else f"http://{addresses[0]}"
    data = options["--post-data"].encode() if "--post-data" in options else None
    try:
        timeout = float(options.get("-T") or options.get("--timeout") or TIMEOUT_SECONDS)
        request = urllib.request.Request(address, data, dict(_header(pair) for key, pair in pairs if key == "--header"))
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            _save(answer.read(), address, options)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise service.RefusedError(f"can't connect to or read from {address}: {error}") from error


def _header(text: str) -> tuple[str, str]:
    key, _, value = text.partition(":")
    return key.strip(), value.strip()


def _save(content: bytes, address: str, options: dict[str, str]) -> None:
    """Writes to the named file, to stdout for ``-``, else to a file called as the address ends."""
    if "--spider" in options:
        return
    name = options.get("-O") or options.get("--output-document") or address.rsplit("/", 1)[-1] or "index.html"
    if name == "-":
        sys.stdout.buffer.write(content)
    else:
        (pathlib.Path(options.get("-P", ".")) / name).write_bytes(content)
