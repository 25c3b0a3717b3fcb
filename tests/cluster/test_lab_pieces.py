"""The parts of the lab's cluster and engine that need neither: certificates, images, packages, errors, clean-up."""

import hashlib
import io
import json
import os
import pathlib
import ssl
import sys
import tarfile

import pytest
from cryptography import x509

from lab import daemon, dockerd, errors, packages, paths, process
from lab.cluster import addresses, archive, certificates, component, network

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The lab's folders, somewhere else, so that a running lab is not touched."""
    monkeypatch.setattr(paths, "CLUSTER", tmp_path / "cluster")
    monkeypatch.setattr(paths, "KUBECONFIG", tmp_path / "cluster" / "kubeconfig")
    monkeypatch.setattr(paths, "LOG", tmp_path / "log")
    monkeypatch.setattr(process, "RUN", tmp_path / "run")
    monkeypatch.setattr(certificates, "FOLDER", tmp_path / "pki")
    return tmp_path


def test_api_server_is_trusted_at_every_address_it_is_dialled_at(folder: pathlib.Path) -> None:
    """Pods dial it by Service name and address, people at the bridge's: a name left out breaks one of them only."""
    certificates.ensure()
    served = x509.load_pem_x509_certificate(certificates.certificate("api-server").read_bytes())
    authority = x509.load_pem_x509_certificate(certificates.certificate(certificates.CLUSTER_CA).read_bytes())
    served.verify_directly_issued_by(authority)
    names = served.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert f"kubernetes.default.svc.{addresses.DOMAIN}" in names.get_values_for_type(x509.DNSName)
    found = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert {addresses.API_SERVICE, addresses.BRIDGE_ADDRESS, addresses.LOOPBACK} <= found


def test_keys_are_private_and_stay(folder: pathlib.Path) -> None:
    """Another user of the machine would be the cluster's administrator; a new authority would cut off what runs."""
    certificates.ensure()
    kubeconfig = certificates.kubeconfig("admin")
    for file in (*certificates.FOLDER.glob("*.key"), kubeconfig):
        assert file.stat().st_mode & 0o077 == 0, file
    before = certificates.certificate(certificates.CLUSTER_CA).read_bytes()
    certificates.ensure()
    assert certificates.certificate(certificates.CLUSTER_CA).read_bytes() == before
    context = ssl.create_default_context(cafile=str(certificates.certificate(certificates.CLUSTER_CA)))
    context.load_cert_chain(certificates.certificate("admin"), certificates.key("admin"))


def test_etcd_does_not_trust_clients_of_the_cluster(folder: pathlib.Path) -> None:
    """Every component could read and write all Secrets past the API server's rights."""
    certificates.ensure()
    authority = x509.load_pem_x509_certificate(certificates.certificate(certificates.ETCD_CA).read_bytes())
    node = x509.load_pem_x509_certificate(certificates.certificate("kubelet").read_bytes())
    with pytest.raises(ValueError, match="Issuer"):
        node.verify_directly_issued_by(authority)


