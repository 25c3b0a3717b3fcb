"""Spark of FATE 1.11: what its daemons are started with, and what fateflow reads."""

import re
import subprocess

import pytest

from components.versions import fate_1_11 as fate

pytestmark = pytest.mark.unit
FOUR_GIB = 4096


def properties(text: str) -> dict[str, str]:
    """The lines of a properties file, as Spark reads them."""
    return dict(line.split("=", 1) for line in text.splitlines())


def workers(compute_cores: int = 8, number: int = 2, memory: int = FOUR_GIB) -> fate.spark.Workers:
    """What workers lend."""
    return fate.spark.workers(compute_cores=compute_cores, number=number, memory=memory)


@pytest.mark.parametrize(("compute_cores", "number", "each"), [(8, 2, 4), (7, 2, 3), (1, 1, 1), (9, 3, 3)])
def test_one_number_of_cores_feeds_fateflow_and_the_workers(compute_cores: int, number: int, each: int) -> None:
    """Where fateflow admits more than the workers have, jobs wait for ever."""
    offered = workers(compute_cores, number)
    block = fate.spark.block(home="/x", cores=offered.cores, nodes=offered.number)["fate_on_spark"]["spark"]
    assert (block["cores_per_node"], block["nodes"]) == (each, number)
    assert f"--cores {each} " in fate.spark.worker_command(offered)[-1]


@pytest.mark.parametrize("memory", [1229, 2048, FOUR_GIB, 65536])
def test_a_worker_lends_only_what_its_container_has(memory: int) -> None:
    """A worker that lends its container's whole memory is killed with all its executors by the first big job."""
    offered = workers(memory=memory)
    assert offered.memory >= fate.spark.LEAST_MEMORY
    assert offered.memory * 1.4 + fate.spark.DAEMON_MEMORY <= memory
    assert f"--memory {offered.memory}M " in fate.spark.worker_command(offered)[-1]


@pytest.mark.parametrize("task_cores", [1, 2, 4, 8, 100])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_memory_lets_every_core_be_used(number: int, task_cores: int) -> None:
    """Executors that are too big for a worker leave cores idle; one that fits nowhere leaves a job waiting."""
    offered = workers(compute_cores=12, number=number)
    executor = offered.executor_memory(task_cores)
    each = min(max(1, task_cores // number), offered.cores)
    assert executor <= offered.memory
    if executor > fate.spark.LEAST_MEMORY:
        assert executor * (offered.cores // each) <= offered.memory


def test_too_little_is_refused_with_what_is_needed() -> None:
    """A worker without memory for one executor registers well, and the first job hangs."""
    with pytest.raises(ValueError, match=r"computeCores is 1 for 2 Spark workers"):
        workers(compute_cores=1)
    with pytest.raises(ValueError, match=r"computeCores is 4 for 0 Spark workers"):
        workers(compute_cores=4, number=0)
    with pytest.raises(ValueError, match=r"1024 MiB of memory, which leaves 365 MiB.*to 1229 MiB or more"):
        workers(memory=1024)
    assert workers(memory=1229).memory == fate.spark.LEAST_MEMORY


@pytest.mark.parametrize("memory", [256, 512, FOUR_GIB])
def test_the_daemons_are_the_first_process_with_a_bounded_heap(memory: int) -> None:
    """A shell before Java swallows the stop signal; a JVM without a heap of its own takes a quarter of the host."""
    for command, heap in (
        (fate.spark.master_command(memory), max(128, memory // 2)),
        (fate.spark.worker_command(workers()), 256),
    ):
        script = command[-1]
        assert subprocess.run(["bash", "-n", "-c", script], check=False).returncode == 0
        assert f"SPARK_DAEMON_MEMORY={heap}m" in script
        assert script.rpartition("&& ")[2].startswith("exec /spark/bin/spark-class org.apache.spark.deploy.")


def test_the_master_binds_no_name_of_a_service() -> None:
    """On Kubernetes the service's address is no address of the pod's: a master told to bind it never starts."""
    script = fate.spark.master_command(512)[-1]
    assert "--host" not in script
    assert "--ip" not in script
    assert fate.spark.worker_command(workers())[-1].endswith(" spark://spark-master:7077")


def test_no_script_holds_what_kubernetes_would_replace() -> None:
    """``$(NAME)`` in a command is replaced by the kubelet, and what is left no longer works."""
    commands = (
        fate.spark.master_command(512),
        fate.spark.worker_command(workers()),
        fate.spark.master_probe(),
        fate.spark.worker_probe(),
    )
    for command in commands:
        assert not re.search(r"\$\(\w+\)|\$\$", " ".join(command))


def test_tasks_share_the_cluster() -> None:
    """A standalone master gives the first task every core unless it is bounded; then two parties' jobs wait forever."""
    read = properties(fate.spark.defaults(master=fate.spark.MASTER_URL, task_cores=4, executor_memory=1280))
    assert read == {
        "spark.master": "spark://spark-master:7077",
        "spark.cores.max": "4",
        "spark.ui.reverseProxy": "true",
        "spark.executor.memory": "1280m",
    }


def test_executors_elsewhere_find_every_driver() -> None:
    """Executors of a Spark outside the site dial fateflow: a port that is not open, and the job hangs."""
    driver = fate.spark.Driver(host="fate.example.org", port=30100, block_manager_port=30200, tasks=3)
    read = properties(
        fate.spark.defaults(master="spark://s:7077", task_cores=4, driver=driver, python="/py/bin/python")
    )
    assert read["spark.driver.host"] == "fate.example.org"
    assert read["spark.driver.bindAddress"] == "0.0.0.0"
    tries = int(read["spark.port.maxRetries"]) + 1
    dialled = {int(read[f"spark.{each}.port"]) + n for each in ("driver", "driver.blockManager") for n in range(tries)}
    assert dialled == set(driver.numbers().values()) == {30100, 30101, 30102, 30200, 30201, 30202}
    assert read["spark.pyspark.python"] == "/py/bin/python"
    assert all(re.fullmatch(r"[a-z0-9-]{1,15}", name) for name in driver.numbers())


def test_the_operators_own_properties_win() -> None:
    """A property that cannot be set any more would send people back to editing files in containers."""
    further = {"spark.cores.max": "2", "spark.network.timeout": "600s"}
    read = properties(fate.spark.defaults(master="spark://s:7077", task_cores=4, further=further))
    assert (read["spark.cores.max"], read["spark.network.timeout"]) == ("2", "600s")
    assert properties(fate.spark.local_defaults(task_cores=4, further={"spark.master": "local[1]"})) == {
        "spark.master": "local[1]"
    }


def test_a_local_spark_has_threads_and_memory() -> None:
    """``local[*]`` takes every core of the node for each of several tasks at once."""
    assert properties(fate.spark.local_defaults(task_cores=3, memory=2048)) == {
        "spark.master": "local[3]",
        "spark.driver.memory": "2048m",
    }


def test_drivers_give_an_address_and_no_name() -> None:
    """Executors on Kubernetes cannot dial the driver at fateflow's name, and every job hangs at its first stage."""
    script = fate.spark.environment()
    shown = subprocess.run(
        ["bash", "-c", f'{script}printf %s "$SPARK_LOCAL_HOSTNAME"'], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"\d+(\.\d+){3}", shown.stdout)
    assert fate.spark.environment_path("/opt/spark/") == "/opt/spark/conf/spark-env.sh"
    assert fate.spark.defaults_path() == "/data/projects/spark-3.1.3-bin-hadoop3.2/conf/spark-defaults.conf"
