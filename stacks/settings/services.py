"""Settings of the services that every party has."""

from typing import Annotated

import pydantic

from . import base, jobs, shared, texts, vocabulary


def _database_user(value: str) -> str:
    if value == "root":
        raise base.wrong("is the server's own administrator; name a user that has only the one database")
    if len(value) > 32:
        raise base.wrong("is longer than 32 characters, which MySQL does not take; choose a shorter one")
    return value


def _database(value: str) -> str:
    if value.lower() in ("mysql", "sys", "information_schema", "performance_schema"):
        raise base.wrong("is a database of the server's own; name one that is the party's, such as eggroll_meta")
    return value


DatabaseUser = Annotated[texts.UserName, pydantic.AfterValidator(_database_user)]
"""User of MySQL that is not its administrator."""

Database = Annotated[
    str,
    texts.matching(r"[A-Za-z0-9_]{1,64}", "is no name of a database: at most 64 letters, digits and '_'"),
    pydantic.AfterValidator(_database),
]
"""Database of MySQL that is not the server's own."""


class MysqlExisting(base.Model):
    """A MySQL that somebody else runs, with a database of this party alone. Tables are made there as well."""

    host: texts.ServerHost
    """Host name or IP address."""
    port: base.PortNumber = 3306
    """Its port. Default 3306, MySQL's own."""
    database: Database = "eggroll_meta"
    """The party's database; the user may make tables in it. Default `eggroll_meta`."""
    user: DatabaseUser = "fate"
    """Name to log in with. Default `fate`."""
    password: texts.GivenPassword
    """Its password."""


class Mysql(shared.Service):
    """The database of eggroll's metadata and of fateflow's jobs."""

    database: Database = "eggroll_meta"
    """Name of the one database. Default `eggroll_meta`, KubeFATE's own."""
    user: DatabaseUser = "fate"
    """Name that services log in with. Default `fate`, KubeFATE's own."""
    password: texts.Password | None = None
    """Its password. Default: generated."""
    resources: shared.Resources = shared.resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi; it holds metadata, never training data."""
    storage: shared.Storage = shared.storage("10Gi")
    """Default 10Gi: metadata of years of jobs."""
    existing: MysqlExisting | None = None
    """A server to use instead of an own one. Default: none."""


class Fateflow(shared.Service):
    """The scheduler of jobs, and the API that clients call."""

    log_level: vocabulary.LogLevel = vocabulary.LogLevel.INFO
    """Least severe message that is logged. Default `INFO`, FATE's own."""
    job_defaults: jobs.JobDefaults = jobs.JobDefaults()
    """What holds for jobs that do not say otherwise."""
    serving: jobs.Serving | None = None
    """Where finished models are published. Default: nowhere."""
    gpus: Annotated[base.Integer, pydantic.Field(ge=1, le=64)] | None = None
    """GPUs of the container, for `images.device` `gpu`; of a party's services only fateflow uses them. Default 1
    there, KubeFATE's own, and none elsewhere."""
    resources: shared.Resources = shared.resources(cpu=0.25, memory=2048)
    """Default: 0.25 cores and 2Gi; it runs the coordinating process of every task itself."""
    storage: shared.Storage = shared.storage("10Gi")
    """Jobs, logs and trained models: without it a restart would lose them. Default 10Gi."""


class Fateboard(shared.Service):
    """The page that shows jobs and their results."""

    username: texts.UserName = "admin"
    """Name to log in with. Default `admin`, FATE's own."""
    password: texts.Password | None = None
    """Password to log in with. Default: generated."""
    resources: shared.Resources = shared.resources(cpu=0.1, memory=512)
    """Default: 0.1 cores and 512Mi, enough for its JVM."""
    service: shared.OperatorService = shared.OperatorService()
    """Options of the Kubernetes Service of the page."""
    ingress: shared.Ingress = shared.Ingress()
    """Ingress of the page."""


class Notebook(shared.Service):
    """A Jupyter notebook with FATE's client, to submit jobs from."""

    enabled: base.Flag = True
    """Whether there is one. Default true: it is the shortest way to a first job."""
    password: texts.Password | None = None
    """Password to log in with. Default: generated."""
    resources: shared.Resources = shared.resources(cpu=0.1, memory=1024)
    """Default: 0.1 cores and 1Gi, enough for a client that submits jobs."""
    storage: shared.Storage = shared.storage("5Gi")
    """The user's notebooks. Default 5Gi."""
    service: shared.OperatorService = shared.OperatorService()
    """Options of the Kubernetes Service of the page."""
    ingress: shared.Ingress = shared.Ingress()
    """Ingress of the page."""
