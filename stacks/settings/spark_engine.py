"""Settings of the Spark backends' computing and storage: Spark, HDFS, Hive."""

from collections.abc import Mapping
from typing import Annotated, Literal

import pydantic

from . import base, shared, texts

SPARK_OWN: Mapping[str, str] = {
    "spark.master": "follows from the site, or from the key existing.master of the section; set that",
}
"""Keys of spark-defaults.conf that are not the user's, with what to do instead."""


class SparkMaster(shared.Service):
    """Hands out workers to tasks."""

    resources: shared.Resources = shared.resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi; it keeps lists."""
    service: shared.OperatorService = shared.OperatorService()
    """Options of the Kubernetes Service of its page."""
    ingress: shared.Ingress = shared.Ingress()
    """Ingress of its page."""


class SparkWorker(shared.Service):
    """Lends cores and memory to the executors of tasks."""

    replicas: Annotated[base.Integer, pydantic.Field(ge=1, le=256)] = 2
    """How many there are. Default 2, KubeFATE's own: a task is spread as it would be on a larger site."""
    cores: Annotated[base.Integer, pydantic.Field(ge=1, le=1024)] | None = None
    """Cores that each lends. Default: `computeCores` shared among the replicas, rounded up."""
    resources: shared.Resources = shared.resources(cpu=0.5, memory=4096)
    """Default: 0.5 cores and 4Gi; executors take what the worker leaves of the memory limit, else of the request."""


class SparkDriver(base.Model):
    """Where executors outside the site dial the drivers of tasks, which run inside fateflow."""

    host: texts.AdvertisedHost
    """Host name or IP address of fateflow, as the Spark's workers reach it."""
    port: base.PortNumber = 40000
    """Port of the first driver; each further one takes the next. Default 40000: above what servers listen on."""
    block_manager_port: base.PortNumber = 41000
    """Port from which the first driver serves blocks; likewise. Default 41000."""
    tasks: Annotated[base.Integer, pydantic.Field(ge=1, le=512)] = 16
    """How many tasks run at once, and so how many ports of either kind are used. Default 16, Spark's own tries."""

    @pydantic.model_validator(mode="after")
    def _ports_have_room(self) -> "SparkDriver":
        if abs(self.port - self.block_manager_port) < self.tasks:
            raise base.wrong(
                f"port and blockManagerPort need {self.tasks} ports each, one a task; set them further apart"
            )
        if max(self.port, self.block_manager_port) + self.tasks > 65536:
            raise base.wrong(f"port and blockManagerPort need {self.tasks} ports each below 65536; lower them")
        return self


class SparkExisting(base.Model):
    """A Spark that somebody else runs, with FATE and its Python packages on its workers."""

    master: texts.SparkUrl
    """Address of its master, such as `spark://spark.example.org:7077`."""
    workers: Annotated[base.Integer, pydantic.Field(ge=1, le=1024)] = 2
    """Over how many workers `computeCores`, the party's share of it, are spread. Default 2, KubeFATE's own."""
    home: Annotated[str, texts.matching(r"/[\w./-]+", "is no folder of an image, such as /opt/spark")] | None = None
    """Folder in fateflow's image of a Spark of the master's version. Default: the one that FATE's image has."""
    python: Annotated[str, texts.matching(r"[\w./-]+", "is no path of a Python, such as /usr/bin/python3")] | None = (
        None
    )
    """Python on the workers. Default: `python3`."""
    driver: SparkDriver | None = None
    """Where executors dial fateflow. Default: at its container's own address, which they then have to reach."""


class Spark(base.Model):
    """The computing engine of the Spark backends."""

    master: SparkMaster = SparkMaster()
    """Hands out workers."""
    worker: SparkWorker = SparkWorker()
    """Compute."""
    config: Mapping[texts.ConfKey, texts.Line] = pydantic.Field(default_factory=dict)
    """Further properties of fateflow's `spark-defaults.conf`; they win over the program's own. Default: none."""
    existing: SparkExisting | None = None
    """A Spark to use instead of an own one. Default: none."""


class Namenode(shared.Service):
    """Knows which datanode has which block of which file."""

    resources: shared.Resources = shared.resources(cpu=0.1, memory=1024)
    """Default: 0.1 cores and 1Gi; a million files fit."""
    storage: shared.Storage = shared.storage("5Gi")
    """Names of files, without which blocks mean nothing. Default 5Gi."""
    service: shared.OperatorService = shared.OperatorService()
    """Options of the Kubernetes Service of its page."""
    ingress: shared.Ingress = shared.Ingress()
    """Ingress of its page."""


class Datanode(shared.Service):
    """Stores blocks of files."""

    replicas: Annotated[base.Integer, pydantic.Field(ge=1, le=256)] = 3
    """How many there are. Default 3, each block on all of them: with fewer, uploads above 100 MB failed."""
    resources: shared.Resources = shared.resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi; it streams blocks."""
    storage: shared.Storage = shared.storage("20Gi")
    """Blocks of uploaded data and of running jobs. Default 20Gi."""


def _path_prefix(value: str) -> str:
    if value and (not value.startswith("/") or value.endswith("/") or any(mark in value for mark in " \t\n?#")):
        raise base.wrong("is no folder of a file system, such as /fate/9999: '/' at its start, none at its end")
    return value


class HdfsExisting(base.Model):
    """An HDFS that somebody else runs."""

    name_node: texts.HdfsUrl
    """Address of its namenode, such as `hdfs://namenode.example.org:9000`."""
    path_prefix: Annotated[str, pydantic.AfterValidator(_path_prefix)] = ""
    """Folder that holds everything of this party. Default: none, the root. Parties that share an HDFS need one."""
    config: Mapping[texts.ConfKey, texts.Line] = pydantic.Field(default_factory=dict)
    """Properties of `hdfs-site.xml` that its clients need, such as the namenodes behind a name service."""


class Hdfs(base.Model):
    """The storage of the Spark backends."""

    namenode: Namenode = Namenode()
    """Keeps names."""
    datanode: Datanode = Datanode()
    """Keep data."""
    replication: Annotated[base.Integer, pydantic.Field(ge=1, le=256)] | None = None
    """Copies of each block. Default: 3, Hadoop's own, or one on each datanode where there are fewer."""
    existing: HdfsExisting | None = None
    """An HDFS to use instead of an own one. Default: none."""


class Hive(base.Model):
    """A Hive that somebody else runs, in which jobs store tables instead of in HDFS."""

    host: texts.ServerHost
    """Host name or IP address of HiveServer2."""
    port: base.PortNumber = 10000
    """Its port. Default 10000, Hive's own."""
    auth_mechanism: Literal["PLAIN", "NOSASL", "LDAP", "GSSAPI"] = "PLAIN"
    """How fateflow logs in: `PLAIN`, `NOSASL`, `LDAP` or `GSSAPI`. Default `PLAIN`, Hive's own."""
    user: texts.UserName | None = None
    """Name to log in with. Default: none."""
    password: texts.GivenPassword | None = None
    """Password to log in with. Default: none."""

    @pydantic.model_validator(mode="after")
    def _password_has_user(self) -> "Hive":
        if self.password is not None and self.user is None:
            raise base.wrong("password means nothing without user; set that too, or remove it")
        return self
