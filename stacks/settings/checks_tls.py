"""Rules about mutual TLS between sites: what it needs, and what it does not go with."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Final

from . import problems
from .checks_links import endpoints
from .given import Given

WITHOUT: Final[Mapping[str, str]] = {
    "nginx.existing": "a router that somebody else runs has no certificates of the program's",
    "pulsar.existing": "a broker that somebody else runs has no certificates of the program's",
    "eggroll.balancer": "a balancer cannot pass on who dials",
    "eggroll.rollsite.polling": "a rollsite that polls has no certificate shown to it",
    "pulsar.service": "other sites dial nginx, which takes TLS off in front of the broker; use nginx.service",
}
"""Keys that do not go with TLS, with the reason."""


def goes_with_tls(given: Given) -> Iterator[problems.Problem]:
    """What would be in the clear, or ignored, beside TLS."""
    if not given.settings.tls or not given.sound("tls"):
        return
    for path, reason in WITHOUT.items():
        if given.has(path):
            yield problems.Problem(path, f"does not go with tls: {reason}; remove it, or set fate:tls to false")


def keys_of_tls(given: Given) -> Iterator[problems.Problem]:
    """Whoever speaks TLS is told whom to believe; in the clear that means nothing."""
    for key in ("certificate", "eggroll.nginx"):
        if given.has(key) and given.sound("tls") and not given.settings.tls:
            yield problems.Problem(key, "means nothing with tls: false; remove one of them")
    for path, site in endpoints(given).items():
        tls = site.get("tls") in (None, True, "true")
        if not tls and site.get("tls") in (False, "false"):
            for key in ("trustAnchors", "serverName"):
                if site.get(key) is not None:
                    yield problems.Problem(f"{path}.{key}", "means nothing with tls: false; remove one of them")
        elif tls and given.sound("tls") and not given.settings.tls:
            text = "is true, and this site's own is false; set this to false as well, or fate:tls to true"
            yield problems.Problem(f"{path}.tls", text)
        elif tls and given.sound("tls") and not path.startswith("eggroll."):
            yield from _believed(given, path, site)


def _believed(given: Given, path: str, site: Mapping[str, object]) -> Iterator[problems.Problem]:
    if site.get("trustAnchors") is None:
        text = "is missing; give the certificates that the site's own is signed with, or set tls to false on both"
        yield problems.Problem(f"{path}.trustAnchors", text)
    known = given.sound("role", "backend", "transport")
    routed = known and given.settings.carries != "rollsite"
    if path == "exchange" and routed and site.get("serverName") is None and _is_address(str(site.get("host"))):
        text = f"is missing; set it to the name in its certificate, such as fate-exchange.{given.settings.domain}"
        yield problems.Problem(f"{path}.serverName", text)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


ALL = (goes_with_tls, keys_of_tls)
"""Every rule of this module."""
