"""Serves a :class:`Plugin` to the engine, on the servicer of Pulumi's experimental provider SDK.

The SDK's own methods lose unknown values, cannot report a partly created resource, and add a traceback to every
error; so the ones a resource provider needs are replaced here.
"""

import asyncio
import concurrent.futures
import sys
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental import server
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from . import plugin, values

WORKERS = 64
"""Requests answered side by side; a container that is waited for holds one of them."""
MESSAGE_BYTES = 400 * 1024 * 1024
"""The engine's own limit for one message."""
T = TypeVar("T")


class Servicer(server.ProviderServicer):
    """Translates between the engine's messages and a plugin's plain requests."""

    def __init__(self, implementation: plugin.Plugin, engine: str) -> None:
        super().__init__([], implementation.version, sdk.Provider(), engine)
        self._plugin = implementation
        self._pool = concurrent.futures.ThreadPoolExecutor(WORKERS)

    async def _run(self, context: Any, function: Callable[..., T], *arguments: Any) -> T:
        """The function's answer from a thread; its errors become the engine's."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)
        except plugin.PartialError as error:
            metadata = (("grpc-status-details-bin", _init_failed(error)),)
            await context.abort(grpc.StatusCode.UNKNOWN, str(error), metadata)
        except plugin.PluginError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # anything else is a defect of the stand-in: the traceback goes to the log
            traceback.print_exc(file=sys.stderr)
            await context.abort(grpc.StatusCode.INTERNAL, f"stand-in plugin: {type(error).__name__}: {error}")
        raise AssertionError("abort raises")

    async def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema="{}")

    async def Cancel(self, request: Any, context: Any) -> Any:
        self._plugin.cancelled.set()
        return empty_pb2.Empty()

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        return _checked(await self._run(context, self._plugin.check_config, values.decode(request.news)))

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        same = values.reveal(values.decode(request.olds)) == values.reveal(values.decode(request.news))
        kind = provider_pb2.DiffResponse
        return kind(changes=kind.DIFF_NONE if same else kind.DIFF_SOME)

    async def Configure(self, request: Any, context: Any) -> Any:
        config = values.reveal(values.decode(request.args))
        await self._run(context, self._plugin.configure, config)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Check(self, request: Any, context: Any) -> Any:
        asked = plugin.Request(
            urn=request.urn,
            inputs=values.decode(request.news),
            old_inputs=values.decode(request.olds),
            seed=request.randomSeed,
        )
        return _checked(await self._run(context, self._plugin.check, asked))

    async def Diff(self, request: Any, context: Any) -> Any:
        asked = plugin.Request(
            urn=request.urn,
            id=request.id,
            inputs=values.decode(request.news),
            old_inputs=values.decode(request.old_inputs),
            state=values.decode(request.olds),
            ignore=tuple(request.ignoreChanges),
        )
        return _difference(await self._run(context, self._plugin.diff, asked))

    async def Create(self, request: Any, context: Any) -> Any:
        asked = plugin.Request(
            urn=request.urn,
            inputs=values.decode(request.properties),
            timeout=request.timeout,
            preview=request.preview,
        )
        state = await self._run(context, self._plugin.create, asked)
        return provider_pb2.CreateResponse(id=state.id, properties=values.encode(state.outputs))

    async def Update(self, request: Any, context: Any) -> Any:
        asked = plugin.Request(
            urn=request.urn,
            id=request.id,
            inputs=values.decode(request.news),
            old_inputs=values.decode(request.old_inputs),
            state=values.decode(request.olds),
            timeout=request.timeout,
            ignore=tuple(request.ignoreChanges),
            preview=request.preview,
        )
        state = await self._run(context, self._plugin.update, asked)
        return provider_pb2.UpdateResponse(properties=values.encode(state.outputs))

    async def Read(self, request: Any, context: Any) -> Any:
        asked = plugin.Request(
            urn=request.urn,
            id=request.id,
            inputs=values.decode(request.inputs),
            state=values.decode(request.properties),
            timeout=request.timeout,
        )
        state = await self._run(context, self._plugin.read, asked)
        if state is None:
            return provider_pb2.ReadResponse()
        inputs = asked.inputs if state.inputs is None else state.inputs
        return provider_pb2.ReadResponse(
            id=state.id, properties=values.encode(state.outputs), inputs=values.encode(inputs)
        )

    async def Delete(self, request: Any, context: Any) -> Any:
        asked = plugin.Request(
            urn=request.urn,
            id=request.id,
            old_inputs=values.decode(request.old_inputs),
            state=values.decode(request.properties),
            timeout=request.timeout,
        )
        await self._run(context, self._plugin.delete, asked)
        return empty_pb2.Empty()

    async def Invoke(self, request: Any, context: Any) -> Any:
        arguments = values.reveal(values.decode(request.args))
        answer = await self._run(context, self._plugin.invoke, request.tok, arguments)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(values.encode(answer))  # a keyword of Python: only reachable by name
        return response


def serve(implementation: plugin.Plugin, arguments: list[str]) -> int:
    """Run until the engine ends the process; `arguments` as the engine gives them, its address among them."""
    engine = next((argument for argument in arguments if not argument.startswith("-")), "")
    try:
        asyncio.run(_serve(implementation, engine))
    except KeyboardInterrupt:
        return 130
    return 0


async def _serve(implementation: plugin.Plugin, engine: str) -> None:
    sizes = [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES)]
    host = grpc.aio.server(options=sizes)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(implementation, engine), host)
    port = host.add_insecure_port("127.0.0.1:0")
    await host.start()
    print(port, flush=True)
    await host.wait_for_termination()


def _checked(checked: plugin.Checked) -> Any:
    failures = [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in checked.failures]
    return provider_pb2.CheckResponse(inputs=values.encode(checked.inputs), failures=failures)


def _difference(found: plugin.Difference) -> Any:
    kind = provider_pb2.DiffResponse
    detailed = {}
    for path, change in found.changes.items():
        name = change.kind.value + ("_REPLACE" if change.replace else "")
        detailed[path] = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(name))
    return kind(
        changes=kind.DIFF_SOME if detailed else kind.DIFF_NONE,
        diffs=sorted({_top(path) for path in found.changes}),
        replaces=sorted({_top(path) for path, change in found.changes.items() if change.replace}),
        stables=sorted(found.stable),
        deleteBeforeReplace=found.delete_before_replace,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _top(path: str) -> str:
    return path.split(".", 1)[0].split("[", 1)[0]


def _init_failed(error: plugin.PartialError) -> bytes:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.state.id,
        properties=values.encode(error.state.outputs),
        reasons=[str(error)],
        inputs=values.encode(error.state.inputs) if error.state.inputs is not None else None,
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[packed])
    return bytes(status.SerializeToString())
