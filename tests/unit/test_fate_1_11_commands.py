"""Start commands and probes of FATE 1.11, run for real with stand-ins for the programs they start."""

import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping

import pytest

from components.versions import fate_1_11

pytestmark = pytest.mark.unit

HASH_PATH = "/etc/fate/notebook-password-hash"
COMMANDS = {
    "clustermanager": fate_1_11.clustermanager_command(),
    "nodemanager": fate_1_11.nodemanager_command(),
    "rollsite": fate_1_11.rollsite_command(),
    "fateflow": fate_1_11.fateflow_command(),
    "fateboard": fate_1_11.fateboard_command(),
    "notebook": fate_1_11.notebook_command(HASH_PATH),
    "mysql": fate_1_11.mysql_command(database="eggroll_meta", user="fate"),
    "schema": fate_1_11.schema_command(host="mysql", port=3306, user="fate"),
    "clustermanager probe": fate_1_11.clustermanager_probe(),
    "nodemanager probe": fate_1_11.nodemanager_probe(),
    "rollsite probe": fate_1_11.rollsite_probe(),
    "fateflow probe": fate_1_11.fateflow_probe(),
    "fateboard probe": fate_1_11.fateboard_probe(),
    "notebook probe": fate_1_11.notebook_probe(),
    "mysql probe": fate_1_11.mysql_probe(database="eggroll_meta", user="fate"),
}


class Box:
    """A folder that plays the container: its root, and programs that come first on PATH."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.programs = root / "programs"
        self.programs.mkdir()

    def path(self, inside: str) -> pathlib.Path:
        """Where ``inside``, a path of the container, is; its folder exists."""
        outside = self.root / inside.lstrip("/")
        outside.parent.mkdir(parents=True, exist_ok=True)
        return outside

    def program(self, name: str, script: str) -> None:
        """A shell program on PATH."""
        file = self.programs / name
        file.write_text(f"#!/bin/bash\n{script}\n")
        file.chmod(0o755)

    def moved(self, command: tuple[str, ...], **changes: str) -> list[str]:
        """``command`` with the container's paths below ``root`` and ``changes`` made."""
        words = [re.sub(r"/(?=(data/projects|etc/fate|tmp/log4j2)\b)", f"{self.root}/", word) for word in command]
        for old, new in changes.items():
            words = [word.replace(old.removeprefix("_"), new) for word in words]
        return words

    def environment(self) -> dict[str, str]:
        """PATH and HOME of the container."""
        return os.environ | {"PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": str(self.root)}

    def run(self, command: tuple[str, ...], **changes: str) -> subprocess.CompletedProcess[str]:
        """Runs ``moved(command)`` to its end."""
        words = self.moved(command, **changes)
        return subprocess.run(words, env=self.environment(), capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Box:
    """An empty container."""
    return Box(tmp_path)


@pytest.fixture
def answers() -> Iterator[tuple[dict[str, object], int]]:
    """An HTTP server on every address that answers with the dictionary given, and its port."""
    answer: dict[str, object] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answers as fateflow does."""
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200 if self.path == "/v1/version/get" else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield answer, server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", COMMANDS)
def test_kubernetes_leaves_the_commands_alone(name: str) -> None:
    """Kubernetes turns ``$$`` into ``$`` and replaces ``$(NAME)``: the container would run something else."""
    for word in COMMANDS[name]:
        assert "$$" not in word
        assert not re.search(r"\$\([A-Za-z_][A-Za-z0-9_.-]*\)", word)


@pytest.mark.parametrize("name", [name for name, words in COMMANDS.items() if words[0] in ("bash", "sh")])
def test_scripts_are_well_formed(name: str) -> None:
    """A quote that is missing stops a service at its start, on a user's cluster."""
    shell, option, script, *_ = COMMANDS[name]
    assert option == "-c"
    checked = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("clustermanager", ["resourcemanager.ClusterManagerBootstrap", "-p 4670"]),
        ("nodemanager", ["resourcemanager.NodeManagerBootstrap", "-p 4671"]),
        ("rollsite", ["rollsite.EggSiteBootstrap", "/eggroll/conf/ "]),
    ],
)
def test_eggroll_services_start_and_hide_the_password(box: Box, service: str, words: list[str]) -> None:
    """eggroll prints all its settings at start: the database password must not reach the container's log."""
    box.path(f"{fate_1_11.EGGROLL_HOME}/lib")
    logging = box.path("/tmp/log4j2.properties")
    box.program(
        "java",
        'echo config key eggroll.jdbc.password=geheim; echo config key eggroll.rollsite.port=9370; echo $PWD "$@"',
    )
    ran = box.run(COMMANDS[service])
    assert ran.returncode == 0, ran.stderr
    assert "geheim" not in ran.stdout + ran.stderr
    assert "eggroll.rollsite.port=9370" in ran.stdout
    for word in [*words, f"-c {box.root}{fate_1_11.EGGROLL_PROPERTIES_PATH}", f"{box.root}{fate_1_11.EGGROLL_HOME} "]:
        assert word in ran.stdout
    assert "EGGROLL_LOG_LEVEL" in logging.read_text()
    assert f"-Dlog4j.configurationFile={logging} " in ran.stdout


