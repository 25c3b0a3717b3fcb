"""Apache Spark for the lab images: what PyPI's ``pyspark`` holds, laid out as Spark's own archive is."""

import fnmatch
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from .. import errors
from . import payload

VERSION = "3.4.4"
"""The last line of Spark 3 that speaks to Python 3.11 and Java 17, Debian's own; FATE's images have 3.1.3."""
HOME = "opt/spark"
"""Where it lies in every image, which link their own places to it."""
FOLDERS = {"deps/jars": "jars", "deps/bin": "bin", "deps/sbin": "sbin", "lib": "python/lib"}
"""Folder of the source archive to folder below the home."""
UNUSED = (
    *("rocksdbjni-*", "hive-*", "datanucleus-*", "derby-*", "mesos-*", "kubernetes-*", "spark-kubernetes*"),
    *("spark-mesos*", "spark-yarn*", "spark-hive*", "spark-mllib*", "spark-graphx*", "spark-repl*", "spark-streaming*"),
    *(
        "breeze*",
        "spire*",
        "cats-kernel*",
        "algebra*",
        "scala-compiler*",
        "arpack*",
        "blas*",
        "lapack*",
        "JTransforms*",
    ),
    *(
        "tink-*",
        "zookeeper-*",
        "curator-*",
        "arrow-*",
        "okhttp*",
    ),
    *("logging-interceptor*", "jline*", "*.cmd"),
)
"""Jars of engines and libraries that standalone clusters and RDD jobs never load: half of the archive."""
_DOWNLOAD_SECONDS = 600


def _make(to: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        try:
            done = subprocess.run(
                [*command, "--dest", folder, f"pyspark=={VERSION}"],
                capture_output=True,
                text=True,
                timeout=_DOWNLOAD_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise errors.LabError(f"pyspark {VERSION} was not downloaded within {_DOWNLOAD_SECONDS} s") from None
        if done.returncode:
            last = "\n".join(done.stderr.splitlines()[-4:])
            raise errors.LabError(f"lab images with Spark are made of PyPI's pyspark {VERSION}, and pip said:\n{last}")
        (archive,) = pathlib.Path(folder).glob("pyspark-*.tar.gz")
        with tarfile.open(archive) as source, tarfile.open(to, "w") as tree:
            _copy(source, tree)


def _copy(source: tarfile.TarFile, tree: tarfile.TarFile) -> None:
    for member in source:
        path = pathlib.PurePosixPath(*pathlib.PurePosixPath(member.name).parts[1:])
        folder = FOLDERS.get(str(path.parent))
        if folder is None or not member.isfile() or any(fnmatch.fnmatch(path.name, each) for each in UNUSED):
            continue
        tree.addfile(payload.plain(member, f"{HOME}/{folder}/{path.name}"), source.extractfile(member))


SPARK = payload.Payload(json.dumps([VERSION, HOME, FOLDERS, UNUSED]), f"spark-{VERSION}", _make)
"""Spark at ``/opt/spark``."""
