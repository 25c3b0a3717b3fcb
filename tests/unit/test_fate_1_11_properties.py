"""eggroll.properties, application.properties and fluent-bit's configuration of FATE 1.11."""

import configparser
import fnmatch
import re

import pytest

from components.versions import fate_1_11
from components.versions.fate_1_11 import properties

pytestmark = pytest.mark.unit

DATABASE = fate_1_11.Database(host="db.example", port=3307, name="meta", user="fate", password=" p=a:s#s\\w%ö!")

EGGROLL_KEYS = {
    "eggroll.data.dir",
    "eggroll.logs.dir",
    "eggroll.bootstrap.root.script",
    "eggroll.core.grpc.channel.keepalive.timeout.sec",
    "arrow.enable_unsafe_memory_access",
    "hadoop.fs.defaultFS",
    "eggroll.session.processors.per.node",
    "eggroll.session.start.timeout.ms",
    "eggroll.rollpair.transferpair.sendbuf.size",
    "eggroll.container.deepspeed.distributed.backend",
    *(f"eggroll.resourcemanager.{key}" for key in ("clustermanager.host", "clustermanager.port", "nodemanager.port")),
    "eggroll.resourcemanager.process.tag",
    *(
        f"eggroll.resourcemanager.bootstrap.egg_pair.{key}"
        for key in ("exepath", "venv", "pythonpath", "filepath", "ld_library_path")
    ),
    *(
        f"eggroll.resourcemanager.bootstrap.egg_frame.{key}"
        for key in ("exepath", "javahome", "classpath", "mainclass", "jvm.options")
    ),
    *(
        f"eggroll.rollsite.{key}"
        for key in ("coordinator", "host", "port", "party.id", "route.table.path", "route.table.key")
    ),
    "eggroll.rollsite.route.table.whitelist",
    *(f"eggroll.rollsite.push.{key}" for key in ("max.retry", "long.retry", "batches.per.stream")),
    "eggroll.rollsite.adapter.sendbuf.size",
}
"""Keys of the file that eggroll 2.5.1 ships, without the optional Hadoop pair and the database's."""
JDBC = "eggroll.resourcemanager.clustermanager.jdbc"


def eggroll(database: fate_1_11.Database | None) -> str:
    """The file of party 9999."""
    return fate_1_11.eggroll_properties(party_id=9999, database=database, processors_per_node=4, coordinator="bank")


def java(text: str) -> dict[str, str]:
    """What ``java.util.Properties`` reads."""
    read = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        escaped = r"\\(u[0-9a-fA-F]{4}|.)"
        plain = re.sub(escaped, lambda found: unescape(found.group(1)), value.lstrip(" \t\f"))
        read[key] = plain.encode("utf-16", "surrogatepass").decode("utf-16")
    return read


def unescape(code: str) -> str:
    """The character behind a backslash's ``code``."""
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(code, code)


def test_eggroll_finds_every_key_it_ships() -> None:
    """eggroll's scripts take a missing key for an empty string and fail far from the cause."""
    assert set(java(eggroll(None))) - {"[eggroll]"} >= EGGROLL_KEYS


def test_java_and_python_read_the_same() -> None:
    """The JVMs and the processors share the file: a key that only one of them sees splits the cluster."""
    parser = configparser.ConfigParser()
    parser.read_string(eggroll(None))
    expected = {key.lower(): value for key, value in java(eggroll(None)).items() if key != "[eggroll]"}
    assert dict(parser["eggroll"].items()) == expected


def test_clustermanager_reads_the_login_whatever_it_contains() -> None:
    """A password with a backslash or a leading space must reach JDBC as it is."""
    read = java(eggroll(DATABASE))
    assert read[f"{JDBC}.password"] == DATABASE.password
    assert read[f"{JDBC}.username"] == "fate"
    assert read[f"{JDBC}.url"].startswith("jdbc:mysql://db.example:3307/meta?")


def test_only_a_file_with_a_database_is_secret() -> None:
    """nodemanager, rollsite and fateflow log in nowhere: their file must not carry the password."""
    assert "jdbc" not in eggroll(None)
    assert "password" not in eggroll(None)


