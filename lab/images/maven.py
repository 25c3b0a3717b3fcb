"""Java programs for the lab images: their jars, resolved from Maven Central with Maven itself.

Debian's Maven resolves some of these trees for hours, so it only fetches the one that does it in seconds.
"""

import fnmatch
import json
import pathlib
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from xml.sax import saxutils

from .. import errors, packages, paths
from . import payload

VERSION = "3.9.9"
"""Of Maven; each version is on Maven Central as an archive."""
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
CACHE = paths.IMAGES / "maven"
"""Maven and its repository: what several programs need is fetched once."""
SECONDS = 900.0
_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>fate.lab</groupId>
  <artifactId>jars</artifactId>
  <version>1</version>
  <dependencyManagement>
    <dependencies>{boms}</dependencies>
  </dependencyManagement>
  <dependencies>{jars}</dependencies>
</project>
"""


def jars(
    name: str, wanted: Sequence[str], *, folder: str, boms: Sequence[str] = (), unused: Sequence[str] = ()
) -> payload.Payload:
    """The jars of ``wanted`` and all they need at run time, in ``folder``, without those that match ``unused``.

    ``wanted`` and ``boms``: ``group:artifact:version``. A release on Maven Central never changes and names the
    versions of what it needs, so equal words are equal jars. ``name``: of the tar in the cache. ``folder``: from the
    image's root, without a slash in front.
    """
    pom = _POM.format(
        boms="".join(_dependency(each, "<type>pom</type><scope>import</scope>") for each in boms),
        jars="".join(_dependency(each, "") for each in wanted),
    )
    recipe = json.dumps([VERSION, PLUGIN, pom, folder, list(unused)])
    return payload.Payload(recipe, name, lambda to: _make(to, pom, folder, unused))


def _dependency(coordinates: str, more: str) -> str:
    group, artifact, version = (saxutils.escape(part) for part in coordinates.split(":"))
    names = f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
    return f"<dependency>{names}{more}</dependency>"


def _make(to: pathlib.Path, pom: str, folder: str, unused: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(dir=to.parent) as work:
        (pathlib.Path(work) / "pom.xml").write_text(pom, encoding="utf-8")
        copy = (f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=jars")
        _run([str(_maven()), *copy], pathlib.Path(work))
        with tarfile.open(to, "w") as tree:
            for jar in sorted((pathlib.Path(work) / "jars").iterdir()):
                if not any(fnmatch.fnmatch(jar.name, each) for each in unused):
                    found = tree.gettarinfo(jar)
                    with jar.open("rb") as content:
                        tree.addfile(payload.plain(found, f"{folder}/{jar.name}"), content)


def _maven() -> pathlib.Path:
    """The Maven of ``VERSION``, fetched when the cache has none."""
    program = CACHE / f"apache-maven-{VERSION}" / "bin" / "mvn"
    if not program.is_file():
        packages.require({"mvn": "maven"})
        with tempfile.TemporaryDirectory(dir=paths.IMAGES) as work:
            archive = f"org.apache.maven:apache-maven:{VERSION}:tar.gz:bin"
            _run(["mvn", f"{PLUGIN}:copy", f"-Dartifact={archive}", "-DoutputDirectory=."], pathlib.Path(work))
            CACHE.mkdir(parents=True, exist_ok=True)
            with tarfile.open(pathlib.Path(work) / f"apache-maven-{VERSION}-bin.tar.gz") as tar:
                tar.extractall(CACHE, filter="data")
    return program


def _run(command: Sequence[str], folder: pathlib.Path) -> None:
    quiet = ["--batch-mode", "--quiet", f"-Dmaven.repo.local={CACHE / 'repository'}"]
    try:
        done = subprocess.run(
            [*command, *quiet], cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise errors.LabError(f"Maven had not fetched what {' '.join(command)} needs after {SECONDS:g} s") from None
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[:6])
        raise errors.LabError(f"Maven could not fetch what a lab image is made of:\n{said}")
