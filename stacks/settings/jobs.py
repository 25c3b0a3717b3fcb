"""Settings of fateflow that are about jobs and about what becomes of their models."""

from typing import Annotated

import pydantic

from . import base, texts

_Count = Annotated[base.Integer, pydantic.Field(ge=0, le=100)]
_Positive = Annotated[base.Integer, pydantic.Field(ge=1, le=65536)]
_Week = Annotated[base.Integer, pydantic.Field(ge=1, le=31536000), base.Kind("seconds")]


class JobDefaults(base.Model):
    """What fateflow takes for a job that does not say otherwise."""

    auto_retries: _Count = 0
    """How often a failed task is tried again. Default 0, FATE-Flow's own: most failures are no accidents."""
    auto_retry_delay: Annotated[base.Integer, pydantic.Field(ge=0, le=86400), base.Kind("seconds")] = 1
    """Seconds before that. Default 1, FATE-Flow's own."""
    task_parallelism: _Positive = 1
    """Tasks of one job that run at once. Default 1, FATE-Flow's own."""
    task_cores: _Positive = 4
    """Cores of one task. Default 4, FATE-Flow's own."""
    job_timeout: _Week = 259200
    """Seconds after which a job is stopped. Default 259200, three days, FATE-Flow's own."""
    remote_request_timeout: Annotated[base.Integer, pydantic.Field(ge=100, le=3600000), base.Kind("milliseconds")] = (
        30000
    )
    """Milliseconds that another party's fateflow may take to answer. Default 30000, FATE-Flow's own."""
    federated_command_trys: Annotated[base.Integer, pydantic.Field(ge=1, le=100)] = 3
    """How often a command is sent to another party before it counts as lost. Default 3, FATE-Flow's own."""
    resource_waiting_timeout: _Week = 21600
    """Seconds that a job waits for cores. Default 21600, six hours, FATE-Flow's own."""


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise base.wrong("expects at least one entry")
    return value


class ZooKeeper(base.Model):
    """A registry that knows where FATE-Serving is."""

    hosts: Annotated[tuple[texts.HostAndPort, ...], pydantic.AfterValidator(_some)]
    """`host:port` of each of its servers."""
    user: texts.UserName | None = None
    """Name to log in with. Default: none, it asks for none."""
    password: texts.GivenPassword | None = None
    """Password to log in with. Default: none."""

    @pydantic.model_validator(mode="after")
    def _login_is_whole(self) -> "ZooKeeper":
        if (self.user is None) != (self.password is None):
            raise base.wrong("needs user and password together; set both, or neither")
        return self


class Serving(base.Model):
    """The FATE-Serving that finished models are published to."""

    hosts: tuple[texts.HostAndPort, ...] = ()
    """`host:port` of each serving server. Default: none."""
    zookeeper: ZooKeeper | None = None
    """Registry that knows them. Default: none."""

    @pydantic.model_validator(mode="after")
    def _has_one_way(self) -> "Serving":
        if bool(self.hosts) == bool(self.zookeeper):
            raise base.wrong("is found in exactly one way: by its hosts, or by a zookeeper that knows them; set one")
        return self