def test_image_archive_is_what_docker_save_writes() -> None:
    """The node's runtime would refuse the sandbox image, and no pod would start."""
    made = archive.image("lab/test:1", {"bin/tool": (b"content", 0o755)}, {"bin/alias": "tool"}, ["/bin/tool"])
    assert made == archive.image("lab/test:1", {"bin/tool": (b"content", 0o755)}, {"bin/alias": "tool"}, ["/bin/tool"])
    with tarfile.open(fileobj=io.BytesIO(made)) as outer:
        content = {entry.name: (outer.extractfile(entry) or io.BytesIO()).read() for entry in outer}
    (entry,) = json.loads(content["manifest.json"])
    assert entry["RepoTags"] == ["lab/test:1"]
    configuration = json.loads(content[entry["Config"]])
    layer = content[entry["Layers"][0]]
    assert configuration["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
    with tarfile.open(fileobj=io.BytesIO(layer)) as inner:
        assert inner.getmember("bin/tool").mode == 0o755
        assert inner.getmember("bin/alias").linkname == "tool"


def test_settings_that_are_the_same_are_not_written_again(folder: pathlib.Path) -> None:
    """kube-proxy ends when its file is written to: every second `up` would interrupt all Services."""
    file = component.settings("proxy.json", "{}")
    os.utime(file, (1, 1))
    component.settings("proxy.json", "{}")
    assert file.stat().st_mtime == 1
    component.settings("proxy.json", "{ }")
    assert file.read_text() == "{ }"


def test_component_that_ends_is_named_with_its_last_words(folder: pathlib.Path) -> None:
    """People would have to search through ten logs for the one that says why the cluster does not start."""
    failing = component.Component(
        "etcd", (sys.executable, "-c", "raise SystemExit('no space left')"), lambda: False, 30
    )
    with pytest.raises(errors.LabError) as caught:
        failing.up()
    assert "cluster-etcd did not start" in str(caught.value)
    assert "no space left" in str(caught.value)
    assert str(process.log_file("cluster-etcd")) in str(caught.value)


def test_component_that_never_serves_is_stopped(folder: pathlib.Path) -> None:
    """It would keep its port, and the next start would wait for it again."""
    script = "import time; time.sleep(600)"
    hanging = component.Component("dns", (sys.executable, "-c", script), lambda: False, 0.3)
    with pytest.raises(errors.LabError, match="cluster-dns did not start"):
        hanging.up()
    assert not hanging.daemon.running()


def test_component_left_without_serving_is_started_again(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an interrupted start people would have to find and end the process that hangs by themselves."""
    monkeypatch.setattr(component, "GRACE_SECONDS", 0.1)
    command = (sys.executable, "-c", "import time; time.sleep(600)")
    component.process_of("dns").start(command)
    left = component.process_of("dns").pid()
    again = component.Component("dns", command, lambda: component.process_of("dns").pid() != left, 30)
    again.up()
    assert again.daemon.running()
    assert again.daemon.pid() != left
    again.daemon.stop()


def test_missing_packages_are_named_to_who_cannot_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without root would see an unexplained failure later instead of the command to ask for."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(errors.LabError, match=r"apt-get install one-package two-package"):
        packages.require({"no-such-program-2": "two-package", "no-such-program-1": "one-package", "sh": "dash"})


def test_users_own_engine_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab would build its images into another engine than the one that the user's stack runs on."""
    monkeypatch.setenv("DOCKER_HOST", "ssh://someone@elsewhere")
    monkeypatch.setattr(dockerd, "version", lambda address: "1" if address.startswith("ssh://") else None)
    assert dockerd.up() == "ssh://someone@elsewhere"
    monkeypatch.setattr(dockerd, "version", lambda address: "1" if address == dockerd.DEFAULT_HOST else None)
    assert dockerd.up() == dockerd.DEFAULT_HOST


def test_without_engine_and_root_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """People without root would get a traceback from dockerd."""
    monkeypatch.setattr(dockerd, "version", lambda address: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(errors.LabError, match="DOCKER_HOST"):
        dockerd.up()


def test_only_the_clusters_rules_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping the cluster would cut Docker's containers off, or leave rules that refuse connections for ever."""
    saved = """*filter
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
:KUBE-FORWARD - [0:0]
:FATE-LAB-FORWARD - [0:0]
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -j DOCKER-USER
-A FORWARD -j FATE-LAB-FORWARD
-A FATE-LAB-FORWARD -s 10.213.0.0/16 -j ACCEPT
COMMIT
"""
    scripts: list[str] = []
    monkeypatch.setattr(network, "run", lambda *command: saved)
    monkeypatch.setattr(network, "_restore", lambda program, script: scripts.append(script))
    network._remove_chains("iptables", "filter")
    assert scripts[0].splitlines() == [
        "*filter",
        '-D FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
        "-D FORWARD -j FATE-LAB-FORWARD",
        "-F KUBE-FORWARD",
        "-F FATE-LAB-FORWARD",
        "-X KUBE-FORWARD",
        "-X FATE-LAB-FORWARD",
        "COMMIT",
    ]


def test_two_starters_take_turns(tmp_path: pathlib.Path) -> None:
    """Two test workers that start the cluster together would start every component twice."""
    lock = tmp_path / "lock"
    script = f"import fcntl; fcntl.flock(open({str(lock)!r}, 'a'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    other = daemon.Daemon("starter")
    with daemon.exclusively(lock), pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "RUN", tmp_path / "run")
        patch.setattr(paths, "LOG", tmp_path / "log")
        other.start([sys.executable, "-c", script])
        process.wait_for(lambda: not other.running(), 30, "the other starter to be refused")
        assert "BlockingIOError" in process.log_tail("starter")
