"""Rules about the ways into a site: ports, Services, Ingresses."""

import re
from collections.abc import Iterator

from . import base, exposure, problems, running, shared, vocabulary
from .given import Given, sections

_PAGES = {shown.section: shown.workload for shown in exposure.SHOWN if not shown.peers}
"""Section of a service with a page, and the name of its workload."""


def _counts(given: Given, shown: exposure.Shown, path: str) -> bool:
    """Whether the site shows ``shown``; where the backend is not understood, what is set is believed."""
    runs = given.runs(shown.section)
    return runs if runs is not None else shown.section in ("fateboard", "notebook") or given.has(path)


def _shared(given: Given, section: str, defaults: base.Model) -> Iterator[str]:
    """Ports below ``section`` that are the same, one sentence each. Malformed ones are told elsewhere."""
    services: dict[int, list[str]] = {}
    for shown in running.shown(given.settings):
        path = f"{section}.{shown.key}"
        port = given.get(path) or getattr(defaults, shown.name)
        if re.fullmatch(r"[0-9]{1,5}", str(port)) and _counts(given, shown, path):
            services.setdefault(int(str(port)), []).append(shown.key)
    for port, keys in services.items():
        if len(keys) > 1:
            yield f"{problems.joined(keys, 'and')} share port {port}"


def ports_differ(given: Given) -> Iterator[problems.Problem]:
    """Of two services with the same port the platform would start one, and fail at the other."""
    if not given.sound("platform"):
        return
    docker = given.settings.platform is vocabulary.Platform.DOCKER
    section = "docker.ports" if docker else "kubernetes.nodePorts"
    clashes = [*_shared(given, section, exposure.HostPorts() if docker else exposure.NodePorts())]
    if clashes:
        yield problems.Problem(section, f"{'; '.join(clashes)}; give each a port of its own")


def ports_of_own_services(given: Given) -> Iterator[problems.Problem]:
    """A port of a service that the site does not run would be ignored."""
    for shown in running.shown(given.settings):
        top = shown.section.split(".")[0]
        backends = vocabulary.BACKENDS_OF.get(top, ())
        for path in (f"docker.ports.{shown.key}", f"kubernetes.nodePorts.{shown.key}"):
            if not given.has(path) or given.runs(shown.section) is not False or shown.section == "notebook":
                continue
            if backends and not given.settings.is_exchange and given.settings.backend not in backends:
                names = problems.joined(backends, "or")
                yield problems.Problem(path, f"belongs to backend {names}; remove it or set backend: {names}")
            else:
                yield problems.Problem(path, f"means nothing, for this site runs no {shown.section}; remove it")


def service_options_are_used(given: Given) -> Iterator[problems.Problem]:
    """Options of one kind of Service that the service's kind would ignore."""
    if given.settings.platform is not vocabulary.Platform.KUBERNETES or not given.sound("kubernetes", "platform"):
        return
    balanced, node = vocabulary.Expose.LOAD_BALANCER, vocabulary.Expose.NODE_PORT
    for shown in running.shown(given.settings):
        told = running.at(given.settings, shown.options)
        if not given.sound(shown.section.split(".")[0]) or not isinstance(told, shared.PeerService):
            continue
        kind = told.type or given.settings.kubernetes.expose
        where = f"{shown.options}.type" if told.type else "kubernetes.expose"
        for path, kinds in (
            (f"{shown.options}.loadBalancerIP", (balanced,)),
            (f"{shown.options}.sourceRanges", (balanced,)),
            (f"kubernetes.nodePorts.{shown.key}", (node, balanced)),
        ):
            if given.has(path) and kind not in kinds and given.runs(shown.section):
                yield problems.Problem(path, f"means nothing with {kind}; remove it, or set {where}: {kinds[0]}")


def ingress_class(given: Given) -> Iterator[problems.Problem]:
    """Class and host names of the Ingresses of all services belong together."""
    told = given.settings.kubernetes
    if not given.sound("kubernetes", *(section.split(".")[0] for section in _PAGES)):
        return
    pages = [running.at(given.settings, path) for path in sections(shared.Ingress)]
    hosts = [page.hosts for page in pages if isinstance(page, shared.Ingress) and page.hosts]
    if told.ingress_class and not told.ingress_domain and not hosts:
        text = "needs ingressDomain, below which every page gets its host name, or ingress.hosts of a service; set one"
        yield problems.Problem("kubernetes.ingressClass", text)
    if told.ingress_domain and not told.ingress_class:
        text = "means nothing without ingressClass; set that too, or remove it"
        yield problems.Problem("kubernetes.ingressDomain", text)


def ingresses(given: Given) -> Iterator[problems.Problem]:
    """An Ingress has a host name and a class, and no other has its address."""
    taken: dict[tuple[str, str], str] = {}
    for path in sections(shared.Ingress):
        section = path.removesuffix(".ingress")
        told = running.at(given.settings, path)
        if not given.sound("kubernetes", "partyId") or not given.runs(section) or not isinstance(told, shared.Ingress):
            continue
        if told.enabled is False:
            for key in shared.Ingress.as_config(told):
                if key != "enabled" and given.has(f"{path}.{key}"):
                    yield problems.Problem(f"{path}.{key}", "means nothing with enabled: false; remove one of them")
            continue
        hosts = given.settings.hosts(_PAGES[section], told)
        if given.has(path) and not hosts:
            yield problems.Problem(f"{path}.hosts", "is missing; set it, or kubernetes.ingressDomain for all pages")
        if told.hosts and not told.class_name and not given.settings.kubernetes.ingress_class:
            text = "is missing, so that no controller would serve it; set it, or kubernetes.ingressClass for all pages"
            yield problems.Problem(f"{path}.class", text)
        for host in hosts:
            other = taken.setdefault((host, told.path), path)
            if other != path:
                text = f"has host {host} and path {told.path} of {problems.key(other)}; give one of them another"
                yield problems.Problem(path, text)


ALL = (
    ports_differ,
    ports_of_own_services,
    service_options_are_used,
    ingress_class,
    ingresses,
)
"""Every rule of this module."""
