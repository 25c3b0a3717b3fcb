"""Which images the lab makes, and from what: a table, so that adding one adds no code."""

import dataclasses
import pathlib

from . import payload, pulsar, spark

HERE = pathlib.Path(__file__).resolve().parent
CONTEXTS = HERE / "contexts"
"""One folder for each image, with its Dockerfile."""
STAND_IN = HERE / "fate"
"""The Python package that plays FATE's services; it is copied into their images as it is."""
SUITE = "bookworm"
"""Debian release that every lab image stands on."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layer:
    """Debian packages laid over another image; images that share a layer share its size and its build time."""

    tag: str
    parent: str | None
    """``None``: the bare Debian that debootstrap makes."""
    packages: tuple[str, ...]
    prune: str = ""
    """Shell command run after the packages are in, for what the stand-ins never use."""
    laid: payload.Payload | None = None
    """Files that no Debian package has, unpacked first."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Image:
    """An image under its official name."""

    tag: str
    parent: str
    """Tag of the layer that its Dockerfile starts from."""
    context: str
    """Folder below ``contexts``."""
    stand_in: bool = True
    """Whether the Python package goes in."""
    target: str | None = None
    """Stage of the Dockerfile that is the image, where several images share one; ``None``: the last."""


DEBIAN = Layer(tag=f"fate-lab/debian:{SUITE}", parent=None, packages=("ca-certificates",))
PYTHON = Layer(
    tag=f"fate-lab/python:{SUITE}",
    parent=DEBIAN.tag,
    packages=("python3", "python3-argon2", "python3-pymysql", "python3-yaml", "tini", "busybox", "curl"),
    prune="cp /usr/bin/tini /tini && ln -sf python3 /usr/bin/python",
)
GRPC = Layer(tag=f"fate-lab/grpc:{SUITE}", parent=PYTHON.tag, packages=("python3-grpcio",))
JAVA = Layer(
    tag=f"fate-lab/java:{SUITE}",
    parent=PYTHON.tag,
    packages=("openjdk-17-jre-headless",),
    prune="ln -sfn /usr/lib/jvm/java-17-openjdk-* /opt/java",
)
SPARK = Layer(
    tag=f"fate-lab/spark:{SUITE}",
    parent=JAVA.tag,
    packages=("procps",),
    laid=spark.SPARK,
)
PULSAR = Layer(
    tag=f"fate-lab/pulsar:{SUITE}",
    parent=JAVA.tag,
    packages=("procps",),
    laid=pulsar.PULSAR,
)
MARIADB = Layer(
    tag=f"fate-lab/mariadb:{SUITE}",
    parent=DEBIAN.tag,
    packages=("mariadb-server-core", "mariadb-client", "bzip2", "xz-utils", "zstd"),
    prune=(
        "cd /usr/bin && rm -f aria_* mariadb-slap mariadb-import mariadb-binlog mariadb-conv mariadb-plugin"
        " mariadb-convert-table-format mariadb-hotcopy mysqlslap mysqlimport mysqlbinlog myisam* innochecksum"
    ),
)
NGINX = Layer(
    tag=f"fate-lab/nginx:{SUITE}",
    parent=DEBIAN.tag,
    packages=("nginx", "libnginx-mod-stream", "curl"),
    prune="rm -rf /etc/nginx/sites-* /etc/nginx/snippets",
)
_HADOOP = "2.0.0-hadoop3.2.1-java8"
RABBITMQ = Layer(
    tag=f"fate-lab/rabbitmq:{SUITE}",
    parent=DEBIAN.tag,
    packages=("rabbitmq-server", "gosu"),
    prune=(
        "ln -s /usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8 /opt/rabbitmq"
        " && rm -f /usr/sbin/rabbitmq* /var/lib/rabbitmq/.erlang.cookie /etc/rabbitmq/rabbitmq-env.conf"
    ),
)
LAYERS = {layer.tag: layer for layer in (DEBIAN, PYTHON, GRPC, JAVA, PULSAR, MARIADB, NGINX, RABBITMQ, SPARK)}

IMAGES = {
    image.tag: image
    for image in (
        Image(tag="mysql:8.0.28", parent=MARIADB.tag, context="mysql", stand_in=False),
        Image(tag="federatedai/eggroll:1.11.2-release", parent=GRPC.tag, context="eggroll"),
        Image(tag="federatedai/fateflow:1.11.2-release", parent=PYTHON.tag, context="fateflow"),
        Image(tag="federatedai/fateboard:1.11.2-release", parent=PYTHON.tag, context="fateboard"),
        Image(tag="federatedai/client:1.11.2-release", parent=PYTHON.tag, context="client"),
        Image(tag="federatedai/spark-master:1.11.2-release", parent=SPARK.tag, context="spark-master", stand_in=False),
        Image(tag="federatedai/spark-worker:1.11.2-release", parent=SPARK.tag, context="spark-worker", stand_in=False),
        Image(tag="federatedai/fateflow-spark:1.11.2-release", parent=SPARK.tag, context="fateflow-spark"),
        Image(tag="apachepulsar/pulsar:2.10.2", parent=PULSAR.tag, context="pulsar", stand_in=False),
        Image(tag="fluent/fluent-bit:2.1.4", parent=PYTHON.tag, context="fluent-bit"),
        *(
            Image(
                tag=f"federatedai/hadoop-{node}:{_HADOOP}",
                parent=JAVA.tag,
                context="hadoop",
                stand_in=False,
                target=node,
            )
            for node in ("namenode", "datanode")
        ),
        Image(tag="rabbitmq:3.10.8-management", parent=RABBITMQ.tag, context="rabbitmq", stand_in=False),
        Image(tag="nginx:1.22.1", parent=NGINX.tag, context="nginx", stand_in=False),
    )
}
