"""All settings of one stack."""

import re
from collections.abc import Mapping
from typing import Annotated

import pydantic

from . import (
    base,
    eggroll_engine,
    platforms,
    references,
    services,
    shared,
    spark_engine,
    texts,
    transports,
    vocabulary,
)


def _fate_version(value: str) -> str:
    if value not in vocabulary.FATE_VERSIONS:
        raise base.wrong(f"is no FATE version that can be deployed; choose {' or '.join(vocabulary.FATE_VERSIONS)}")
    return value


def _compute_cores(value: int) -> int:
    if value < 4:
        raise base.wrong("is too few: the smallest job takes 2 cores for each of its roles; give 4 or more")
    if value > 65536:
        raise base.wrong("is more than any site has; give at most 65536")
    return value


class Certificate(base.Model):
    """A certificate that somebody else signed, where the program is not to sign any."""

    certificate: texts.Pem
    """The site's certificate, and those between it and a trust anchor, in PEM form: the path of a file, or the text."""
    key: pydantic.SecretStr
    """Its private key, PKCS#8 in PEM form."""
    trust_anchors: texts.Pem
    """What others are to believe: the certificates that it is signed with; in the same form."""


def _exchange_name(value: str) -> str:
    if not re.fullmatch(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", value):
        raise base.wrong("is no name of an exchange: at most 40 of a-z, 0-9 and '-', with a letter first")
    return value


class StackSettings(base.Model):
    """Everything a user can say about a site."""

    role: vocabulary.Role = vocabulary.Role.PARTY
    """What the site is for. Default `party`: it trains models with its own data."""
    platform: vocabulary.Platform = vocabulary.Platform.KUBERNETES
    """Where the site runs. Default `kubernetes`."""
    fate_version: Annotated[str, pydantic.AfterValidator(_fate_version)] = vocabulary.FATE_VERSIONS[0]
    """Version of FATE. Default: the one this program is tested with most."""
    party_id: references.PartyId | None = None
    """Number of the party, unique in the whole federation, from 1 to 2147483647."""
    backend: vocabulary.Backend | None = None
    """Engines for computing, storage and transport; sites meet only over one transport."""
    name: Annotated[str, pydantic.AfterValidator(_exchange_name)] = "exchange"
    """Name of the exchange; its site is called `fate-<name>`. Default `exchange`: another is needed where two share a
    Docker host."""
    transport: vocabulary.Transport | None = None
    """What the exchange carries: `rollsite` for parties with backend `eggroll`, `pulsar` for the Pulsar backends."""
    compute_cores: Annotated[base.Integer, pydantic.AfterValidator(_compute_cores)] = 16
    """Cores that jobs may take at once, at least 4: one number for fateflow and its engine. Default 16."""
    retain_data: base.Flag = True
    """Whether volumes outlive `pulumi destroy` and the next `up` finds them. Default true: a slip loses no data."""
    kubernetes: platforms.Kubernetes = platforms.Kubernetes()
    """Where and how on Kubernetes."""
    docker: platforms.Docker = platforms.Docker()
    """Where and how on Docker."""
    images: platforms.Images = platforms.Images()
    """Images to run."""
    advertise: platforms.Advertise = platforms.Advertise()
    """Address that others dial."""
    tls: base.Flag = True
    """Whether what other sites send is encrypted and both sides prove who they are. Default true: plain text has to be
    asked for, on both sides. RabbitMQ's data is always in the clear, for FATE speaks plain AMQP only."""
    domain: texts.DomainName = "fate.internal"
    """Domain below which sites have names in their certificates, `<partyId>.<domain>` for a party; no name server need
    know it. The exchange's counts for its parties. Default `fate.internal`."""
    certificate: Certificate | None = None
    """Certificate of the site. Default: signed by the exchange, or by the site itself for its direct peers."""
    parties: Mapping[references.PartyId, references.SiteReference] = pydantic.Field(default_factory=dict)
    """Parties of the exchange, by party id. Default: none yet."""
    exchange: references.SiteReference | None = None
    """The exchange through which other parties are reached. Default: none."""
    peers: Mapping[references.PartyId, references.SiteReference] = pydantic.Field(default_factory=dict)
    """Parties that are reached directly, by party id. Default: none."""
    eggroll: eggroll_engine.Eggroll = eggroll_engine.Eggroll()
    """Engine of backend `eggroll`."""
    spark: spark_engine.Spark = spark_engine.Spark()
    """Computing of the Spark backends."""
    hdfs: spark_engine.Hdfs = spark_engine.Hdfs()
    """Storage of the Spark backends."""
    hive: spark_engine.Hive | None = None
    """Storage of the Spark backends instead of `hdfs`. Default: none."""
    rabbitmq: transports.RabbitMQ = transports.RabbitMQ()
    """Transport of backend `spark_rabbitmq`."""
    pulsar: transports.Pulsar = transports.Pulsar()
    """Transport of the Pulsar backends."""
    nginx: transports.Nginx = transports.Nginx()
    """Router of fateflow's messages for the Spark backends."""
    mysql: services.Mysql = services.Mysql()
    """Database of metadata."""
    fateflow: services.Fateflow = services.Fateflow()
    """Scheduler and API."""
    fateboard: services.Fateboard = services.Fateboard()
    """Page of jobs and results."""
    notebook: services.Notebook = services.Notebook()
    """Notebook to submit jobs from."""

    @property
    def site(self) -> str:
        """Name of the site, unique in the federation: what its resources are called after."""
        return f"fate-{self.name if self.party_id is None else self.party_id}"

    @property
    def is_exchange(self) -> bool:
        """Whether the site is an exchange."""
        return self.role is vocabulary.Role.EXCHANGE

    @property
    def carries(self) -> vocabulary.Carrier:
        """What the site meets others over. ``ValueError`` when neither backend nor transport is set, which ``parse``
        refuses."""
        chosen = self.transport or self.backend
        if chosen is None:
            raise ValueError("the site has neither a backend nor a transport")
        return vocabulary.CARRIED_BY[chosen]

    @property
    def others(self) -> Mapping[str, references.SiteReference]:
        """Every other site that is linked, by the path of its key."""
        named = {f"peers.{number}": site for number, site in self.peers.items()}
        named |= {f"parties.{number}": site for number, site in self.parties.items()}
        return {**named, **({"exchange": self.exchange} if self.exchange else {})}

    @property
    def namespace(self) -> str:
        """Kubernetes namespace, given or derived from the site."""
        return self.kubernetes.namespace or self.site

    @property
    def image_tag(self) -> str:
        """Tag of FATE's own images, given or derived from the version."""
        return self.images.tag or f"{self.fate_version}-release"

    @property
    def processors_per_node(self) -> int:
        """Processes that each nodemanager starts for a job, given or a share of ``compute_cores``, rounded up."""
        nodes = self.eggroll.nodemanager
        return nodes.processors_per_node or -(-self.compute_cores // nodes.replicas)

    @property
    def worker_cores(self) -> int:
        """Cores that each Spark worker lends, given or a share of ``compute_cores``, rounded up."""
        workers = self.spark.worker
        return workers.cores or -(-self.compute_cores // workers.replicas)

    @property
    def gpus(self) -> int:
        """GPUs of fateflow, given or one where the images are built for them."""
        return self.fateflow.gpus or (1 if self.images.device is vocabulary.Device.GPU else 0)

    def port(self, site: references.Endpoint) -> int:
        """Port to dial at a party's ``site`` for data, given or the one of this site's transport."""
        return site.port or vocabulary.TRANSPORT_PORTS[self.carries]

    def hosts(self, workload: str, ingress: shared.Ingress) -> tuple[str, ...]:
        """Host names under which an Ingress shows the page of ``workload``; none: there is no Ingress."""
        domain = self.kubernetes.ingress_domain
        if ingress.enabled is False or not (ingress.hosts or domain):
            return ()
        return ingress.hosts or (f"{workload}.{self.namespace}.{domain}",)

    def retains(self, storage: shared.Storage) -> bool:
        """Whether the data in ``storage`` outlives ``pulumi destroy``."""
        return self.retain_data if storage.retain is None else storage.retain

    def storage_class(self, storage: shared.Storage) -> str | None:
        """StorageClass for ``storage``; ``None``: the cluster's default."""
        return storage.storage_class or self.kubernetes.storage_class

    def warnings(self) -> tuple[str, ...]:
        """What is allowed but likely to disappoint, one sentence each."""
        plain = [
            f"fate:{path}.tls is false: {site.host} is sent data in the clear, and can send some here only with TLS; "
            "set fate:tls to false where both are to do without"
            for path, site in self.others.items()
            if self.tls and isinstance(site, references.Endpoint) and not site.tls
        ]
        few = f"fate:computeCores: {self.compute_cores} is below 8, which FATE's examples ask for"
        few = f"{few}; fateflow will refuse them"
        return (*plain, *((few,) if self.compute_cores < 8 and not self.is_exchange else ()))
