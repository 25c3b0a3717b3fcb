"""Whether a site fits where it is to run: what a host or a cluster has, beside what the site's workloads ask for."""

import dataclasses
import subprocess
from collections.abc import Sequence

FEWEST_CORES = 4
"""What a toy job takes when both of its roles are on one party, two each."""
SECONDS = 5
"""Time for the one question; where it does not answer, the plugin will say why, and better."""
_FACTORS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Capacity:
    """What there is to run on."""

    where: str
    """As a message names it (``the cluster``)."""
    cores: float
    """Of all nodes that take pods, or of the host."""
    memory: int
    """MiB, likewise."""
    largest_cores: float
    """Of the node that has most; of the host where there is but one."""
    largest_memory: int
    """MiB of the node that has most."""
    reserved: bool
    """Whether requests are held for who made them (Kubernetes); Docker only enforces limits."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """What one replica of a workload asks for."""

    name: str
    cores: float
    memory: int
    """MiB."""
    core_limit: float
    """Most that one of its containers may use; 0: unbounded."""
    replicas: int = 1


def problems(asked: Sequence[Request], there: Capacity) -> tuple[list[str], list[str]]:
    """What cannot work, and what is likely to disappoint, one sentence each: (errors, warnings)."""
    errors = [words for each in asked for words in _impossible(each, there)]
    warnings = []
    if there.cores < FEWEST_CORES:
        warnings.append(
            f"{there.where} has {there.cores:g} cores, and a party needs {FEWEST_CORES}: jobs may wait forever"
        )
    cores = sum(each.cores * each.replicas for each in asked)
    memory = sum(each.memory * each.replicas for each in asked)
    if memory > there.memory:
        warnings.append(
            f"the site asks for {memory} MiB of memory and {there.where} has {there.memory}: "
            "lower the resources of its services, or give it more"
        )
    if there.reserved and cores > there.cores:
        warnings.append(
            f"the site asks for {cores:g} cores and {there.where} has {there.cores:g}: some pods will not start; "
            "lower the resources of its services, or give it more"
        )
    return errors, warnings


def _impossible(each: Request, there: Capacity) -> list[str]:
    """What no waiting and no order of starts can satisfy."""
    most = "the largest node of the cluster" if there.reserved else there.where
    remedy = f"lower the resources of {each.name}, or take a larger one"
    found = []
    if each.memory > there.largest_memory:
        found.append(
            f"{each.name} asks for {each.memory} MiB of memory and {most} has {there.largest_memory}: {remedy}"
        )
    if there.reserved and each.cores > there.largest_cores:
        found.append(f"{each.name} asks for {each.cores:g} cores and {most} has {there.largest_cores:g}: {remedy}")
    if not there.reserved and each.core_limit > there.largest_cores:
        # The engine refuses a limit that the host cannot reach.
        found.append(f"{each.name} may use {each.core_limit:g} cores and {most} has {there.largest_cores:g}: {remedy}")
    return found


HOST = "{{.NCPU}} {{.MemTotal}}"
"""What ``docker info`` prints of a host: its cores and its bytes of memory."""


def of_host(printed: str | None) -> Capacity | None:
    """The capacity of a Docker host from its cores and its bytes of memory, as printed with ``HOST``."""
    words = (printed or "").split()
    if len(words) != 2 or not all(word.isdigit() for word in words) or "0" in words:
        return None
    cores, memory = int(words[0]), int(words[1]) // 2**20
    return Capacity(
        where="the Docker host",
        cores=cores,
        memory=memory,
        largest_cores=cores,
        largest_memory=memory,
        reserved=False,
    )


NODES = '{range .items[*]}{.spec.unschedulable}|{.status.allocatable.cpu}|{.status.allocatable.memory}{"\\n"}{end}'
"""What kubectl prints of each node: whether it takes no pods, its cores and its memory."""


def of_cluster(printed: str | None) -> Capacity | None:
    """The capacity of a cluster from what kubectl prints with ``NODES``; ``None`` when no node takes pods."""
    nodes = []
    for line in (printed or "").splitlines():
        closed, cores, memory = line.split("|")
        if closed != "true":
            nodes.append((number(cores), int(number(memory) / 2**20)))
    if not nodes:
        return None
    return Capacity(
        where="the cluster",
        cores=sum(cores for cores, _ in nodes),
        memory=sum(memory for _, memory in nodes),
        largest_cores=max(cores for cores, _ in nodes),
        largest_memory=max(memory for _, memory in nodes),
        reserved=True,
    )


def number(quantity: str) -> float:
    """A Kubernetes quantity (``1930m``, ``7814Mi``) as a number; ``ValueError`` for what is none."""
    for suffix, factor in _FACTORS.items():
        if quantity.endswith(suffix):
            return float(quantity.removesuffix(suffix)) * factor
    return float(quantity.removesuffix("m")) / 1000 if quantity.endswith("m") else float(quantity)


def ask(command: Sequence[str]) -> str | None:
    """What ``command`` prints; ``None`` when it is missing, fails or does not answer in time."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
