"""How the services of FATE start and how they are asked whether they serve, with the tools of their images only.

Kubernetes reads ``$(NAME)`` and ``$$`` in commands itself: the scripts hold no ``$$``, and every ``$(...)`` in them
holds more than a name, which it leaves alone.
"""

from . import paths, ports
from .service_conf import OWN_ADDRESS

NODEMANAGER_CAPABILITIES = ("SYS_PTRACE",)
"""eggroll traces its processors with strace."""
FATEFLOW_ENVIRONMENT = {"FATE_PROJECT_BASE": paths.ROOT}
"""Where FATE looks for ``conf``; the same as in the image."""

_LOG_CONFIGURATION = "/tmp/log4j2.properties"
_JVM = f"""\
set -e
cd {paths.EGGROLL_HOME}
mkdir -p logs/eggroll
cat > {_LOG_CONFIGURATION} <<'END'
name = Console
appender.console.type = Console
appender.console.name = CONSOLE
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%-5level][%d{{yyyy-MM-dd HH:mm:ss,SSS}}][%t][%c{{1.}}:%L] - %msg%n
logger.netty.name = io.grpc.netty
logger.netty.level = INFO
rootLogger.level = ${{env:EGGROLL_LOG_LEVEL:-INFO}}
rootLogger.appenderRef.console.ref = CONSOLE
END
reaper=
if [ -x /tini ]; then reaper="/tini --"; fi
"""
# The JVMs print every property when they start, passwords included; their own logs go to stderr, unfiltered.
_QUIET = "> >(exec sed -u '/password/d')"

_FATEFLOW_CONF = f"""\
import os, socket
source, result = {paths.SERVICE_CONF_PATH!r}, {paths.SERVICE_CONF_RESULT_PATH!r}
text = open(source, encoding="utf-8").read()
address = socket.gethostbyname(socket.gethostname())
os.makedirs(os.path.dirname(result), exist_ok=True)
with os.fdopen(os.open(result + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as new:
    new.write(text.replace({OWN_ADDRESS!r}, address))
os.replace(result + ".new", result)
print("fateflow serves on", address, flush=True)
"""
# bash stays the first process: it hands the stop signal on, which the first process ignores unless it asks for it
# and fateflow does not, and it collects the orphans that finished jobs leave.
_FATEFLOW = f"""\
set -e
cd {paths.ROOT}
python3 -c "$1"
python fateflow/python/fate_flow/fate_flow_server.py &
server=$!
trap 'kill -TERM "$server"' TERM INT
set +e
wait "$server"
wait "$server"
"""
# Probes are asked all the time, and bash starts ten times faster than Python. fateflow listens on its own address only.
_FATEFLOW_PROBE = f"""\
exec 3<>"/dev/tcp/$HOSTNAME/{ports.FATEFLOW_HTTP}" || exit 1
printf 'POST /v1/version/get HTTP/1.0\\r\\nHost: %s\\r\\n' "$HOSTNAME" >&3
printf 'Content-Type: application/json\\r\\nContent-Length: 2\\r\\n\\r\\n{{}}' >&3
answer=
while read -r line || [ -n "$line" ]; do answer="$answer$line"; done <&3
case "${{answer// /}}" in *'"retcode":0,'*|*'"retcode":0}}'*) ;; *) echo "fateflow answers $answer"; exit 1 ;; esac
"""
_NOTEBOOK_PROBE = f"""\
exec 3<>/dev/tcp/127.0.0.1/{ports.NOTEBOOK} || exit 1
printf 'GET /api HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3
read -r _ code _ <&3 && [ "$code" = 200 ]
"""

# The files that jupyter's own password command writes, for both generations of the notebook. There is no empty
# token: a notebook that did not read its password must ask for something, not let everybody in.
_NOTEBOOK_CONF = """\
import json, os, pathlib, sys
password = pathlib.Path(sys.argv[1]).read_text().strip()
if not password:
    raise SystemExit("the notebook's password hash in %s is empty" % sys.argv[1])
folder = pathlib.Path.home() / ".jupyter"
folder.mkdir(mode=0o700, exist_ok=True)
for name, section in (("jupyter_notebook_config", "NotebookApp"), ("jupyter_server_config", "ServerApp")):
    file = os.open(str(folder / (name + ".json")), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w") as conf:
        json.dump({section: {"password": password}}, conf)
"""
_NOTEBOOK = f"""\
set -e
python3 -c "$1" "$2"
pipeline init --ip {paths.FATEFLOW_HOST} --port {ports.FATEFLOW_HTTP}
flow init --ip {paths.FATEFLOW_HOST} --port {ports.FATEFLOW_HTTP}
exec jupyter notebook --ip=0.0.0.0 --port={ports.NOTEBOOK} --allow-root --no-browser --notebook-dir={paths.ROOT}
"""


