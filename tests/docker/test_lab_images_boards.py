"""What people look at in the lab: the notebook's login, the log companion, and what the images do not contain."""

import dataclasses
import json
from collections.abc import Iterator, Sequence

import argon2
import pytest

from components.versions import fate_1_11 as fate
from lab import images, process
from tests.docker import stand_ins
from tests.docker.stand_ins import Box, Service, changed, ready, run

pytestmark = pytest.mark.seconds(10)
NAMES = (stand_ins.CLIENT, stand_ins.FLUENT_BIT, stand_ins.FATEBOARD, stand_ins.EGGROLL, stand_ins.FATEFLOW)
HASH = "argon2:" + argon2.PasswordHasher(memory_cost=10240, time_cost=10, parallelism=8).hash("open sesame")
NOTEBOOK = Service(stand_ins.CLIENT, fate.notebook_command(fate.NOTEBOOK_HASH_PATH), {fate.NOTEBOOK_HASH_PATH: HASH})
TAIL = Service(stand_ins.FLUENT_BIT, None, {fate.LOG_TAIL_PATH: fate.log_tail_conf()})
_LOGIN = """
import http.cookiejar, sys, urllib.error, urllib.parse, urllib.request
jar = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
base = "http://127.0.0.1:20000"
print(opener.open(base + "/").geturl())
token = next(cookie.value for cookie in jar if cookie.name == "_xsrf")
form = urllib.parse.urlencode({"_xsrf": token, "password": sys.argv[1]}).encode()
try:
    print(opener.open(base + "/login?next=%2Fapi%2Fstatus", form).read().decode())
except urllib.error.HTTPError as error:
    print(error.code)
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A network for the containers of these tests."""
    images.ensure(NAMES)
    made = Box()
    yield made
    made.close()


def test_the_notebook_asks_for_its_password(box: Box) -> None:
    """A notebook that opened for anybody would hide that the program's hash never reached it."""
    notebook = box.start(NOTEBOOK)
    ready(notebook, fate.notebook_probe())
    assert "version" in json.loads(run(notebook, "curl", "-s", "http://127.0.0.1:20000/api"))
    status = run(notebook, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:20000/api/status")
    assert status == "403"
    place, refusal = run(notebook, "python3", "-c", _LOGIN, "wrong").split()
    assert place.endswith("/login?next=%2F") and refusal == "401"
    assert json.loads(run(notebook, "python3", "-c", _LOGIN, "open sesame").splitlines()[1])["started"]


@pytest.mark.parametrize("content", ["", "plain text", "argon2:"])
def test_the_notebook_wants_a_hash(box: Box, content: str) -> None:
    """Without one, jupyter serves everybody; the stand-in does not start, so that the mistake is seen."""
    box.refuses(dataclasses.replace(NOTEBOOK, files={fate.NOTEBOOK_HASH_PATH: content}))


def test_the_companion_prints_the_sessions_logs(box: Box) -> None:
    """The only place where users see why a job's processor failed, and where the manager's own log must not repeat."""
    volume = box.volume()
    logs = [f"{volume}:{fate.EGGROLL_LOGS_PATH}"]
    tail = box.start(TAIL, binds=logs)
    writer = box.start(Service(stand_ins.EGGROLL, ("sleep", "60"), {}), binds=logs)
    process.wait_for(lambda: b"Fluent Bit" in tail.logs(), 10, "fluent-bit's start")
    script = "cd logs; mkdir -p job eggroll; echo failed > job/egg_pair.err; echo own > eggroll/manager.log"
    run(writer, "bash", "-c", script)
    process.wait_for(lambda: b"failed" in tail.logs(), 15, "the line")
    (line,) = tail.logs(stderr=False).decode().splitlines()
    assert json.loads(line)["log"] == "failed"
    assert json.loads(line)["file"] == f"{fate.EGGROLL_LOGS_PATH}/job/egg_pair.err"


REFUSALS = [
    ("Refresh_Interval", "Refresh_Intervall", "unknown configuration property 'refresh_intervall'"),
    ("Name             tail", "Name             tial", "plugin 'tial' is not known"),
    ("[OUTPUT]", "[OUTPUTS]", "section OUTPUTS"),
    ("json_lines", "yaml", "format 'yaml'"),
    ("Skip_Long_Lines  On", "Skip_Empty_Lines maybe", "must be On or Off"),
    ("[SERVICE]", "@INCLUDE missing.conf\n[SERVICE]", "missing.conf"),
]


@pytest.mark.parametrize(("old", "new", "expected"), REFUSALS)
def test_the_companion_refuses_a_wrong_configuration(box: Box, old: str, new: str, expected: str) -> None:
    """fluent-bit ends at a key it does not know; a stand-in that passed over it would let the real one fail."""
    assert expected in box.refuses(changed(TAIL, fate.LOG_TAIL_PATH, old, new))


ABSENT = [
    (stand_ins.FATEBOARD, ("bash", "curl", "python3", "python")),
    (stand_ins.FLUENT_BIT, ("sh", "bash", "cat", "python3")),
    (stand_ins.EGGROLL, ("nc", "wget", "busybox")),
    (stand_ins.FATEFLOW, ("nc", "wget", "busybox")),
    (stand_ins.CLIENT, ("nc", "wget", "busybox")),
]


@pytest.mark.parametrize(("image", "commands"), ABSENT, ids=lambda value: value if isinstance(value, str) else "")
def test_commands_that_the_real_image_lacks_are_missing(box: Box, image: str, commands: Sequence[str]) -> None:
    """A probe or a start command that uses one would pass here and fail with the real image."""
    # What fluent-bit's image has, besides fluent-bit, cannot keep a container running.
    idle = None if image == stand_ins.FLUENT_BIT else ("sleep", "infinity")
    container = box.start(Service(image, idle, {}))
    for command in commands:
        assert container.exec_run([command]).exit_code in (126, 127), f"{image} has {command}"
