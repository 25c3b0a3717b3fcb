"""Parts of a description in the very spelling in which Docker's plugin reads them back. Plain functions."""

import pulumi
import pulumi_docker as docker

from . import workload

CHECK_SECONDS = 10
"""Time between two health checks. Each is a process of its own that costs the engine 0.04 s and more of a processor
(measured in the lab): a dozen containers that are asked every 3 s eat half a core for as long as they run. A start is
held up by a few seconds for each service that others wait for."""


def upload(file: workload.File, user: int | None) -> docker.ContainerUploadArgs:
    """``file`` for a container that runs as ``user``; ``None``: as whom its image says."""
    return docker.ContainerUploadArgs(
        file=file.path,
        content=pulumi.Output.secret(file.content) if file.secret else file.content,
        permissions="0400" if file.secret else "0644",
        # A file is put in as root's, and one that only its owner reads must be the service's own.
        owner=str(user) if user and file.secret else None,
    )


def healthcheck(probe: workload.Probe) -> docker.ContainerHealthcheckArgs:
    """The probe as Docker's health check, durations written as the engine reads them back (``5m0s``)."""
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", *probe.command],
        interval=duration(CHECK_SECONDS),
        timeout=duration(probe.timeout_seconds),
        start_period=duration(probe.start_seconds),
        retries=3,
    )


def duration(seconds: int) -> str:
    """``seconds`` as Go prints a duration, for another spelling would look like a change after every refresh."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return "".join((f"{hours}h" if hours else "", f"{minutes}m" if hours or minutes else "", f"{left}s"))


def cores(limit: float) -> str:
    """A limit of cores as Docker's plugin reads it back (``2.0``, ``0.25``), for the same reason."""
    return f"{limit:.1f}" if limit == round(limit, 1) else f"{limit:g}"
