"""Spark of FATE 1.11: how its master and workers start, and how fateflow submits jobs to them.

fateflow starts every task with ``spark-submit`` of the Spark in its image, and reads the master from that Spark's
``spark-defaults.conf``. Executors import FATE, which reads ``conf/service_conf.yaml``: the one in the workers' image
will do, because only drivers use what differs between sites, so workers hold no password.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from . import paths, ports, properties

HOME = "/spark"
"""Spark in the images of master and worker."""
CLIENT_HOME = "/data/projects/spark-3.1.3-bin-hadoop3.2/"
"""Spark in the image of fateflow."""
MASTER_HOST = "spark-master"
WORKER_HOST = "spark-worker"
MASTER_URL = f"spark://{MASTER_HOST}:{ports.SPARK_MASTER}"
LOCAL_DATA_PATH = f"{paths.ROOT}/localfs"
"""Where fateflow keeps tables when the storage engine is ``localfs``."""

DAEMON_MEMORY = 512
"""MiB that a worker itself needs: a heap of half of that (it only starts and watches executors) and its JVM."""
LEAST_MEMORY = 512
"""MiB of the smallest useful executor; Spark refuses one below 450."""
# Spark takes the container's name, which on Kubernetes nobody else can resolve.
_OWN_ADDRESS = "SPARK_LOCAL_HOSTNAME=$(python3 -c 'import socket; print(socket.gethostbyname(socket.gethostname()))')"
_OVERHEAD = 0.4
"""Memory of an executor outside its JVM (Python, buffers) by its JVM's; Spark's own figure for Python jobs."""
# Pages of workers and drivers, which nobody outside the site reaches, are shown through the master's.
_OPTIONS = "-Dspark.ui.reverseProxy=true"
# Folders of ended jobs are removed after a week (Spark's own time), and a master that comes back under another
# address is found by its name again.
_WORKER_OPTIONS = "-Dspark.worker.cleanup.enabled=true -Dspark.worker.preferConfiguredMasterAddress=true"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workers:
    """What the workers of a party lend to jobs."""

    number: int
    cores: int
    """Of each."""
    memory: int
    """MiB of each, for the JVMs of executors."""

    def executor_memory(self, task_cores: int) -> int:
        """MiB of one executor of a task, such that all cores of a worker can be used at once."""
        # As fateflow spreads a task's cores over the nodes.
        each = min(max(1, task_cores // self.number), self.cores)
        return max(LEAST_MEMORY, self.memory * each // self.cores)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Driver:
    """Where executors that are not in the site's network dial the drivers, which fateflow starts one for each task."""

    host: str
    port: int
    """Of the first driver; each further one takes the next."""
    block_manager_port: int
    """The same for the blocks that a driver serves."""
    tasks: int = 16
    """How many tasks run at once, and so how many ports of either kind are used; Spark's own number of tries."""

    def numbers(self) -> dict[str, int]:
        """Every port of fateflow that executors dial, by name."""
        first = {"driver": self.port, "blocks": self.block_manager_port}
        return {f"{kind}-{task}": port + task for kind, port in first.items() for task in range(self.tasks)}


def cores_per_worker(compute_cores: int, number: int) -> int:
    """Cores of each of ``number`` workers that share ``compute_cores``.

    The one number behind fateflow's admission of jobs and what workers offer. Rounded down, so that a party never
    promises more than it has. ``ValueError`` when a worker would get none.
    """
    if number < 1 or compute_cores < number:
        raise ValueError(
            f"computeCores is {compute_cores} for {number} Spark workers; each needs at least one core, "
            "so raise computeCores or lower the number of workers"
        )
    return compute_cores // number


def workers(*, compute_cores: int, number: int, memory: int) -> Workers:
    """``number`` workers that share ``compute_cores``, each in a container of ``memory`` MiB.

    ``ValueError`` when a worker would get no core, or too little memory for an executor.
    """
    cores = cores_per_worker(compute_cores, number)
    offered = int((memory - DAEMON_MEMORY) / (1 + _OVERHEAD))
    if offered < LEAST_MEMORY:
        least = int(LEAST_MEMORY * (1 + _OVERHEAD)) + DAEMON_MEMORY + 1
        raise ValueError(
            f"a Spark worker has {memory} MiB of memory, which leaves {max(offered, 0)} MiB to executors, and the "
            f"smallest takes {LEAST_MEMORY} MiB; raise the worker's memory to {least} MiB or more"
        )
    return Workers(number=number, cores=cores, memory=offered)


