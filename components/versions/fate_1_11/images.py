"""Which image runs which service."""

VERSION = "1.11.2"
"""The release of FATE that this line deploys unless a tag says otherwise."""
TAG = f"{VERSION}-release"
"""How the FATE project tags the images of a release."""

_FATE = ("eggroll", "fateflow", "fateboard", "client", "spark-master", "spark-worker")
_VARIANTS = ("eggroll", "fateflow", "spark-worker")
_OTHERS = {
    "mysql": "mysql:8.0.28",
    "fluent-bit": "fluent/fluent-bit:2.1.4",
    "hadoop-namenode": "federatedai/hadoop-namenode:2.0.0-hadoop3.2.1-java8",
    "hadoop-datanode": "federatedai/hadoop-datanode:2.0.0-hadoop3.2.1-java8",
    "nginx": "nginx:1.22.1",
    "pulsar": "apachepulsar/pulsar:2.10.2",
    "rabbitmq": "rabbitmq:3.10.8-management",
}
_ALGORITHMS = {"BASIC": "", "NN": "-nn", "ALL": "-all"}
_DEVICES = {"CPU": "", "IPCL": "-ipcl", "GPU": "-gpu"}


def image(
    component: str, *, registry: str | None, tag: str | None, algorithm: str, device: str, spark: bool = False
) -> str:
    """Full reference of the image that runs ``component``.

    ``component``: ``eggroll``, ``fateflow``, ``fateboard``, ``client``, ``spark-master``, ``spark-worker``, ``mysql``,
    ``fluent-bit``, ``hadoop-namenode``, ``hadoop-datanode``, ``nginx``, ``pulsar`` or ``rabbitmq``.
    ``registry``: put before every reference, the ones that are not FATE's included, so that a mirror can serve a
    site that reaches nothing else; ``None``: the public places. ``tag``: of the FATE images only, default ``TAG``;
    the others are pinned because a floating tag once carried data to a version that nothing could go back from.
    ``algorithm``: ``Basic``, ``NN`` or ``ALL``; ``device``: ``CPU``, ``IPCL`` or ``GPU``, in any case; ``spark``:
    fateflow computes with Spark. They select variants of eggroll, fateflow and spark-worker; the rest exists once.
    Raises ``ValueError`` for a word that is none of these.
    """
    suffix = _choice("algorithm", algorithm, _ALGORITHMS) + _choice("device", device, _DEVICES)
    if component in _OTHERS:
        reference = _OTHERS[component]
    elif component in _FATE:
        variant = suffix if component in _VARIANTS else ""
        kind = "-spark" if spark and component == "fateflow" else ""
        reference = f"federatedai/{component}{kind}{variant}:{tag or TAG}"
    else:
        known = ", ".join((*_FATE, *_OTHERS))
        raise ValueError(f"FATE {VERSION} has no component {component!r}; it has {known}")
    return f"{registry.rstrip('/')}/{reference}" if registry else reference


def _choice(what: str, word: str, suffixes: dict[str, str]) -> str:
    try:
        return suffixes[word.upper()]
    except KeyError:
        known = ", ".join(suffixes)
        raise ValueError(f"{what} {word!r} has no images of FATE {VERSION}; choose one of {known}") from None
