"""Rules that look at more than one key. Each is a small function from what was given to the mistakes it finds."""

import pathlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import pydantic

from . import components, problems, references, stack, vocabulary

Check = Callable[["Given"], Iterator[problems.Problem]]


class Given:
    """A configuration as it was given, beside what could be understood of it."""

    def __init__(
        self, raw: Mapping[str, object], settings: stack.StackSettings, faulty: frozenset[str],
        secret: frozenset[str], stack_name: str,
    ) -> None:  # fmt: skip
        self.raw = raw
        """Every key that is set, decoded."""
        self.settings = settings
        """The settings, in which a faulty key has its default."""
        self.faulty = faulty
        """Top-level keys that are missing or wrong: nothing further can be said about them."""
        self.secret = secret
        """Top-level keys that hold a secret."""
        self.stack_name = stack_name
        """Name of the Pulumi stack."""

    def has(self, path: str) -> bool:
        """Whether something is set at the dotted ``path``; an empty map is nothing."""
        value: object = self.raw
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value not in (None, {})

    def sound(self, *names: str) -> bool:
        """Whether all of these top-level keys are understood."""
        return self.faulty.isdisjoint(names)


def deployable(given: Given) -> Iterator[problems.Problem]:
    """Only what this version can deploy is accepted; growing ``vocabulary.DEPLOYABLE`` lifts the refusal."""
    role, backend = given.settings.role, given.settings.backend
    if given.sound("role") and role not in {role for role, _ in vocabulary.DEPLOYABLE}:
        roles = problems.joined(sorted({role for role, _ in vocabulary.DEPLOYABLE}), "or")
        yield problems.Problem("role", f"{role} cannot be deployed by this version; set it to {roles}")
    elif given.sound("role", "backend") and (role, backend) not in vocabulary.DEPLOYABLE:
        backends = problems.joined(sorted(backend for known, backend in vocabulary.DEPLOYABLE if known is role), "or")
        yield problems.Problem("backend", f"{backend} cannot be deployed by this version; set it to {backends}")


def belongs(given: Given) -> Iterator[problems.Problem]:
    """A key of another role, backend or platform would be ignored, so it is refused."""
    settings = given.settings
    for key, role in vocabulary.ROLE_OF.items():
        if given.has(key) and given.sound("role") and role is not settings.role:
            yield problems.Problem(key, f"belongs to role {role}; remove it or set role: {role}")
    for key, backends in vocabulary.BACKENDS_OF.items():
        if given.has(key) and given.sound("role", "backend") and settings.backend not in backends:
            names = problems.joined(backends, "or")
            yield problems.Problem(key, f"belongs to backend {names}; remove it or set backend: {names}")
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


def volumes_on_docker(given: Given) -> Iterator[problems.Problem]:
    """Docker's volumes have neither a class nor an access mode."""
    if not given.sound("platform") or given.settings.platform is not vocabulary.Platform.DOCKER:
        return
    for section, field in problems.fields(stack.StackSettings):
        for path in (f"{section}.storageClass", f"{section}.accessMode"):
            if problems.holds(field, components.Storage) and given.has(path):
                text = "belongs to platform kubernetes; remove it or set platform: kubernetes"
                yield problems.Problem(path, text)


def stack_named_after_party(given: Given) -> Iterator[problems.Problem]:
    """A stack called after one party that deploys another is a copied file that was not edited to the end."""
    number = re.fullmatch(r"party-([0-9]+)", given.stack_name)
    if number and given.sound("partyId") and int(number[1]) != given.settings.party_id:
        yield problems.Problem(
            "partyId",
            f"is {given.settings.party_id}, but the stack is called {given.stack_name}; "
            f"set partyId to {number[1]} or use a stack named party-{given.settings.party_id}",
        )


def links(given: Given) -> Iterator[problems.Problem]:
    """Forms of reference that need links between stacks, which this version does not have."""
    peers = given.raw.get("peers")
    named = {f"peers.{number}": peer for number, peer in peers.items()} if isinstance(peers, Mapping) else {}
    for path, reference in {**named, "exchange": given.raw.get("exchange")}.items():
        if not isinstance(reference, Mapping):
            continue
        forms = {references.FORMS[key] for key in reference if key in references.FORMS}
        if len(forms) == 1 and "endpoint" not in forms:
            text = "reading another site's link arrives with a later version; give its host, port and tls: false"
            yield problems.Problem(path, text)
        elif len(forms) == 1 and reference.get("tls") in (None, True, "true"):
            yield problems.Problem(f"{path}.tls", "TLS between sites arrives with a later version; set tls: false")


def peers_are_others(given: Given) -> Iterator[problems.Problem]:
    """A route to oneself by way of others would loop."""
    if given.sound("partyId", "peers") and given.settings.party_id in given.settings.peers:
        path = f"peers.{given.settings.party_id}"
        yield problems.Problem(path, "is this party itself; remove it, a party always knows the way to itself")


def enough_processors(given: Given) -> Iterator[problems.Problem]:
    """Fateflow accepts jobs up to ``computeCores``; eggroll has to have that many processors."""
    if not given.sound("computeCores", "eggroll"):
        return
    nodes, cores = given.settings.eggroll.nodemanager, given.settings.compute_cores
    total = nodes.replicas * (nodes.processors_per_node or cores)
    if total < cores:
        yield problems.Problem(
            "eggroll.nodemanager.processorsPerNode",
            f"{nodes.replicas} nodemanagers with {nodes.processors_per_node} each make {total} processors, fewer than "
            f"computeCores: {cores}; remove it, or lower computeCores",
        )


def service_options_are_used(given: Given) -> Iterator[problems.Problem]:
    """Options of one kind of Service that the site's kind would ignore."""
    if not given.sound("kubernetes", "eggroll"):
        return
    kind = given.settings.eggroll.rollsite.service.type or given.settings.kubernetes.expose
    balanced = vocabulary.Expose.LOAD_BALANCER
    for path, kinds in (
        ("eggroll.rollsite.service.loadBalancerIP", (balanced,)),
        ("eggroll.rollsite.service.sourceRanges", (balanced,)),
        ("kubernetes.nodePorts.rollsite", (vocabulary.Expose.NODE_PORT, balanced)),
    ):
        if given.has(path) and kind not in kinds:
            text = f"means nothing with {kind}; remove it, or set kubernetes.expose: {kinds[0]}"
            yield problems.Problem(path, text)


def passwords_are_secret(given: Given) -> Iterator[problems.Problem]:
    """A password that is set without ``--secret`` stands in plain text in the stack file and in the state."""
    for path, field in problems.fields(stack.StackSettings):
        if problems.holds(field, pydantic.SecretStr) and given.has(path) and path.split(".")[0] not in given.secret:
            text = f"is in plain text; choose a new one and run: pulumi config set --secret --path {problems.key(path)}"
            yield problems.Problem(path, text)


ALL: Sequence[Check] = (
    deployable,
    belongs,
    kubeconfig_is_there,
    rendering_asks_no_cluster,
    volumes_on_docker,
    stack_named_after_party,
    links,
    peers_are_others,
    enough_processors,
    service_options_are_used,
    passwords_are_secret,
)
"""Every rule; their findings are reported together."""
