"""Where a site runs, as a digest: the same for sites of one host or cluster, and telling nobody which that is."""

import pathlib
from typing import Any

import pytest
import yaml

from stacks import pem, places, settings
from tests import linked


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """Neither engine nor cluster of whoever runs the tests counts."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))


def place(number: int = 9999, **more: Any) -> str | None:
    """Where a party with these settings runs."""
    return places.place(settings.parse({"partyId": str(number), "backend": "eggroll", **more}, "x"))


def kubeconfig(folder: pathlib.Path, server: str) -> str:
    """A file whose current context is one cluster of two."""
    file = folder / f"config-{server[-1]}"
    clusters = [{"name": name, "cluster": {"server": url}} for name, url in (("a", server), ("b", "https://b.example"))]
    contexts = [{"name": name, "context": {"cluster": name, "user": "x"}} for name in ("a", "b")]
    file.write_text(yaml.safe_dump({"clusters": clusters, "contexts": contexts, "current-context": "a"}))
    return str(file)


def test_sites_of_one_docker_host_are_at_one_place() -> None:
    """Two parties of one machine may dial each other's local addresses."""
    here = place(platform="docker")
    assert here is not None
    assert place(10000, platform="docker") == here
    remote = place(platform="docker", docker={"host": "ssh://fate@10.0.0.1:22"})
    assert remote not in (None, here)
    assert place(10000, platform="docker", docker={"host": "ssh://other@10.0.0.1"}) == remote
    assert "10.0.0.1" not in str(remote)


def test_sites_of_one_cluster_are_at_one_place(tmp_path: pathlib.Path) -> None:
    """A name of a Service is good inside its cluster, whatever the file is called that leads there."""
    one = kubeconfig(tmp_path, "https://api.example:1")
    copy = tmp_path / "copy"
    copy.write_text(pathlib.Path(one).read_text())
    first = place(kubernetes={"kubeconfig": one})
    assert first is not None
    assert place(10000, kubernetes={"kubeconfig": str(copy), "context": "a"}) == first
    assert place(kubernetes={"kubeconfig": one, "context": "b"}) not in (None, first)


def test_what_cannot_be_said_is_not_guessed(tmp_path: pathlib.Path) -> None:
    """Rendered YAML goes to whatever cluster; and a broken file is for the provider to name."""
    assert place(kubernetes={"renderTo": "out"}) is None
    assert place() is None
    broken = tmp_path / "broken"
    broken.write_text("clusters: [")
    assert place(kubernetes={"kubeconfig": str(broken)}) is None
    assert place(kubernetes={"kubeconfig": kubeconfig(tmp_path, "https://c.example:2"), "context": "gone"}) is None


def test_certificates_come_as_text_or_as_a_file(tmp_path: pathlib.Path) -> None:
    """What is none is named with its path; a servers' file must hold nothing else."""
    file = tmp_path / "anchors.pem"
    file.write_text(linked.PEM)
    assert pem.load(linked.PEM) == pem.load(str(file)) == linked.PEM
    with pytest.raises(ValueError, match=r"missing\.pem cannot be read \(No such file or directory\)"):
        pem.load(str(tmp_path / "missing.pem"))
    file.write_text("include /etc/passwd;")
    with pytest.raises(ValueError, match=r"anchors\.pem holds no certificates in PEM form"):
        pem.load(str(file))