def master_command(memory: int) -> tuple[str, ...]:
    """Starts the master as the first process, bound to the container's own address; ``memory``: MiB it may take."""
    start = f"Master --port {ports.SPARK_MASTER} --webui-port {ports.SPARK_MASTER_HTTP}"
    return _daemon(start, heap=max(128, memory // 2), options=_OPTIONS)


def worker_command(offered: Workers) -> tuple[str, ...]:
    """Starts a worker that registers at the master and lends what ``offered`` says of each."""
    start = f"Worker --cores {offered.cores} --memory {offered.memory}M --webui-port {ports.SPARK_WORKER_HTTP}"
    return _daemon(f"{start} {MASTER_URL}", heap=DAEMON_MEMORY // 2, options=f"{_OPTIONS} {_WORKER_OPTIONS}")


def master_probe() -> tuple[str, ...]:
    """Exits 0 once the master takes workers and jobs."""
    return _state(ports.SPARK_MASTER_HTTP, '"status" : "ALIVE"')


def worker_probe() -> tuple[str, ...]:
    """Exits 0 once the worker has been registered by the master."""
    return _state(ports.SPARK_WORKER_HTTP, '"masterwebuiurl" : "http')


def defaults_path(home: str = CLIENT_HOME) -> str:
    """The file that every ``spark-submit`` of the Spark in ``home`` reads."""
    return f"{home.rstrip('/')}/conf/spark-defaults.conf"


def environment_path(home: str = CLIENT_HOME) -> str:
    """The script that every ``spark-submit`` of the Spark in ``home`` runs first."""
    return f"{home.rstrip('/')}/conf/spark-env.sh"


def environment() -> str:
    """``spark-env.sh`` of fateflow: drivers tell executors the container's address.

    Spark would tell them its name, behind which Kubernetes has a Service that does not have the drivers' ports.
    """
    return f"{_OWN_ADDRESS}\n"


def block(*, home: str, cores: int, nodes: int) -> dict[str, Any]:
    """Spark's block of service_conf.yaml: ``cores`` on each of ``nodes`` are what fateflow admits jobs by."""
    return {"fate_on_spark": {"spark": {"home": home, "cores_per_node": cores, "nodes": nodes}}}


def defaults(
    *,
    master: str,
    task_cores: int,
    executor_memory: int | None = None,
    driver: Driver | None = None,
    python: str | None = None,
    further: Mapping[str, str] | None = None,
) -> str:
    """``spark-defaults.conf`` of fateflow for the Spark at ``master`` (``spark://host:port``).

    ``task_cores``: cores that one task gets unless its job says otherwise. It must be bounded: a standalone master
    gives the first task every core, and all others wait. ``executor_memory``: MiB of each executor; ``None``: Spark's
    1 GiB. ``driver``: for executors outside the site. ``python``: path on their machines; ``None``: ``python3``.
    ``further``: properties of the operator's own, which win.
    """
    lines = {"spark.master": master, "spark.cores.max": str(task_cores), "spark.ui.reverseProxy": "true"}
    if executor_memory is not None:
        lines["spark.executor.memory"] = f"{executor_memory}m"
    if driver is not None:
        lines |= {
            "spark.driver.host": driver.host,
            "spark.driver.bindAddress": "0.0.0.0",
            "spark.driver.port": str(driver.port),
            "spark.driver.blockManager.port": str(driver.block_manager_port),
            "spark.port.maxRetries": str(driver.tasks - 1),
        }
    if python is not None:
        lines |= {"spark.pyspark.python": python, "spark.pyspark.driver.python": "python"}
    return properties.render({**lines, **(further or {})})


def local_defaults(*, task_cores: int, memory: int | None = None, further: Mapping[str, str] | None = None) -> str:
    """``spark-defaults.conf`` of a fateflow that computes in its own container, each task with ``task_cores``.

    ``memory``: MiB of a task's JVM; ``None``: Spark's 1 GiB.
    """
    lines = {"spark.master": f"local[{task_cores}]"}
    if memory is not None:
        lines["spark.driver.memory"] = f"{memory}m"
    return properties.render({**lines, **(further or {})})


def _daemon(start: str, *, heap: int, options: str) -> tuple[str, ...]:
    variables = f"{_OWN_ADDRESS} SPARK_HOME={HOME} SPARK_DAEMON_MEMORY={heap}m SPARK_DAEMON_JAVA_OPTS='{options}'"
    kind, _, _ = start.partition(" ")
    program = f"{HOME}/bin/spark-class org.apache.spark.deploy.{kind.lower()}.{start}"
    return ("bash", "-c", f"cd / && export {variables} && exec {program}")


def _state(port: int, expected: str) -> tuple[str, ...]:
    """Asks a daemon's own page in the shell: the probe runs every few seconds, and a Python a time would be felt."""
    ask = f"exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET /json/ HTTP/1.0\\r\\n\\r\\n' >&3"
    return ("bash", "-c", f"{ask} && grep -q '{expected}' <&3")
