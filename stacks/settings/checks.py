"""Rules that look at more than one key. Each is a small function from what was given to the mistakes it finds."""

import pathlib
import re
from collections.abc import Iterator, Sequence

from . import checks_links, checks_services, checks_tls, checks_ways, problems, stack, vocabulary
from .given import Check, Given


def belongs(given: Given) -> Iterator[problems.Problem]:
    """A key of another role, backend, transport or platform would be ignored, so it is refused."""
    settings = given.settings
    for key, role in vocabulary.ROLE_OF.items():
        if given.has(key) and given.sound("role") and role is not settings.role:
            yield problems.Problem(key, f"belongs to role {role}; remove it or set role: {role}")
    for key, backends in vocabulary.BACKENDS_OF.items():
        party = given.sound("role", "backend") and not settings.is_exchange
        if given.has(key) and party and settings.backend not in backends:
            names = problems.joined(backends, "or")
            yield problems.Problem(key, f"belongs to backend {names}; remove it or set backend: {names}")
    for key, transport in vocabulary.TRANSPORT_OF.items():
        exchange = given.sound("role", "transport") and settings.is_exchange
        if given.has(key) and exchange and settings.transport is not transport:
            yield problems.Problem(key, f"belongs to transport {transport}; remove it or set transport: {transport}")
    for key, platform in vocabulary.PLATFORM_OF.items():
        if given.has(key) and given.sound("platform") and platform is not settings.platform:
            yield problems.Problem(key, f"belongs to platform {platform}; remove it or set platform: {platform}")


def kubeconfig_is_there(given: Given) -> Iterator[problems.Problem]:
    """A path with a typo would end as an error about some default cluster."""
    kubeconfig = given.settings.kubernetes.kubeconfig
    if given.sound("kubernetes") and kubeconfig and not pathlib.Path(kubeconfig).expanduser().is_file():
        yield problems.Problem("kubernetes.kubeconfig", f"there is no file {kubeconfig}; give the path of a kubeconfig")


def rendering_asks_no_cluster(given: Given) -> Iterator[problems.Problem]:
    """Keys that choose a cluster would let their reader believe that it is about to change."""
    if not given.sound("kubernetes") or not given.settings.kubernetes.render_to:
        return
    for path in ("kubernetes.kubeconfig", "kubernetes.context"):
        if given.has(path):
            yield problems.Problem(path, "means nothing with renderTo, which talks to no cluster; remove one of them")


def stack_named_after_party(given: Given) -> Iterator[problems.Problem]:
    """A stack called after one party that deploys another is a copied file that was not edited to the end."""
    number = re.fullmatch(r"party-([0-9]+)", given.stack_name)
    party = given.sound("role", "partyId") and not given.settings.is_exchange
    if number and party and int(number[1]) != given.settings.party_id:
        yield problems.Problem(
            "partyId",
            f"is {given.settings.party_id}, but the stack is called {given.stack_name}; "
            f"set partyId to {number[1]} or use a stack named party-{given.settings.party_id}",
        )


def passwords_are_secret(given: Given) -> Iterator[problems.Problem]:
    """A password that is set without ``--secret`` stands in plain text in the stack file and in the state."""
    for path in problems.secrets(stack.StackSettings):
        if given.has(path) and path.split(".")[0] not in given.secret:
            text = f"is in plain text; choose a new one and run: pulumi config set --secret --path {problems.key(path)}"
            yield problems.Problem(path, text)


def told_once(found: Sequence[problems.Problem]) -> list[problems.Problem]:
    """``found`` without what is wrong inside a section that does not belong here at all."""
    elsewhere = tuple(f"{each.path}." for each in found if each.text.startswith("belongs to "))
    return [each for each in found if not each.path.startswith(elsewhere)]


ALL: Sequence[Check] = (
    belongs,
    kubeconfig_is_there,
    rendering_asks_no_cluster,
    stack_named_after_party,
    *checks_links.ALL,
    *checks_tls.ALL,
    *checks_services.ALL,
    *checks_ways.ALL,
    passwords_are_secret,
)
"""Every rule; their findings are reported together."""
