"""Apache Pulsar for the lab images: the real broker, with the ZooKeeper and BookKeeper that standalone mode runs."""

from . import maven

VERSION = "2.10.2"
UNUSED = (
    *("client-java-*", "bcprov-ext-*", "grpc-xds-*", "kotlin-*", "okhttp-*", "okio-*", "gson-fire-*"),
    *("*-osx-*", "*-windows-*", "*-aarch_64*"),
)
"""Jars for running functions on Kubernetes and for other systems: a quarter of all."""

PULSAR = maven.jars(
    f"pulsar-{VERSION}",
    [f"org.apache.pulsar:pulsar-broker:{VERSION}"],
    boms=[f"org.apache.pulsar:pulsar:{VERSION}"],
    folder="pulsar/lib",
    unused=UNUSED,
)
"""Jars in ``/pulsar/lib``, where the official image has them."""
