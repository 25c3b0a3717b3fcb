"""Settings of what the Spark backends reach other sites by: RabbitMQ, Pulsar, nginx."""

from collections.abc import Mapping
from typing import Annotated

import pydantic

from . import base, quantity, shared, texts

_HERE = "is written by the program, which counts on it; remove it"
RABBITMQ_OWN: Mapping[str, str] = {
    "listeners.tcp.default": _HERE,
    "management.tcp.port": _HERE,
    "load_definitions": _HERE,
    "default_user": "is the key user of the section; set that",
    "default_pass": "is the key password of the section; set that",
}
"""Keys of rabbitmq.conf that are not the user's, with what to do instead."""
PULSAR_OWN: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "clusterName", "brokerServicePort", "webServicePort", "bindAddress", "bindAddresses", "advertisedAddress",
            "advertisedListeners", "internalListenerName",
        ),
        _HERE,
    ),
    "maxMessageSize": "is the key maxMessageSize of the section; set that",
    "nettyMaxFrameSizeBytes": "follows from the key maxMessageSize of the section; set that",
    "backlogQuotaDefaultLimitGB": "is the key backlogQuota of the section; set that",
    "backlogQuotaDefaultLimitBytes": "is the key backlogQuota of the section; set that",
}  # fmt: skip
"""The same of Pulsar's broker."""

Config = Mapping[texts.ConfKey, texts.Line]
"""Keys of a server's own configuration file."""


Name = Annotated[str, texts.matching(r"[A-Za-z0-9_.-]{1,64}", "is no name: letters, digits, '_', '.' and '-'")]
"""Name of a thing inside Pulsar."""


class RabbitMQExisting(base.Model):
    """A RabbitMQ that somebody else runs, with the federation and management plugins."""

    host: texts.ServerHost
    """Host name or IP address."""
    port: base.PortNumber = 5672
    """Port for AMQP. Default 5672, RabbitMQ's own."""
    management_port: base.PortNumber = 15672
    """Port of the management API, by which FATE makes queues. Default 15672, RabbitMQ's own."""
    user: texts.UserName = "fate"
    """An administrator, for FATE makes users and virtual hosts. Default `fate`."""
    password: texts.GivenPassword
    """Its password."""


class RabbitMQ(shared.Service):
    """The broker of backend `spark_rabbitmq`, which peers' brokers dial."""

    user: texts.UserName = "fate"
    """FATE's user, also of the management page. Default `fate`, KubeFATE's own."""
    password: texts.Password | None = None
    """Its password. Default: generated."""
    config: Config = pydantic.Field(default_factory=dict)
    """Further keys of `rabbitmq.conf`; they win over the program's own. Default: none."""
    resources: shared.Resources = shared.resources(cpu=0.25, memory=1024)
    """Default: 0.25 cores and 1Gi; what does not fit into memory waits on disk."""
    storage: shared.Storage = shared.storage("10Gi")
    """Messages on their way. Default 10Gi."""
    service: shared.PeerService = shared.PeerService()
    """Options of the Kubernetes Service that other sites dial."""
    management_service: shared.OperatorService = shared.OperatorService()
    """Options of the Kubernetes Service of the management page."""
    ingress: shared.Ingress = shared.Ingress()
    """Ingress of the management page."""
    existing: RabbitMQExisting | None = None
    """A broker to use instead of an own one. Default: none."""


class PulsarExisting(base.Model):
    """A Pulsar that somebody else runs."""

    host: texts.ServerHost
    """Host name or IP address."""
    port: base.PortNumber = 6650
    """Port of the broker. Default 6650, Pulsar's own."""
    http_port: base.PortNumber = 8080
    """Port of the admin API, plain HTTP, by which FATE makes topics. Default 8080, Pulsar's own."""
    cluster: Name | None = None
    """Name of its cluster. Default: the party id, which peers reckon with. Linked sites need different ones."""


class Pulsar(shared.Service):
    """The broker of the Pulsar backends."""

    topic_ttl: Annotated[base.Integer, pydantic.Field(ge=1, le=44640)] = 3
    """Minutes that data without a reader is kept. Default 3, KubeFATE's own: what a job leaves is soon gone."""
    backlog_quota: quantity.Gibibytes = 10
    """Data of one topic that may wait for its receiver, after which the sender waits; whole `Gi`, an int in Python.
    Default `10Gi`, KubeFATE's own."""
    max_message_size: quantity.Bytes = 128 * 2**20
    """Largest message, with its unit. Default `128Mi`, the figure of FATE's guide to Pulsar; the same on all sites."""
    batch_size: quantity.Bytes = 2**20
    """Rows that FATE puts into one message, with its unit. Default `1Mi`, FATE's own."""
    tenant: Name = "fl-tenant"
    """Tenant of FATE's topics, the same on all sites. Default `fl-tenant`, FATE's own."""
    config: Config = pydantic.Field(default_factory=dict)
    """Further keys of the broker's configuration; they win over the program's own. Default: none."""
    resources: shared.Resources = shared.resources(cpu=0.5, memory=3072)
    """Default: 0.5 cores and 3Gi; heap and direct memory follow from the memory limit, else from the request."""
    storage: shared.Storage = shared.storage("20Gi")
    """Messages on their way, and the names of topics. Default 20Gi."""
    service: shared.PeerService = shared.PeerService()
    """Options of the Kubernetes Service that other sites dial."""
    http_service: shared.OperatorService = shared.OperatorService()
    """Options of the Kubernetes Service of the admin API."""
    ingress: shared.Ingress = shared.Ingress()
    """Ingress of the admin API."""
    existing: PulsarExisting | None = None
    """A broker to use instead of an own one. Default: none."""

    def as_config(self) -> dict[str, object]:
        """The configuration that gives this broker, with amounts in their unit again."""
        gibibytes = self.backlog_quota * 2**30
        amounts = {
            "backlogQuota": gibibytes,
            "maxMessageSize": self.max_message_size,
            "batchSize": self.batch_size,
        }
        return super().as_config() | {key: quantity.written(value) for key, value in amounts.items()}


class NginxExisting(base.Model):
    """A router that somebody else runs, with the routes of this party."""

    host: texts.ServerHost
    """Host name or IP address."""
    http_port: base.PortNumber = 9300
    """Port for HTTP. Default 9300, FATE's own."""
    grpc_port: base.PortNumber = 9310
    """Port for gRPC. Default 9310, FATE's own."""


class Nginx(shared.Service):
    """The router of fateflow's messages between sites, for the Spark backends."""

    resources: shared.Resources = shared.resources(cpu=0.1, memory=128)
    """Default: 0.1 cores and 128Mi; it passes small messages on."""
    service: shared.PeerService = shared.PeerService()
    """Options of the Kubernetes Service that other sites dial."""
    existing: NginxExisting | None = None
    """A router to use instead of an own one. Default: none."""
