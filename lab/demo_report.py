"""What the demo says when it is done: what was made, where it is, and what to do next."""

import collections
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import rich.box
import rich.console
import rich.table

from . import demo_sites, paths
from .stack import Stack

NOT_SHOWN = ("pulumi:pulumi:Stack", "pulumi:providers:")
"""Resources that are Pulumi's own book-keeping."""


def show(sites: Sequence[Stack], place: str) -> None:
    """Prints the report of the demo's stacks, which are up."""
    console = rich.console.Console()
    for site in sites:
        table = rich.table.Table(title=f"stack {site.name} on {place}", title_justify="left", box=rich.box.SIMPLE_HEAD)
        table.add_column("service")
        table.add_column("resources", justify="right")
        table.add_column("of which")
        for service, kinds in by_service(site.resources()).items():
            listed = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
            table.add_row(service, str(sum(kinds.values())), listed)
        console.print(table)
        outputs = site.outputs()
        for name, how in (*dialled(outputs.get("link")), *interfaces(outputs.get("interfaces"))):
            console.print(f"{name}: {how}", soft_wrap=True, markup=False)
    linked = " and ".join(site.name for site in sites[1:])
    console.print(f"\n{linked} meet through {sites[0].name}; no site waits for another", soft_wrap=True)
    if place == "render":
        files = [*demo_sites.MANIFESTS.rglob("*.yaml")]
        console.print(f"{len(files)} files of YAML in {shown(demo_sites.MANIFESTS)}", soft_wrap=True)
    for line in next_steps(sites, place):
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def dialled(link: object) -> list[tuple[str, str]]:
    """What other sites dial, of the `link` output: service, and its address."""
    endpoints = link.get("endpoints") if isinstance(link, Mapping) else None
    if not isinstance(endpoints, Mapping):
        return []
    kinds = {True: "mutual TLS", False: "in the clear"}
    return [
        (str(name), f"{where['host']}:{where['port']}, {kinds[bool(where.get('tls'))]}")
        for name, where in sorted(endpoints.items())
    ]


def by_service(resources: Iterable[Mapping[str, Any]]) -> dict[str, collections.Counter[str]]:
    """How many resources of which kind belong to each service, in the order in which the services were made.

    A service is the nearest component above a resource; components themselves are not counted.
    """
    listed = list(resources)
    known = {str(each["urn"]): each for each in listed}
    counted: dict[str, collections.Counter[str]] = {}
    for each in listed:
        kind = str(each["type"])
        if kind.startswith(NOT_SHOWN) or not each.get("custom"):
            continue
        owner = known.get(str(each.get("parent", "")))
        while owner is not None and owner.get("custom"):
            owner = known.get(str(owner.get("parent", "")))
        counted.setdefault(_name(owner), collections.Counter())[kind.rpartition(":")[2]] += 1
    return counted


def interfaces(found: object) -> list[tuple[str, str]]:
    """The user interfaces of the `interfaces` output: name, and address or how to get there."""
    if not isinstance(found, Mapping):
        return []
    return [(str(name), _where(where)) for name, where in sorted(found.items())]


def next_steps(sites: Sequence[Stack], place: str) -> list[str]:
    """Commands to go on with, in the order in which they can be typed; none of them prints a secret unasked."""
    exchange, party = sites[0], sites[-1]
    party.shell_file()
    steps = [("make demo-down", "destroy it")]
    if place == "render":
        folder = shown(demo_sites.manifests(party.name))
        namespace = f"{folder}/1-manifest/v1-namespace-*.yaml"
        steps.append((f"kubectl apply -f {namespace}", f"{party.name} on a cluster of yours: the namespace first,"))
        steps.append((f"kubectl apply -R -f {folder}", "then the rest"))
    steps.append((f"cd {shown(party.folder)} && . ./env.sh", "plain pulumi then finds these stacks:"))
    chosen = f"--stack {party.name}"
    steps.append((f"pulumi stack output credentials --show-secrets {chosen}", "the generated passwords"))
    steps.append((f"pulumi stack output link --json --stack {exchange.name}", "what other sites need to know"))
    steps += {
        "render": [],
        "cluster": [(f"kubectl get pods --namespace {party.name.replace('party', 'fate')}", "its pods")],
        "docker": [("docker ps", "the containers of all three")],
    }[place]
    width = max(len(command) for command, _ in steps) + 3
    return ["", "next:", *(f"  {command.ljust(width)}{what}" for command, what in steps)]


def shown(file: pathlib.Path) -> str:
    """A path as it is typed in the checkout."""
    return str(file.relative_to(paths.ROOT)) if file.is_relative_to(paths.ROOT) else str(file)


def _where(where: object) -> str:
    if isinstance(where, Mapping):
        return "; ".join(str(where[key]) for key in ("url", "how") if where.get(key))
    return str(where)


def _name(owner: Mapping[str, Any] | None) -> str:
    """The component's own name: of `fate:site:Party$fate:...::party-9999-mysql` the last part."""
    if owner is None or str(owner["type"]).startswith(NOT_SHOWN):
        return "the site itself"
    return str(owner["urn"]).rpartition("::")[2]
