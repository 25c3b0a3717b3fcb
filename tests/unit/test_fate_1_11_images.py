"""Image references of FATE 1.11."""

import pytest

from components.versions import fate_1_11, line

pytestmark = pytest.mark.unit

FATE = ("eggroll", "fateflow", "fateboard", "client", "spark-master", "spark-worker")
OTHERS = ("mysql", "fluent-bit", "nginx", "rabbitmq", "pulsar", "hadoop-namenode", "hadoop-datanode")
COMPONENTS = (*FATE, *OTHERS)


def plain(component: str, **changes: str) -> str:
    """The reference with every choice at its default except ``changes``."""
    chosen = {"algorithm": "Basic", "device": "CPU"} | changes
    return fate_1_11.image(
        component, registry=None, tag=None, algorithm=chosen["algorithm"], device=chosen["device"], spark=False
    )


@pytest.mark.parametrize(
    ("algorithm", "device", "spark", "eggroll", "fateflow"),
    [
        ("Basic", "CPU", False, "eggroll", "fateflow"),
        ("NN", "CPU", False, "eggroll-nn", "fateflow-nn"),
        ("ALL", "CPU", False, "eggroll-all", "fateflow-all"),
        ("Basic", "IPCL", False, "eggroll-ipcl", "fateflow-ipcl"),
        ("NN", "GPU", False, "eggroll-nn-gpu", "fateflow-nn-gpu"),
        ("ALL", "GPU", False, "eggroll-all-gpu", "fateflow-all-gpu"),
        ("Basic", "CPU", True, "eggroll", "fateflow-spark"),
        ("NN", "GPU", True, "eggroll-nn-gpu", "fateflow-spark-nn-gpu"),
        ("basic", "ipcl", True, "eggroll-ipcl", "fateflow-spark-ipcl"),
    ],
)
def test_variants_follow_the_names_that_fate_publishes(
    algorithm: str, device: str, spark: bool, eggroll: str, fateflow: str
) -> None:
    """A suffix in the wrong order is an image that nobody can pull."""
    for component, expected in (("eggroll", eggroll), ("fateflow", fateflow)):
        reference = fate_1_11.image(component, registry=None, tag=None, algorithm=algorithm, device=device, spark=spark)
        assert reference == f"federatedai/{expected}:1.11.2-release"


@pytest.mark.parametrize(
    ("algorithm", "device", "worker"),
    [
        ("Basic", "CPU", "spark-worker"),
        ("NN", "GPU", "spark-worker-nn-gpu"),
        ("ALL", "GPU", "spark-worker-all-gpu"),
        ("Basic", "IPCL", "spark-worker-ipcl"),
    ],
)
def test_workers_have_the_algorithms_of_fateflow(algorithm: str, device: str, worker: str) -> None:
    """Executors import what the driver imports: a worker without torch fails the job that fateflow accepted."""
    assert plain("spark-worker", algorithm=algorithm, device=device) == f"federatedai/{worker}:1.11.2-release"


@pytest.mark.parametrize("component", sorted({*COMPONENTS} - {"eggroll", "fateflow", "spark-worker"}))
def test_what_exists_once_has_no_variants(component: str) -> None:
    """FATE publishes no fateboard-nn-gpu: a GPU party would never start its board."""
    assert plain(component, algorithm="NN", device="GPU") == plain(component)


@pytest.mark.parametrize("registry", ["mirror.example:5000/fate", "mirror.example:5000/fate/"])
@pytest.mark.parametrize("component", COMPONENTS)
def test_the_registry_covers_every_image(component: str, registry: str) -> None:
    """An offline site that must still reach a public registry for one image is not offline."""
    mirrored = fate_1_11.image(component, registry=registry, tag=None, algorithm="Basic", device="CPU")
    assert mirrored == f"mirror.example:5000/fate/{plain(component)}"


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_tag_is_for_fate_only_and_no_image_floats(component: str) -> None:
    """FATE's tag on mysql is an image that does not exist; a floating one moves data to another version."""
    tagged = fate_1_11.image(component, registry=None, tag="mine", algorithm="Basic", device="CPU")
    assert tagged.endswith(":mine") is (component in FATE)
    assert plain(component).rpartition(":")[2][0].isdigit()


def test_unknown_words_are_refused_with_the_known_ones() -> None:
    """A typing error shows what was meant instead of an image that cannot be pulled."""
    with pytest.raises(ValueError, match=r"'rollsite'.*eggroll"):
        plain("rollsite")
    with pytest.raises(ValueError, match=r"'Deep'.*NN"):
        plain("eggroll", algorithm="Deep")
    with pytest.raises(ValueError, match=r"'TPU'.*IPCL"):
        plain("fateboard", device="TPU")


def test_line_knows_its_version_and_names_it_for_others() -> None:
    """A wrong fateVersion must say which versions there are."""
    assert line("1.11.2").VERSION == "1.11.2"
    with pytest.raises(ValueError, match=r"'1\.7\.0'.*1\.11\.2"):
        line("1.7.0")
