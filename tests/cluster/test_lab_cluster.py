"""The lab cluster behaves as a Kubernetes that people run FATE on; if it did not, no test in it could be trusted."""

import json
import os
import pathlib
import re
import subprocess
import textwrap
import urllib.request
from collections.abc import Callable

import pytest

from lab import cluster as lab_cluster
from lab import dockerd, errors, paths, process
from lab.cluster import addresses, objects, volumes

pytestmark = [pytest.mark.cluster, pytest.mark.seconds(15)]
Kubectl = Callable[..., subprocess.CompletedProcess[str]]
SECONDS = 60


def pod(name: str, image: str, script: str, extra: str = "") -> str:
    """Manifest of a pod that runs a shell script; ``extra`` is more of its spec."""
    manifest = f"""
        apiVersion: v1
        kind: Pod
        metadata: {{name: {name}}}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers:
          - {{name: main, image: "{image}", command: [sh, -c, {json.dumps(script)}]}}
        """
    return textwrap.dedent(manifest) + textwrap.indent(textwrap.dedent(extra), "  ")


def web(image: str) -> str:
    """Manifest of a web server that serves a ConfigMap and is ready when an exec probe says so."""
    return textwrap.dedent(f"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {{name: page}}
        data: {{index.html: "from the config map"}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {{name: web}}
        spec: {{type: NodePort, selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: web}}
        spec:
          selector: {{matchLabels: {{app: web}}}}
          template:
            metadata: {{labels: {{app: web}}}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: web
                image: "{image}"
                command: [sh, -c, "echo started; exec httpd -f -p 8080 -h /page"]
                readinessProbe: {{exec: {{command: [wget, -qO-, "http://127.0.0.1:8080/"]}}, periodSeconds: 1}}
                volumeMounts: [{{name: page, mountPath: /page}}]
              volumes: [{{name: page, configMap: {{name: page}}}}]
        """)


def phase(kubectl: Kubectl, namespace: str, name: str) -> str:
    """Phase of a pod."""
    return kubectl("-n", namespace, "get", "pod", name, "-o", "jsonpath={.status.phase}").stdout


def run_to_end(kubectl: Kubectl, namespace: str, name: str, manifest: str) -> str:
    """Run a pod until its command ends well; returns what it printed."""
    kubectl("-n", namespace, "apply", "-f", "-", stdin=manifest)
    ended = process.wait_for(
        lambda: (now := phase(kubectl, namespace, name)) in ("Succeeded", "Failed") and now,
        SECONDS,
        lambda: kubectl("-n", namespace, "describe", "pod", name).stdout,
    )
    said = kubectl("-n", namespace, "logs", name).stdout
    assert ended == "Succeeded", said
    return said


def test_service_is_reached_by_name_exec_logs_and_port_forward(
    kubectl: Kubectl, namespace: str, shell_image: str
) -> None:
    """A broken probe, mount, DNS or proxy would make every cluster test fail for a reason that is not the program's."""
    kubectl("-n", namespace, "apply", "-f", "-", stdin=web(shell_image))
    kubectl("-n", namespace, "rollout", "status", "deployment/web", f"--timeout={SECONDS}s")

    client = pod("client", shell_image, f"until wget -qO- http://web.{namespace}/; do sleep 0.2; done")
    assert run_to_end(kubectl, namespace, "client", client) == "from the config map"

    inside = kubectl("-n", namespace, "exec", "deployment/web", "--", "cat", "/page/index.html")
    assert inside.stdout == "from the config map"
    assert kubectl("-n", namespace, "logs", "deployment/web").stdout == "started\n"
    assert fetch_forwarded(namespace) == "from the config map"

    port = kubectl("-n", namespace, "get", "service", "web", "-o", "jsonpath={.spec.ports[0].nodePort}").stdout
    assert fetch(f"http://{addresses.LOOPBACK}:{port}/") == "from the config map"


def fetch(url: str) -> str:
    """What a server on this machine answers."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def fetch_forwarded(namespace: str) -> str:
    """What the web server answers through `kubectl port-forward` on a port that it chooses."""
    command = [str(paths.BIN / "kubectl"), f"--kubeconfig={paths.KUBECONFIG}", "-n", namespace]
    with subprocess.Popen(
        [*command, "port-forward", "service/web", ":80"], stdout=subprocess.PIPE, text=True
    ) as tunnel:
        try:
            assert tunnel.stdout is not None
            port = re.search(r":(\d+) ->", tunnel.stdout.readline())
            assert port is not None
            return fetch(f"http://{addresses.LOOPBACK}:{port[1]}/")
        finally:
            tunnel.terminate()


def test_claim_binds_is_written_by_any_user_and_takes_its_data_with_it(
    kubectl: Kubectl, namespace: str, shell_image: str
) -> None:
    """A service that is not root could not start, or a test would find the data of the test before it."""
    claim = """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
        """
    kubectl("-n", namespace, "apply", "-f", "-", stdin=textwrap.dedent(claim))
    mounted = """
        securityContext: {runAsUser: 10000}
        volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
        """
    manifest = pod("writer", shell_image, "echo kept > /data/file && cat /data/file", mounted).replace(
        "name: main,", "name: main, volumeMounts: [{name: data, mountPath: /data}],"
    )
    assert run_to_end(kubectl, namespace, "writer", manifest) == "kept\n"

    name = kubectl("-n", namespace, "get", "pvc", "data", "-o", "jsonpath={.spec.volumeName}").stdout
    place = pathlib.Path(kubectl("get", "pv", name, "-o", "jsonpath={.spec.hostPath.path}").stdout)
    assert (place / "file").read_text() == "kept\n"
    assert place.resolve().is_relative_to(volumes.FOLDER)

    kubectl("-n", namespace, "delete", "pod/writer", "pvc/data")
    process.wait_for(lambda: not place.exists(), SECONDS, f"the data in {place} to be removed")


def test_simulated_node_runs_only_pods_that_ask_for_it(kubectl: Kubectl, namespace: str, shell_image: str) -> None:
    """A test of scale would wait for ever, or a real service would land where nothing runs."""
    lab_cluster.up(nodes=1)
    key, value, effect = (objects.TAINT[name] for name in ("key", "value", "effect"))
    asking = f"""
        nodeSelector: {{type: kwok}}
        tolerations: [{{key: {key}, value: {value}, effect: {effect}}}]
        """
    simulated = pod("simulated", "nowhere.invalid/never-pulled:1", "sleep 1", asking)
    kubectl("-n", namespace, "apply", "-f", "-", stdin=simulated)
    kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/simulated", f"--timeout={SECONDS}s")
    where = "jsonpath={.spec.nodeName}"
    assert kubectl("-n", namespace, "get", "pod", "simulated", "-o", where).stdout.startswith("kwok-")

    kubectl("-n", namespace, "apply", "-f", "-", stdin=pod("real", shell_image, "sleep 100"))
    kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/real", f"--timeout={SECONDS}s")
    assert kubectl("-n", namespace, "get", "pod", "real", "-o", where).stdout == addresses.NODE


def test_node_has_room_for_several_sites(kubectl: Kubectl, cluster: pathlib.Path) -> None:
    """The second site on a laptop would wait for ever for the processors that the first one asked for."""
    where = "jsonpath={.status.allocatable.cpu}"
    assert kubectl("get", "node", addresses.NODE, "-o", where).stdout == objects.NODE_SIZE["cpu"]


def test_misspelt_field_is_refused_when_validation_is_strict(kubectl: Kubectl, namespace: str) -> None:
    """A typing mistake in a manifest would vanish silently, as it does with a server that does not validate."""
    misspelt = pod("typo", "busybox", "true", "serviceAcountName: default\n")
    refused = kubectl("-n", namespace, "create", "--validate=strict", "-f", "-", stdin=misspelt, check=False)
    assert refused.returncode != 0
    assert 'unknown field "spec.serviceAcountName"' in refused.stderr


def test_pods_have_no_rights_of_their_own(kubectl: Kubectl, namespace: str) -> None:
    """A program that needs rights it does not ask for would pass here and fail in a user's cluster."""
    user = f"--as=system:serviceaccount:{namespace}:default"
    assert kubectl("-n", namespace, "auth", "can-i", "get", "secrets", user, check=False).stdout == "no\n"


def test_second_start_leaves_everything_running_as_it_is(cluster: pathlib.Path) -> None:
    """Starting the cluster that runs (every test session does) would restart it below other people's pods."""
    before = sorted((file.name, file.read_text()) for file in process.RUN.glob("cluster-*.pid"))
    assert lab_cluster.up() == cluster
    assert sorted((file.name, file.read_text()) for file in process.RUN.glob("cluster-*.pid")) == before
    assert cluster.stat().st_mode & 0o077 == 0


def test_loading_an_image_that_is_nowhere_says_so(cluster: pathlib.Path, engine: str) -> None:
    """Pods would wait for an image that cannot be pulled, with nothing that says why."""
    with pytest.raises(errors.LabError, match=r"no-such-image:1 is not in the Docker engine"):
        lab_cluster.load(["no-such-image:1"])


def test_docker_and_pods_work_side_by_side(kubectl: Kubectl, namespace: str, shell_image: str, engine: str) -> None:
    """Docker's and kube-proxy's packet filter rules would cut each other's traffic off, and tests would hang."""
    kubectl("-n", namespace, "apply", "-f", "-", stdin=web(shell_image))
    network, server = f"{namespace}-net", f"{namespace}-server"

    def docker(*arguments: str) -> str:
        environment = {**os.environ, "DOCKER_HOST": engine}
        done = subprocess.run(
            ["docker", *arguments], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    docker("network", "create", network)
    try:
        serve = "mkdir /page; echo from docker > /page/index.html; exec httpd -f -p 8080 -h /page"
        published = ("--publish", f"{addresses.LOOPBACK}::8080", "--network", network)
        docker("run", "--detach", "--rm", "--name", server, *published, shell_image, "sh", "-c", serve)
        ask = f"until wget -qO- http://{server}:8080/; do sleep 0.2; done"
        assert docker("run", "--rm", "--network", network, shell_image, "sh", "-c", ask) == "from docker"
        assert fetch(f"http://{docker('port', server, '8080')}/") == "from docker\n"

        kubectl("-n", namespace, "rollout", "status", "deployment/web", f"--timeout={SECONDS}s")
        client = pod("client", shell_image, "until wget -qO- http://web/; do sleep 0.2; done")
        assert run_to_end(kubectl, namespace, "client", client) == "from the config map"
    finally:
        docker("rm", "--force", server)
        docker("network", "rm", network)


def test_engine_that_runs_is_used(engine: str) -> None:
    """A second engine would be started next to the user's own."""
    assert dockerd.up() == engine
    assert dockerd.version(engine)