def clustermanager_command() -> tuple[str, ...]:
    """Starts clustermanager, its log on the container's own."""
    return _manager("ClusterManagerBootstrap", ports.CLUSTERMANAGER)


def nodemanager_command() -> tuple[str, ...]:
    """Starts nodemanager below the image's ``/tini``, which collects the processors that it orphans."""
    return _manager("NodeManagerBootstrap", ports.NODEMANAGER)


def rollsite_command() -> tuple[str, ...]:
    """Starts rollsite, which reads its port from eggroll.properties."""
    start = f"com.webank.eggroll.rollsite.EggSiteBootstrap -c {paths.EGGROLL_PROPERTIES_PATH}"
    return _java(f"{paths.EGGROLL_HOME}/lib/*:{paths.EGGROLL_HOME}/conf/", start)


def fateflow_command() -> tuple[str, ...]:
    """Puts the container's own address into service_conf.yaml, then starts fateflow."""
    return ("bash", "-c", _FATEFLOW, "fateflow", _FATEFLOW_CONF)


def fateboard_command() -> tuple[str, ...]:
    """Starts fateboard as its image does, but as the first process, so that it stops when told."""
    home = f"{paths.ROOT}/fateboard"
    options = f"-Dspring.config.location={paths.BOARD_PROPERTIES_PATH} -Dssh_config_file={home}/conf"
    return ("sh", "-c", f"cd {home} && exec java {options} -Xms512m -Xmx2048m -jar fateboard.jar")


def notebook_command(password_hash_path: str) -> tuple[str, ...]:
    """Points FATE's clients at fateflow, then starts the notebook with the password whose hash is in the file.

    ``password_hash_path``: a file of one line as ``jupyter_server.auth.passwd`` makes it (``argon2:...``).
    """
    return ("bash", "-c", _NOTEBOOK, "notebook", _NOTEBOOK_CONF, password_hash_path)


def clustermanager_probe() -> tuple[str, ...]:
    """Exits 0 once clustermanager accepts connections."""
    return _connect(ports.CLUSTERMANAGER)


def nodemanager_probe() -> tuple[str, ...]:
    """Exits 0 once nodemanager accepts connections."""
    return _connect(ports.NODEMANAGER)


def rollsite_probe() -> tuple[str, ...]:
    """Exits 0 once rollsite accepts connections; it loads its route table before that."""
    return _connect(ports.ROLLSITE)


def fateflow_probe() -> tuple[str, ...]:
    """Exits 0 once fateflow answers its version over HTTP, by when its database and gRPC server are there too."""
    return ("bash", "-c", _FATEFLOW_PROBE)


def fateboard_probe() -> tuple[str, ...]:
    """Exits 0 once fateboard serves its page."""
    return ("wget", "-q", "-T", "8", "-O", "/dev/null", f"http://127.0.0.1:{ports.FATEBOARD}/")


def notebook_probe() -> tuple[str, ...]:
    """Exits 0 once the notebook's API answers; that path needs no login."""
    return ("bash", "-c", _NOTEBOOK_PROBE)


def _manager(bootstrap: str, port: int) -> tuple[str, ...]:
    start = (
        f"com.webank.eggroll.core.Bootstrap --bootstraps com.webank.eggroll.core.resourcemanager.{bootstrap} "
        f"-c {paths.EGGROLL_PROPERTIES_PATH} -p {port} -s EGGROLL_DAEMON"
    )
    return _java(f"{paths.EGGROLL_HOME}/lib/*:", start)


def _java(classpath: str, start: str) -> tuple[str, ...]:
    options = f"-Dlog4j.configurationFile={_LOG_CONFIGURATION} -cp '{classpath}'"
    return ("bash", "-c", f"{_JVM}exec $reaper java {options} {start} {_QUIET}")


def _connect(port: int) -> tuple[str, ...]:
    return ("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}")
