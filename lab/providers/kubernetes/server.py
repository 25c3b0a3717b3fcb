"""The gRPC side: requests of the engine in, answers and errors in its own terms out."""

import asyncio
import concurrent.futures
import functools
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental import provider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from .. import values
from . import (
    VERSION,
    checking,
    configuring,
    creating,
    deleting,
    diffing,
    engine,
    errors,
    reading,
    session,
    settings,
    updating,
)

_WORKERS = 512
"""Requests at work at once: each may wait minutes for its object, and none may wait for another's."""
_OPTIONS = [("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20)]
_Answer = TypeVar("_Answer")


class Servicer(ProviderServicer):
    """The SDK's servicer with its resource requests answered here.

    The SDK's own cannot say that a resource was created but is not ready, and shows tracebacks instead of a sentence.
    """

    def __init__(self, engine_address: str) -> None:
        super().__init__([], VERSION, provider.Provider(), engine_address)
        self._engine = engine.Engine(engine_address)
        self._session: session.Session | None = None
        self._pool = concurrent.futures.ThreadPoolExecutor(_WORKERS, "request")

    async def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:
        """No types: programs use the official SDK, which brings its own."""
        return provider_pb2.GetSchemaResponse(schema=f'{{"name": "kubernetes", "version": "{VERSION}"}}')

    async def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """End every wait."""
        if self._session is not None:
            self._session.cancelled.set()
        return empty_pb2.Empty()

    async def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """See :func:`configuring.check`."""
        return await self._run(context, configuring.check, request)

    async def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """See :func:`configuring.diff`."""
        return await self._run(context, configuring.diff, request)

    async def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        """Connect to the cluster; one that cannot be reached is reported by the requests that need it."""
        chosen = settings.read(dict(request.variables))
        self._session = await self._run(context, session.Session, chosen, self._engine)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    async def Invoke(self, request: Any, context: Any) -> NoReturn:
        """Functions are not served."""
        await self._refuse(context, f"function {request.tok} is not served by the kubernetes stand-in")

    async def Construct(self, request: Any, context: Any) -> NoReturn:
        """Components are not served."""
        await self._refuse(context, f"component {request.type} is not served by the kubernetes stand-in")

    async def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """See :func:`checking.check`."""
        inputs = await self._run(context, checking.check, self._session, request)
        return provider_pb2.CheckResponse(inputs=values.encode(inputs))

    async def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """See :func:`diffing.diff`."""
        return await self._run(context, diffing.diff, self._session, request)

    async def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        """See :func:`creating.create`."""
        created = await self._run(context, creating.create, self._session, request)
        if created is None:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        return provider_pb2.CreateResponse(id=created[0], properties=values.encode(created[1]))

    async def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        """See :func:`updating.update`."""
        state = await self._run(context, updating.update, self._session, request)
        return provider_pb2.UpdateResponse(properties=request.news if state is None else values.encode(state))

    async def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        """See :func:`reading.read`."""
        found = await self._run(context, reading.read, self._session, request)
        if found is None:
            return provider_pb2.ReadResponse(id="")
        identity, state, inputs = found
        return provider_pb2.ReadResponse(id=identity, properties=values.encode(state), inputs=values.encode(inputs))

    async def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        """See :func:`deleting.delete`."""
        await self._run(context, deleting.delete, self._session, request)
        return empty_pb2.Empty()

    async def _run(self, context: Any, work: Callable[..., _Answer], *arguments: Any) -> _Answer:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, functools.partial(work, *arguments))
        except errors.PartialError as error:
            await self._report(context, error)
        except (errors.RefusedError, errors.ApiError, errors.NoKindError, errors.UnreachableError, ValueError) as error:
            await self._refuse(context, str(error))

    @staticmethod
    async def _refuse(context: Any, message: str) -> NoReturn:
        await context.abort(grpc.StatusCode.UNKNOWN, message)
        raise AssertionError("an aborted request does not go on")

    @staticmethod
    async def _report(context: Any, error: errors.PartialError) -> NoReturn:
        failed = provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id,
            properties=values.encode(error.state),
            reasons=error.reasons,
            inputs=None if error.inputs is None else values.encode(error.inputs),
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
        status.details.add().Pack(failed)
        details = (("grpc-status-details-bin", status.SerializeToString()),)
        await context.abort(grpc.StatusCode.UNKNOWN, str(error), details)
        raise AssertionError("an aborted request does not go on")


def main(arguments: list[str]) -> int:
    """Serve the engine at the address in ``arguments`` until it ends the process; prints the port first."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    asyncio.run(_serve(addresses[0] if addresses else ""))
    return 0


async def _serve(engine_address: str) -> None:
    server = grpc.aio.server(options=_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()
