"""Numbers under which services are reached from outside the site, and which services those are."""

import dataclasses
from collections.abc import Iterable
from typing import Annotated, Final

import pydantic

from . import base

NodePort = Annotated[base.Integer, pydantic.Field(ge=30000, le=32767), base.Kind("port from 30000 to 32767")]
"""A port in the range that Kubernetes gives to NodePort services by default."""


class NodePorts(base.Model):
    """Ports that every node of the cluster listens on, by service."""

    rollsite: NodePort | None = None
    """Port for federation traffic of eggroll. Default, here and below: one that the cluster picks, and keeps while
    the Service lives."""
    nginx: NodePort | None = None
    """Port for fateflow's messages over HTTP."""
    nginx_grpc: NodePort | None = None
    """Port for fateflow's messages over gRPC."""
    rabbitmq: NodePort | None = None
    """Port for federation traffic of RabbitMQ."""
    rabbitmq_management: NodePort | None = None
    """Port of RabbitMQ's management page."""
    pulsar: NodePort | None = None
    """Port for federation traffic of Pulsar."""
    pulsar_http: NodePort | None = None
    """Port of Pulsar's admin API."""
    spark_master: NodePort | None = None
    """Port of Spark's page."""
    hdfs_namenode: NodePort | None = None
    """Port of HDFS's page."""
    fateboard: NodePort | None = None
    """Port of fateboard."""
    notebook: NodePort | None = None
    """Port of the notebook."""


class HostPorts(base.Model):
    """Ports that the Docker host publishes, by service: no two of a site are the same unless you make them so."""

    rollsite: base.PortNumber = 9370
    """Port for federation traffic of eggroll, on `bindAddress`. Default 9370, rollsite's own."""
    nginx: base.PortNumber = 9300
    """Port for fateflow's messages over HTTP, on `bindAddress`. Default 9300, FATE's own."""
    nginx_grpc: base.PortNumber = 9310
    """Port for fateflow's messages over gRPC, on `bindAddress`. Default 9310, FATE's own."""
    rabbitmq: base.PortNumber = 5672
    """Port for federation traffic of RabbitMQ, on `bindAddress`. Default 5672, RabbitMQ's own."""
    rabbitmq_management: base.PortNumber = 15672
    """Port of RabbitMQ's management page, on `operatorsAddress`. Default 15672, RabbitMQ's own."""
    pulsar: base.PortNumber = 6650
    """Port for federation traffic of Pulsar, on `bindAddress`. Default 6650, Pulsar's own."""
    pulsar_http: base.PortNumber = 8001
    """Port of Pulsar's admin API, on `operatorsAddress`. Default 8001, KubeFATE's: its own, 8080, is fateboard's."""
    spark_master: base.PortNumber = 8888
    """Port of Spark's page, on `operatorsAddress`. Default 8888, KubeFATE's: its own, 8080, is fateboard's."""
    hdfs_namenode: base.PortNumber = 9870
    """Port of HDFS's page, on `operatorsAddress`. Default 9870, HDFS's own."""
    fateboard: base.PortNumber = 8080
    """Port of fateboard, on `operatorsAddress`. Default 8080, fateboard's own."""
    notebook: base.PortNumber = 20000
    """Port of the notebook, on `operatorsAddress`. Default 20000, the notebook's own."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shown:
    """A port that leaves the site."""

    name: str
    """Field of ``NodePorts`` and ``HostPorts``."""
    section: str
    """Path of the settings of its service."""
    options: str
    """Path of the settings of the Kubernetes Service that shows it."""
    workload: str
    """Name of the workload."""
    port: str
    """Name of the port in the workload."""
    peers: bool = False
    """Whether other sites dial it; else people and their programs do."""

    @property
    def key(self) -> str:
        """The field as a user writes it."""
        field = HostPorts.model_fields[self.name]
        return field.alias or self.name


SHOWN: Final = (
    Shown(name="rollsite", section="eggroll.rollsite", options="eggroll.rollsite.service", workload="rollsite",
          port="rollsite", peers=True),
    Shown(name="nginx", section="nginx", options="nginx.service", workload="nginx", port="nginx", peers=True),
    Shown(name="nginx_grpc", section="nginx", options="nginx.service", workload="nginx", port="nginx-grpc",
          peers=True),
    Shown(name="rabbitmq", section="rabbitmq", options="rabbitmq.service", workload="rabbitmq", port="rabbitmq",
          peers=True),
    Shown(name="rabbitmq_management", section="rabbitmq", options="rabbitmq.managementService", workload="rabbitmq",
          port="management"),
    Shown(name="pulsar", section="pulsar", options="pulsar.service", workload="pulsar", port="pulsar", peers=True),
    Shown(name="pulsar_http", section="pulsar", options="pulsar.httpService", workload="pulsar", port="pulsar-http"),
    Shown(name="spark_master", section="spark.master", options="spark.master.service", workload="spark-master",
          port="http"),
    Shown(name="hdfs_namenode", section="hdfs.namenode", options="hdfs.namenode.service", workload="namenode",
          port="http"),
    Shown(name="fateboard", section="fateboard", options="fateboard.service", workload="fateboard", port="http"),
    Shown(name="notebook", section="notebook", options="notebook.service", workload="notebook", port="http"),
)  # fmt: skip
"""Every port that leaves a site, in the order of the settings."""


def secured(ports: Iterable[Shown], *, rollsite: bool) -> tuple[Shown, ...]:
    """``ports`` of a site that speaks mutual TLS: other sites dial its nginx, which takes TLS off in front of the rest.

    ``rollsite``: whether the site's transport is rollsite, whose nginx is a server of its own with the options of
    rollsite's; else it is the router. RabbitMQ speaks no TLS, and stays as it is.
    """
    return tuple(_behind_nginx(each, rollsite=rollsite) for each in ports)


def _behind_nginx(shown: Shown, *, rollsite: bool) -> Shown:
    if shown.name == "rollsite" and rollsite:
        return dataclasses.replace(shown, workload="nginx")
    if shown.name == "pulsar" and not rollsite:
        return dataclasses.replace(shown, workload="nginx", options="nginx.service")
    return shown
