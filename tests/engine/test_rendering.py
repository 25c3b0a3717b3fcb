"""A party as YAML on disk by the real engine, without a cluster; and what bad input looks like to its user."""

import os
import pathlib
import subprocess
from collections.abc import Callable, Iterator

import pytest
import yaml

from lab import paths
from tests import parties

pytestmark = pytest.mark.seconds(45)
Mount = Callable[[str], pathlib.Path]


@pytest.fixture
def party(tmp_path: pathlib.Path) -> parties.Party:
    """A party that writes into ``tmp_path/yaml``."""
    return parties.Party(tmp_path, 9301, kubernetes={"renderTo": str(tmp_path / "yaml")})


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> parties.Party:
    """A party that is up; whoever changes it is last."""
    folder = tmp_path_factory.mktemp("rendered")
    made = parties.Party(folder, 9301, kubernetes={"renderTo": str(folder / "yaml")})
    made.up()
    return made


@pytest.fixture
def exchange(tmp_path: pathlib.Path) -> parties.Exchange:
    """An exchange that is not up yet: few files, where it does not matter whose they are."""
    return parties.Exchange(tmp_path)


@pytest.fixture
def mount(tmp_path: pathlib.Path) -> Iterator[Mount]:
    """Mounts a small file system with the given options at ``tmp_path/small``; again with others."""
    if os.geteuid() != 0 and os.environ.get("CI") != "true":
        pytest.skip("only root can mount a file system")
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)

    def again(options: str) -> pathlib.Path:
        subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
        return folder

    yield again
    subprocess.run(["umount", str(folder)], check=True)


def manifests(party: parties.Party) -> dict[str, str]:
    """Rendered files by name."""
    return {file.name: file.read_text() for file in (party.folder / "yaml").rglob("*.yaml")}


def test_a_party_is_rendered_whole_and_a_second_up_changes_nothing(rendered: parties.Party) -> None:
    """The first thing a newcomer runs; and a plan that always shows something is not read."""
    made = manifests(rendered)
    kinds = sorted(yaml.safe_load(text)["kind"] for text in made.values())
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "Namespace": 1,
        "ConfigMap": 7,
        "Secret": 8,
        "Service": 10,
        "StatefulSet": 4,
        "Deployment": 4,
        "NetworkPolicy": 2,
        "PersistentVolumeClaim": 4,
    }
    assert rendered.up().touched() == set()
    assert manifests(rendered) == made
    assert parties.hidden(rendered.export(), rendered.passwords())


def test_a_kill_leaves_no_state_that_cannot_be_read(rendered: parties.Party) -> None:
    """Attributes beside a checkpoint are rewritten in place: killed meanwhile, a run is the last one of its stack."""
    kept = [file.name for file in (rendered.folder / "state").rglob("*") if file.is_file()]
    assert f"{rendered.stack}.json" in kept
    assert not [name for name in kept if name.endswith(".attrs")]
    assert "'file://~/.fate-state?metadata=skip'" in (paths.ROOT / "README.md").read_text()


def test_one_setting_rewrites_one_file_and_destroy_removes_all(rendered: parties.Party) -> None:
    """A pull request that shows thirty files for one limit is not reviewed."""
    before = manifests(rendered)
    rendered.change(mysql={"resources": {"memoryLimit": "2Gi"}})
    assert rendered.preview().touched() == {f"{rendered.site}-mysql"}
    assert manifests(rendered) == before
    rendered.up()
    after = manifests(rendered)
    assert {name for name in after if after[name] != before.get(name)} == {
        f"apps_v1-statefulset-{rendered.site}-mysql.yaml"
    }
    rendered.destroy()
    assert manifests(rendered) == {}


def test_all_mistakes_are_reported_at_once_and_nothing_is_touched(party: parties.Party) -> None:
    """One mistake a run costs a newcomer an afternoon; half a site costs a day."""
    party.change(backend="egroll", partyId="-1", kubernets={}, computeCores="two", mysql={"password": "in-the-clear"})
    result = party.preview(ok=False)
    for expected in ("fate:backend", "eggroll", "fate:partyId", "fate:kubernets", "fate:computeCores", "--secret"):
        assert expected in result.text
    assert "Traceback" not in result.text
    assert "in-the-clear" not in result.text
    assert party.up(ok=False).touched() == set()
    assert not (party.folder / "yaml").exists()


def test_an_unreachable_cluster_is_named(party: parties.Party) -> None:
    """A kubeconfig of yesterday's cluster is the most usual mistake of all."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "gone",
        "contexts": [{"name": "gone", "context": {"cluster": "gone", "user": "nobody"}}],
        "clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "nobody", "user": {}}],
    }
    file = party.folder / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    party.change(kubernetes={"kubeconfig": str(file)})
    result = party.up(ok=False)
    assert "unreachable" in result.text
    assert "127.0.0.1:1" in result.text
    assert "Traceback" not in result.text


def test_a_missing_kubeconfig_is_named(party: parties.Party) -> None:
    """A path with a typo must not end as 'connection refused' from some default cluster."""
    missing = party.folder / "no-such-kubeconfig"
    party.change(kubernetes={"kubeconfig": str(missing)})
    result = party.preview(ok=False)
    assert str(missing) in result.text
    assert "Traceback" not in result.text


def test_a_full_disk_is_named_and_nothing_half_made_stays(exchange: parties.Exchange, mount: Mount) -> None:
    """Half a set of manifests must not be taken for the whole, nor lie about when nobody wants it any more."""
    folder = mount("size=16k")
    exchange.change(kubernetes={"renderTo": str(folder)})
    is_refused(exchange, folder, "space", "a disk is full: make room")
    exchange.destroy()
    mount("size=4m")
    exchange.up()
    assert exchange.up().touched() == set()
    assert len(list(folder.rglob("*.yaml"))) == 14
    exchange.destroy()
    assert not list(folder.rglob("*.yaml"))


def test_a_read_only_directory_is_named(exchange: parties.Exchange, mount: Mount) -> None:
    """The error has to say which directory, for the program writes nowhere else."""
    folder = mount("ro")
    exchange.change(kubernetes={"renderTo": str(folder)})
    is_refused(exchange, folder, "read-only", "a folder cannot be written: check fate:kubernetes.renderTo")
    mount("rw")
    exchange.up()
    mount("ro")
    exchange.change(eggroll={"rollsite": {"resources": {"memoryLimit": "2Gi"}}})
    is_refused(exchange, folder, "read-only", "a folder cannot be written: check fate:kubernetes.renderTo")
    mount("rw")
    assert exchange.up().touched() == {f"{exchange.site}-rollsite"}


def is_refused(exchange: parties.Exchange, folder: pathlib.Path, cause: str, remedy: str) -> None:
    """An up ends with the folder, what is wrong with it, and what can be done."""
    result = exchange.up(ok=False)
    assert cause in result.text.lower()
    assert str(folder) in result.text
    assert remedy in result.text
    assert "Traceback" not in result.text
