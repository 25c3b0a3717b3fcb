"""The services that every party has, told what the settings say."""

from components import fateboard, fateflow, mysql, notebook
from components.versions import fate_1_11 as fate

from . import settings, translate
from .settings import jobs


def database(config: settings.StackSettings) -> mysql.MySQLArgs:
    """MySQL, the party's own or somebody else's."""
    given, there = config.mysql, config.mysql.existing
    service = translate.service(config, "mysql", given)
    return mysql.MySQLArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        storage=translate.storage(config, given.storage),
        database=there.database if there else given.database,
        user=there.user if there else given.user,
        password=translate.secret(there.password if there else given.password),
        existing=mysql.ExistingMySQL(host=there.host, port=there.port) if there else None,
    )


def scheduler(config: settings.StackSettings) -> fateflow.FateFlowArgs:
    """fateflow; where the devices are GPUs, it is what uses them."""
    given = config.fateflow
    service = translate.service(config, "fateflow", given, config.gpus)
    return fateflow.FateFlowArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        storage=translate.storage(config, given.storage),
        log_level=given.log_level,
        serving=_serving(given.serving) if given.serving else None,
        job_defaults=fate.JobDefaults(**dict(given.job_defaults)),
    )


def _serving(given: jobs.Serving) -> fate.Serving:
    registry = given.zookeeper
    if registry is None:
        return fate.Serving(hosts=given.hosts)
    return fate.Serving(
        zookeeper_hosts=registry.hosts,
        zookeeper_user=registry.user,
        zookeeper_password=translate.secret(registry.password),
    )


def board(config: settings.StackSettings) -> fateboard.FateBoardArgs:
    """fateboard."""
    given = config.fateboard
    service = translate.service(config, "fateboard", given)
    return fateboard.FateBoardArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        username=given.username,
        password=translate.secret(given.password),
    )


def client(config: settings.StackSettings) -> notebook.NotebookArgs:
    """The notebook."""
    given = config.notebook
    service = translate.service(config, "client", given)
    return notebook.NotebookArgs(
        image=service.image,
        resources=service.resources,
        environment=service.environment,
        placement=service.placement,
        storage=translate.storage(config, given.storage),
        password=translate.secret(given.password),
    )
