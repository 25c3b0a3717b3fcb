"""The database of FATE 1.11: how its server starts and how the schema step waits, with a stand-in for the client."""

import os
import pathlib
import subprocess

import pytest

from components.versions import fate_1_11

pytestmark = pytest.mark.unit

PASSWORD = "p'a$s \"w\\o"


def run(
    command: tuple[str, ...], folder: pathlib.Path, programs: dict[str, str], script: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs ``command`` with ``programs`` first on PATH and /etc/fate in ``folder``; ``script`` stands before it."""
    (folder / "bin").mkdir()
    for name, body in programs.items():
        file = folder / "bin" / name
        file.write_text(f"#!/bin/bash\n{body}\n")
        file.chmod(0o755)
    words = [word.replace("/etc/fate", str(folder)).replace("/var/lib/mysql", str(folder)) for word in command]
    words[2] = script + words[2]
    environment = os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "LOG": str(folder / "log")}
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """The files that the containers are given."""
    (tmp_path / "mysql-password").write_text(PASSWORD)
    (tmp_path / "mysql-root-password").write_text("root's own")
    (tmp_path / "eggroll-schema.sql").write_text("CREATE TABLE IF NOT EXISTS `t`;")
    return tmp_path


def test_the_server_gets_both_passwords_and_nothing_is_in_its_arguments(folder: pathlib.Path) -> None:
    """A password in the arguments or in the container's environment is shown by every inspect command."""
    command = fate_1_11.mysql_command(database="eggroll_meta", user="fate")
    entry_point = 'echo "$MYSQL_ROOT_PASSWORD|$MYSQL_PASSWORD|$*"'
    ran = run(command, folder, {"docker-entrypoint.sh": entry_point})
    assert ran.stdout == f"root's own|{PASSWORD}|mysqld --max-connections=1000\n"
    environment = fate_1_11.mysql_environment(database="eggroll_meta", user="fate")
    assert environment == {"MYSQL_DATABASE": "eggroll_meta", "MYSQL_USER": "fate", "MYSQL_ROOT_HOST": "localhost"}


def test_existing_data_gets_the_passwords_of_this_stack(folder: pathlib.Path) -> None:
    """Data that outlived its stack would refuse the passwords that the next stack generated."""
    (folder / "mysql").mkdir()
    (folder / "mysql-password").write_text("new-one")
    command = fate_1_11.mysql_command(database="eggroll_meta", user="fate")
    ran = run(command, folder, {"docker-entrypoint.sh": 'cat "${3#--init-file=}"', "install": ""})
    assert "ALTER USER 'fate'@'%' IDENTIFIED BY 'new-one';\n" in ran.stdout
    assert "ALTER USER 'root'@'localhost' IDENTIFIED BY 'root's own';\n" in ran.stdout
    assert "CREATE DATABASE IF NOT EXISTS `eggroll_meta`;\n" in ran.stdout


def test_the_server_does_not_start_without_its_passwords(folder: pathlib.Path) -> None:
    """MySQL initialised with an empty root password keeps it for ever."""
    (folder / "mysql-root-password").unlink()
    command = fate_1_11.mysql_command(database="eggroll_meta", user="fate")
    ran = run(command, folder, {"docker-entrypoint.sh": "echo started"})
    assert ran.returncode != 0
    assert "started" not in ran.stdout


@pytest.mark.parametrize(("database", "user"), [("", "fate"), ("eggroll_meta", ""), ("eggroll_meta", "root")])
def test_impossible_names_are_refused(database: str, user: str) -> None:
    """The entry point would stop with an error after the volume has been written to."""
    with pytest.raises(ValueError, match="let the user not be root"):
        fate_1_11.mysql_command(database=database, user=user)


@pytest.mark.parametrize("password", ["", "it's", 'a"b', "a\\b", "a\nb"])
def test_passwords_that_the_entry_point_would_break_on_are_refused(password: str) -> None:
    """The first start would end with half a data directory, which the second start takes for a whole one."""
    with pytest.raises(ValueError, match="choose another") as refusal:
        fate_1_11.mysql_password(password)
    assert not password or password not in str(refusal.value)


def test_other_passwords_are_kept() -> None:
    """A user's strong password is not changed behind the user's back."""
    assert fate_1_11.mysql_password("p$a s%w#`ö") == "p$a s%w#`ö"


def test_the_probe_asks_the_database_over_tcp(folder: pathlib.Path) -> None:
    """Over the socket the temporary server of the first start would pass for the real one."""
    command = fate_1_11.mysql_probe(database="eggroll_meta", user="fate")
    ran = run(command, folder, {"mysql": 'echo "$MYSQL_PWD|$*"; exit 4'})
    password, arguments = ran.stdout.rstrip("\n").split("|")
    assert password == PASSWORD
    for word in ("--protocol=tcp", "--host=127.0.0.1", "--port=3306", "--user=fate", "--execute=SELECT 1"):
        assert word in arguments
    assert arguments.endswith(" eggroll_meta")
    assert ran.returncode == 4


def test_the_schema_waits_and_then_is_applied(folder: pathlib.Path) -> None:
    """The step starts with the party: a server that is not there yet is no error."""
    client = (
        'case "$*" in *SELECT*) echo x >> "$LOG"; [ "$(wc -l < "$LOG")" -ge 3 ] || { echo refused >&2; exit 1; };; '
        '*) echo "applied with $MYSQL_PWD to $*:"; cat;; esac'
    )
    command = fate_1_11.schema_command(host="db", port=3307, user="fate")
    ran = run(command, folder, {"mysql": client, "sleep": ""})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("waiting for MySQL at db:3307: refused") == 2
    assert f"applied with {PASSWORD} to --protocol=tcp --connect-timeout=5 --host=db --port=3307" in ran.stdout
    assert "CREATE TABLE IF NOT EXISTS `t`;" in ran.stdout


def test_the_schema_gives_up_with_the_servers_words(folder: pathlib.Path) -> None:
    """Waiting for ever for a wrong password is how installations used to hang without a reason."""
    client = "echo 'Access denied' >&2; exit 1"
    command = fate_1_11.schema_command(host="db", port=3307, user="fate")
    ran = run(command, folder, {"mysql": client, "sleep": ""}, script=f"SECONDS={fate_1_11.SCHEMA_SECONDS}\n")
    assert ran.returncode == 1
    assert "MySQL at db:3307 did not let user fate in within 300 s: Access denied" in ran.stderr


def test_a_statement_that_fails_is_not_success(folder: pathlib.Path) -> None:
    """clustermanager must not start on half a schema."""
    client = 'case "$*" in *SELECT*) ;; *) exit 1;; esac'
    ran = run(fate_1_11.schema_command(host="db", port=3307, user="fate"), folder, {"mysql": client})
    assert ran.returncode == 1
    assert "are there" not in ran.stdout
