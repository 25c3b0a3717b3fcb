"""Java libraries of an image: what its ``pom.xml`` names, fetched from Maven Central by Maven and kept."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from .. import errors, packages, paths

POM = "pom.xml"
"""A context with this file gets its libraries beside it, in the folder ``jars``."""
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
"""The plugin's version is fixed, for a pom of ours names only libraries."""


def resolve(pom: pathlib.Path) -> list[pathlib.Path]:
    """The libraries that ``pom`` asks for and all they need; the same pom is fetched once.

    Raises :class:`LabError` when Maven cannot be had or cannot fetch them.
    """
    kept = paths.IMAGES / "jars" / hashlib.sha256(pom.read_bytes()).hexdigest()[:16]
    if not kept.is_dir():
        _fetch(pom, kept)
    return sorted(kept.glob("*.jar"))


def _fetch(pom: pathlib.Path, kept: pathlib.Path) -> None:
    packages.require({"mvn": "maven"})
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        shutil.copy(pom, folder)
        made = pathlib.Path(folder) / "jars"
        options = [f"-DoutputDirectory={made}", "-DincludeScope=runtime"]
        done = subprocess.run(
            ["mvn", "-q", "-B", "-f", f"{folder}/{pom.name}", GOAL, *options],
            env={**os.environ, "MAVEN_OPTS": os.environ.get("MAVEN_OPTS", "-Xmx512m")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
            raise errors.LabError(f"Maven could not fetch the libraries of {pom}:\n{last}")
        # Named as it should be only when it is whole.
        made.rename(kept)
