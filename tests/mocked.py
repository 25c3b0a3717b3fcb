"""The program under Pulumi's mocks: what it would register, without an engine."""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from stacks import config, start
from tests import linked

SECRETS = frozenset(("mysql", "fateboard", "rabbitmq", "hive", "certificate"))
"""Sections that are set with ``--secret``."""
SECRET = "generated-for-"
"""Every generated password of a mocked run starts like this, so that it can be searched for."""
FROM_ENVIRONMENT = ("DOCKER_HOST", "KUBECONFIG")
"""Variables that the SDKs take inputs of a provider from: what a run registers must not depend on who runs it."""
AWAITED: Callable[[Callable[[], object]], Callable[[], None]] = pulumi.runtime.test
"""Pulumi's own harness: runs a program and waits for everything it registered."""


@dataclasses.dataclass(frozen=True)
class Registered:
    """One resource as the program registered it."""

    type: str
    name: str
    inputs: Mapping[str, Any]


class Recorder(mocks.Mocks):
    """Keeps what is registered, and answers with what a provider would compute."""

    def __init__(self, stacks: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.registered: list[Registered] = []
        self.stacks = stacks or {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.registered.append(Registered(args.typ, args.name, dict(args.inputs)))
        state = dict(args.inputs)
        if args.typ == "random:index/randomPassword:RandomPassword":
            state["result"] = f"{SECRET}{args.name}"
        if args.typ == "docker:index/remoteImage:RemoteImage":
            state["imageId"] = f"sha256:{args.name}"
        if args.typ.startswith("tls:"):
            state |= _certified(args.typ.rpartition(":")[2], args.name, state)
        return f"{args.name}-id", state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        assert args.token == "pulumi:pulumi:readStackOutputs", f"the program called {args.token}"
        return {"outputs": self.stacks[args.args["name"]]}, []


def _certified(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the plugin for certificates computes: requests that can be read, and the same texts in every run."""
    if kind == "PrivateKey":
        return {"privateKeyPem": f"private {name}", "privateKeyPemPkcs8": f"private {name}"}
    if kind == "CertRequest":
        names = [*(inputs.get("dnsNames") or []), *(inputs.get("ipAddresses") or [])]
        return {"certRequestPem": linked.request(inputs["subject"]["commonName"], *names)}
    return {"certPem": linked.certificate(name)}


@dataclasses.dataclass(frozen=True)
class Run:
    """What a run of the program made."""

    resources: tuple[Registered, ...]
    outputs: Mapping[str, Any]

    def of(self, kind: str) -> list[Registered]:
        """The resources whose type ends in ``:kind``."""
        return [each for each in self.resources if each.type.endswith(f":{kind}")]

    def named(self, kind: str, name: str) -> Registered:
        """The one resource of ``kind`` called ``name``."""
        (found,) = [each for each in self.of(kind) if each.name == name]
        return found


def uploads(container: Registered) -> list[dict[str, Any]]:
    """Files of a Docker container; the list is a secret as soon as one of them is."""
    found = container.inputs.get("uploads") or []
    return list(found["value"] if isinstance(found, dict) else found)


def exchange(stacks: Mapping[str, Mapping[str, Any]] | None = None, /, **settings: object) -> Run:
    """Run the program with ``settings`` for an exchange of rollsites, unless they say otherwise."""
    given: dict[str, object] = {"role": "exchange", "transport": "rollsite", "partyId": None, "backend": None}
    return run(stacks, **{**given, **settings})


@contextlib.contextmanager
def engine(recorder: Recorder, *, project: str = "fate", stack: str = "party-9999") -> Iterator[None]:
    """What ``AWAITED`` programs register meanwhile is answered by ``recorder``.

    Mocks answer in worker threads, each with an event loop of its own, which the SDK makes and never closes: hundreds
    of runs in one process would use up its files. So the threads are this run's, and their loops are closed with it.
    """
    loops = [asyncio.new_event_loop()]

    def own_loop() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    threads = concurrent.futures.ThreadPoolExecutor(initializer=own_loop)
    loops[0].set_default_executor(threads)
    asyncio.set_event_loop(loops[0])
    pulumi.runtime.set_mocks(recorder, project=project, stack=stack, preview=False, organization="organization")
    try:
        yield
    finally:
        threads.shutdown()
        asyncio.set_event_loop(None)
        for loop in loops:
            loop.close()


def run(stacks: Mapping[str, Mapping[str, Any]] | None = None, /, **settings: object) -> Run:
    """Run the program with ``settings`` for party 9999 on eggroll in plain text, unless they say otherwise.

    ``stacks``: outputs of other stacks by full name; the rest do not exist.
    """

    async def program() -> Mapping[str, Any]:
        given: dict[str, object] = {"partyId": "9999", "backend": "eggroll", "tls": "false"}
        given = {key: value for key, value in {**given, **settings}.items() if value is not None}
        stack = f"party-{given['partyId']}" if "partyId" in given else "exchange"
        return await start.build(await config.load(given, stack, secret=SECRETS))

    return registered(program, stacks)


def registered(
    program: Callable[[], Mapping[str, Any] | Awaitable[Mapping[str, Any]]],
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
) -> Run:
    """Run ``program``, which returns its outputs by name."""
    recorder = Recorder(stacks)
    outputs: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch, engine(recorder):
        for name in FROM_ENVIRONMENT:
            patch.delenv(name, raising=False)
        AWAITED(lambda: pulumi.Output.from_input(program()).apply(outputs.update))()
    return Run(tuple(recorder.registered), outputs)