def test_fateflow_gets_its_own_address_and_the_stop_signal(box: Box) -> None:
    """fateflow with the placeholder binds nothing; one that misses the signal is killed in the middle of a job."""
    box.path(fate_1_11.SERVICE_CONF_PATH).write_text(f"host: {fate_1_11.OWN_ADDRESS}\n")
    result = box.path(fate_1_11.SERVICE_CONF_RESULT_PATH)
    result.write_text("of the image")
    result.chmod(0o644)
    box.program("python", "trap 'echo stopped; exit 3' TERM; echo serving $1; while :; do sleep 0.1; done")
    with subprocess.Popen(
        box.moved(COMMANDS["fateflow"]), env=box.environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        assert server.stdout.readline().startswith("fateflow serves on ")
        assert server.stdout.readline() == "serving fateflow/python/fate_flow/fate_flow_server.py\n"
        server.send_signal(signal.SIGTERM)
        assert server.stdout.read() == "stopped\n"
    assert server.returncode == 3
    assert result.read_text() == f"host: {socket.gethostbyname(socket.gethostname())}\n"
    assert result.stat().st_mode & 0o777 == 0o600


def test_fateflow_does_not_start_without_its_configuration(box: Box) -> None:
    """The image has a configuration of its own, for one machine: starting with it hides the mistake."""
    box.path(fate_1_11.SERVICE_CONF_RESULT_PATH).write_text("of the image")
    box.program("python", "echo serving")
    ran = box.run(COMMANDS["fateflow"])
    assert ran.returncode != 0
    assert "service_conf.yaml" in ran.stderr
    assert "serving" not in ran.stdout


@pytest.mark.parametrize(("answer", "serves"), [({"retcode": 0}, True), ({"retcode": 404}, False), ({}, False)])
def test_fateflow_serves_when_it_says_so(
    box: Box, answers: tuple[dict[str, object], int], answer: Mapping[str, object], serves: bool
) -> None:
    """An error page is not a service: fateflow answers 200 with an error code inside."""
    content, port = answers
    content.update(answer)
    ran = box.run(COMMANDS["fateflow probe"], _9380=str(port))
    assert (ran.returncode == 0) is serves, ran.stderr


def test_probes_fail_where_nobody_listens(box: Box) -> None:
    """A probe that is always content reports a party that cannot work."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        for name, number in (("clustermanager probe", "4670"), ("rollsite probe", "9370"), ("notebook probe", "20000")):
            assert box.run(COMMANDS[name], **{f"_{number}": port}).returncode != 0
        free.listen()
        assert box.run(COMMANDS["rollsite probe"], _9370=port).returncode == 0


def test_notebook_password_is_in_private_files_only(box: Box) -> None:
    """On the command line every process of the host could read it; without it the notebook is open."""
    box.path(HASH_PATH).write_text("argon2:geheim\n")
    for program in ("pipeline", "flow", "jupyter"):
        box.program(program, f'echo {program} "$@"')
    ran = box.run(COMMANDS["notebook"])
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[:2] == [
        "pipeline init --ip fateflow --port 9380",
        "flow init --ip fateflow --port 9380",
    ]
    assert "--port=20000" in ran.stdout
    assert "geheim" not in ran.stdout
    assert "token" not in ran.stdout
    for name, section in (("jupyter_notebook_config", "NotebookApp"), ("jupyter_server_config", "ServerApp")):
        file = box.root / ".jupyter" / f"{name}.json"
        assert json.loads(file.read_text()) == {section: {"password": "argon2:geheim"}}
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, "\n"])
def test_notebook_does_not_start_without_its_password(box: Box, content: str | None) -> None:
    """An empty hash means "no password" to jupyter: the notebook would be open to everybody."""
    if content is not None:
        box.path(HASH_PATH).write_text(content)
    for program in ("pipeline", "flow", "jupyter"):
        box.program(program, f"echo {program}")
    ran = box.run(COMMANDS["notebook"])
    assert ran.returncode != 0
    assert "jupyter" not in ran.stdout
