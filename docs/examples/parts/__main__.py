"""Engines, stores and transports of FATE on their own, in a program that is neither a party nor an exchange.

Each part is a component with an Args class. What it needs of its surroundings is a ``part.Foundation``: a platform, a
database, a name. What it offers is the same for all: ``ready``, ``client``, ``peers``, ``interfaces``,
``credentials``. Leave out what you do not want.
"""

import pathlib
import sys

import pulumi

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))  # where ``components`` lies

from components import args, eggroll, hdfs, mysql, part, pulsar, rabbitmq, spark
from components.platform import docker, kubernetes, workload
from components.versions import fate_1_11 as fate

SITE, PARTY = "fate-9999", 9999
PEER = 10000


def service(component: str, cpu: float, memory: int) -> args.ServiceArgs:
    """A service with FATE's own image of ``component``, and ``memory`` MiB."""
    image = fate.image(component, registry=None, tag=None, algorithm="Basic", device="CPU", spark=True)
    return args.ServiceArgs(image=image, resources=workload.Resources(cpu=cpu, memory=memory))


def disk(size: str) -> args.StorageArgs:
    """A volume that goes with the stack."""
    return args.StorageArgs(size=size, retain=False)


def platform(name: str) -> workload.Platform:
    """Where the parts run; no part knows which it is."""
    if name == "docker":
        return docker.DockerPlatform(docker.DockerArgs(site=SITE))
    return kubernetes.KubernetesPlatform(kubernetes.KubernetesArgs(site=SITE, namespace=SITE))


def main() -> None:
    """One of each."""
    where = platform(pulumi.Config().get("platform") or "docker")
    site = pulumi.ComponentResource("example:parts:Site", SITE, {}, pulumi.ResourceOptions(providers=[where.provider]))
    opts = pulumi.ResourceOptions(parent=site)
    where.open(site)
    server = service("mysql", 0.5, 1024)
    database = mysql.MySQLArgs(image=server.image, resources=server.resources, storage=disk("2Gi"))
    foundation = part.Foundation(
        site=SITE,
        party_id=PARTY,
        platform=where,
        mysql=mysql.MySQL(f"{SITE}-mysql", database, where, opts),
        engines=fate.Engines(computing="eggroll", federation="eggroll", storage="eggroll", proxy="rollsite"),
    )
    parts = (*computing(foundation, opts), *transports(foundation, opts))
    peers = {name: address for each in parts for name, address in each.peers.items()}
    pulumi.export("peers", workload.plain(peers))
    pulumi.export("credentials", {name: login for each in parts for name, login in each.credentials.items()})


def computing(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> tuple[part.Part, ...]:
    """Eggroll, Spark and HDFS."""
    engine = service("eggroll", 0.5, 512)
    told = eggroll.EggrollArgs(
        clustermanager=engine,
        nodemanager=engine,
        rollsite=engine,
        companion=service("fluent-bit", 0.05, 32),
        storage=disk("5Gi"),
        compute_cores=4,
    )
    workers = spark.SparkArgs(
        master=service("spark-master", 0.25, 512),
        worker=service("spark-worker", 1, 1536),
        compute_cores=4,
        workers=1,
    )
    store = hdfs.HdfsArgs(
        namenode=service("hadoop-namenode", 0.25, 512),
        datanode=service("hadoop-datanode", 0.25, 512),
        namenode_storage=disk("1Gi"),
        datanode_storage=disk("10Gi"),
        datanodes=1,
    )
    return (
        eggroll.EggrollEngine(f"{SITE}-eggroll", told, foundation, opts),
        spark.SparkEngine(f"{SITE}-spark", workers, foundation, opts),
        hdfs.HdfsStore(f"{SITE}-hdfs", store, foundation, opts),
    )


def transports(foundation: part.Foundation, opts: pulumi.ResourceOptions) -> tuple[part.Part, ...]:
    """RabbitMQ and Pulsar, each with one peer."""
    queue, broker = service("rabbitmq", 0.25, 512), service("pulsar", 0.5, 1024)
    queues = rabbitmq.RabbitMQArgs(
        image=queue.image,
        resources=queue.resources,
        storage=disk("2Gi"),
        peers={PEER: fate.Hop(host="peer.example.org", port=5672)},
    )
    topics = pulsar.PulsarArgs(
        image=broker.image,
        resources=broker.resources,
        storage=disk("2Gi"),
        peers={PEER: fate.pulsar.Broker(host="peer.example.org", port=6650)},
    )
    return (
        rabbitmq.RabbitMQTransport(f"{SITE}-rabbitmq", queues, foundation, opts),
        pulsar.PulsarTransport(f"{SITE}-pulsar", topics, foundation, opts),
    )


main()
