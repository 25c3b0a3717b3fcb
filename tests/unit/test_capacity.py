"""Whether a site fits where it is to run: what is asked, what is read from an engine or a cluster, what is said."""

import pytest

from components.platform import capacity, workload

pytestmark = pytest.mark.unit
HOST = capacity.of_host("8 33567744000")
CLUSTER = capacity.of_cluster("|3920m|15Gi\n|8|32Gi\ntrue|64|512Gi\n")


def asked(
    *, name: str = "nodemanager", cores: float = 1, memory: int = 1024, core_limit: float = 0, replicas: int = 1
) -> capacity.Request:
    """A request that is small but for what is told."""
    return capacity.Request(name=name, cores=cores, memory=memory, core_limit=core_limit, replicas=replicas)


def test_a_host_and_a_cluster_are_read_as_they_answer() -> None:
    """A quantity that is misread refuses a site that fits, or lets one start that cannot run."""
    assert HOST and CLUSTER
    assert (HOST.cores, HOST.memory, HOST.reserved) == (8, 32012, False)
    assert (CLUSTER.cores, CLUSTER.memory) == (11.92, 47 * 1024), "a node that takes no pods has no room"
    assert (CLUSTER.largest_cores, CLUSTER.largest_memory) == (8, 32 * 1024)


@pytest.mark.parametrize("printed", [None, "", "permission denied", "0 0"])
def test_an_engine_that_does_not_answer_ends_nothing(printed: str | None) -> None:
    """The plugin says better why it cannot be reached; a guess here would hide that."""
    assert capacity.of_host(printed) is None
    assert capacity.of_cluster(printed if printed == "" else None) is None


def test_a_command_that_is_missing_or_fails_says_nothing() -> None:
    """A machine without kubectl must still preview."""
    assert capacity.ask(["no-such-command-anywhere"]) is None
    assert capacity.ask(["false"]) is None
    assert capacity.ask(["echo", "8 1024"]) == "8 1024\n"


def test_what_no_node_can_hold_is_an_error_that_names_it() -> None:
    """Such a pod stays Pending until up times out ten minutes later, with the cause in another place."""
    assert CLUSTER
    errors, warnings = capacity.problems([asked(memory=33 * 1024), asked(name="mysql")], CLUSTER)
    (error,) = errors
    assert "nodemanager" in error and "33792 MiB" in error and "32768" in error
    assert not warnings
    assert "9 cores" in capacity.problems([asked(cores=9)], CLUSTER)[0][0]


def test_what_all_nodes_together_cannot_hold_is_a_warning() -> None:
    """Other sites may leave, and a cluster may grow: it may work yet."""
    assert CLUSTER
    errors, warnings = capacity.problems([asked(memory=16 * 1024, replicas=3), asked(cores=8, replicas=2)], CLUSTER)
    assert not errors
    assert ["MiB of memory" in warnings[0], "cores" in warnings[1]] == [True, True]


def test_a_docker_host_holds_nothing_back_but_refuses_a_limit_beyond_its_cores() -> None:
    """Containers share the cores of a host, so what they ask for together is no reason to refuse them."""
    assert HOST
    assert capacity.problems([asked(cores=6, replicas=4)], HOST) == ([], [])
    assert "may use 9 cores" in capacity.problems([asked(core_limit=9)], HOST)[0][0]


def test_few_cores_are_named_before_jobs_wait_for_them() -> None:
    """The smallest job waits forever on a host of two cores, without a word of why."""
    small = capacity.of_host("2 8000000000")
    assert small
    assert "the Docker host has 2 cores, and a party needs 4" in capacity.problems([asked()], small)[1][0]


def test_a_workload_asks_for_all_of_its_containers() -> None:
    """A companion's memory counts too: a node that holds the service alone does not hold its pod."""
    each = workload.Container(name="a", image="i", resources=workload.Resources(cpu=0.5, memory=100, cpu_limit=2))
    service = workload.Workload(name="nodemanager", containers=(each, each), steps=(each,), replicas=3)
    assert service.request == capacity.Request(name="nodemanager", cores=1, memory=200, core_limit=2, replicas=3)