def test_the_shell_finds_one_line_per_key() -> None:
    """eggroll's scripts grep for a key: a second line that contains it would be glued to the value."""
    lines = eggroll(None).splitlines()
    for key in (
        "eggroll.resourcemanager.bootstrap.egg_pair.venv",
        "eggroll.resourcemanager.bootstrap.egg_pair.pythonpath",
        "eggroll.resourcemanager.bootstrap.egg_pair.filepath",
        "eggroll.resourcemanager.clustermanager.host",
        "eggroll.resourcemanager.clustermanager.port",
        "eggroll.resourcemanager.nodemanager.port",
        "eggroll.logs.dir",
    ):
        assert sum(re.search(key, text) is not None for text in lines) == 1, key


def test_the_coordinator_must_be_readable() -> None:
    """A percent sign stops every processor at start with an error that names no file."""
    with pytest.raises(ValueError, match="100% bank"):
        fate_1_11.eggroll_properties(party_id=1, database=None, processors_per_node=1, coordinator="100% bank")


@pytest.mark.parametrize("value", ["", "plain", " led", "a\\b", "ü", "😀", "line\nbreak", "tab\t", "#x", "a=b:c"])
def test_escaped_values_come_back(value: str) -> None:
    """What a user chose is what Java gets."""
    assert java(properties.render({"key": value}))["key"] == value


def test_board_gets_the_login_and_the_address() -> None:
    """fateboard with another login than the one shown to the user is a board that nobody opens."""
    read = java(fate_1_11.board_properties(username="admin", password="p\\w ü", fateflow_url="http://fateflow:9380"))
    assert read["server.board.login.username"] == "admin"
    assert read["server.board.login.password"] == "p\\w ü"
    assert read["fateflow.url"] == "http://fateflow:9380"
    assert read["fateflow.url-list"] == ""
    assert read["server.port"] == "8080"


@pytest.mark.parametrize("password", ["", "a${b}", "#{x}"])
def test_board_refuses_a_password_that_spring_would_change(password: str) -> None:
    """The board would start with another password than the user's, or not at all."""
    with pytest.raises(ValueError, match="fateboard password"):
        fate_1_11.board_properties(username="admin", password=password, fateflow_url="http://fateflow:9380")


def test_log_tail_is_what_fluent_bit_reads() -> None:
    """fluent-bit stops at a file in fluentd's syntax, and with it the pod's second container."""
    text = fate_1_11.log_tail_conf()
    sections: dict[str, dict[str, str]] = {}
    for line in filter(str.strip, text.splitlines()):
        heading = re.fullmatch(r"\[(\w+)\]", line)
        if heading:
            sections[heading.group(1)] = {}
            current = sections[heading.group(1)]
        else:
            key, value = line.split(maxsplit=1)
            assert line.startswith("    "), line
            current[key] = value
    tail = sections["INPUT"]
    assert (tail["Name"], sections["OUTPUT"]["Name"]) == ("tail", "stdout")
    logs = fate_1_11.EGGROLL_LOGS_PATH
    assert fnmatch.fnmatch(f"{logs}/session_1/egg_pair-1.err", tail["Path"])
    assert fnmatch.fnmatch(f"{logs}/eggroll/eggroll.jvm.log", tail["Exclude_Path"])
    assert not fnmatch.fnmatch(f"{logs}/session_1/egg_pair-1.err", tail["Exclude_Path"])


def test_rollsite_alone_is_told_whom_to_believe_and_never_to_listen_with_tls() -> None:
    """A listener of its own would keep certificates until a restart; nodemanagers end at once with such keys."""
    told = fate_1_11.eggroll_properties(party_id=9999, database=None, coordinator="bank", tls=True)
    more = {key: value for key, value in java(told).items() if key not in java(eggroll(None))}
    client = "eggroll.core.security.client"
    assert set(more) == {f"{client}.ca.crt.path", f"{client}.crt.path", f"{client}.key.path"}
    assert more[f"{client}.ca.crt.path"].startswith(fate_1_11.ROUTE_TABLE_FOLDER), "it changes while rollsite runs"
