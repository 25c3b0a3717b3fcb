"""The backends as data: which engines each names to fateflow, and which parts it is made of."""

import dataclasses
from collections.abc import Callable, Mapping

from components import part
from components.versions import fate_1_11 as fate

from . import parts, settings
from .plan import Plan

Told = Callable[[Plan], part.PartFactory]
"""Makes the factory of a part from what the site is to be."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Backend:
    """One row."""

    computing: str
    """FATE's word in service_conf.yaml, like the next three."""
    federation: str
    storage: str
    """Where the settings name no Hive."""
    proxy: str
    parts: tuple[Told, ...]
    """Engine, store, transport and router, in start order."""

    def engines(self, config: settings.StackSettings) -> fate.Engines:
        """What fateflow computes, talks and stores with."""
        return fate.Engines(
            computing=self.computing,
            federation=self.federation,
            storage="hive" if config.hive else self.storage,
            proxy=self.proxy,
        )


BACKENDS: Mapping[settings.Backend, Backend] = {
    settings.Backend.EGGROLL: Backend(
        computing="eggroll",
        federation="eggroll",
        storage="eggroll",
        proxy="rollsite",
        parts=(parts.eggroll_engine,),
    ),
    settings.Backend.SPARK_RABBITMQ: Backend(
        computing="spark",
        federation="rabbitmq",
        storage="hdfs",
        proxy="nginx",
        parts=(parts.tables, parts.spark_engine, parts.rabbitmq_transport, parts.router),
    ),
    settings.Backend.SPARK_PULSAR: Backend(
        computing="spark",
        federation="pulsar",
        storage="hdfs",
        proxy="nginx",
        parts=(parts.tables, parts.spark_engine, parts.pulsar_transport, parts.router),
    ),
    settings.Backend.SPARK_LOCAL_PULSAR: Backend(
        computing="spark",
        federation="pulsar",
        storage="localfs",
        proxy="nginx",
        parts=(parts.local_spark, parts.pulsar_transport, parts.router),
    ),
}
"""Every backend that this version can deploy."""
