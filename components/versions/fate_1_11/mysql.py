"""The database server and the step that makes eggroll's tables, both in the official MySQL image."""

from . import paths, ports

MYSQL_CAPABILITIES = ("SYS_NICE",)
"""Lets the server set the priority of its threads, which it logs errors about otherwise."""
SCHEMA_SECONDS = 300
"""How long the schema step waits for the server."""

# The official entry point starts as root and goes on as mysql, who cannot read files that only root may: so root
# reads the passwords here. They live in the environment of the server's process, never in the container's.
# On data that is there already the entry point sets no passwords, and this stack's may be newer than the data (see
# docs/adr/0005): then the server itself sets them, before it listens, the way the MySQL manual resets root's.
_SERVER = """\
set -e
MYSQL_ROOT_PASSWORD="$(cat "$1")"
MYSQL_PASSWORD="$(cat "$2")"
export MYSQL_ROOT_PASSWORD MYSQL_PASSWORD
accounts=
if [ -d "$5/mysql" ]; then
    accounts=/tmp/fate-accounts.sql
    install -m 0600 -o mysql -g mysql /dev/null "$accounts"
    cat > "$accounts" <<END
CREATE DATABASE IF NOT EXISTS \\`$3\\`;
CREATE USER IF NOT EXISTS '$4'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
ALTER USER '$4'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
GRANT ALL ON \\`$3\\`.* TO '$4'@'%';
ALTER USER 'root'@'localhost' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
END
fi
exec docker-entrypoint.sh mysqld --max-connections=1000 ${accounts:+--init-file="$accounts"}
"""
# Over TCP as the user of the services: the server that initialises the data listens on no port, so it is never
# taken for the real one, and a wrong password is found here and not in fateflow's log.
_ANSWER = """\
MYSQL_PWD="$(cat "$1")"
export MYSQL_PWD
exec mysql --protocol=tcp --connect-timeout=5 --host="$2" --port="$3" --user="$4" --execute="SELECT 1" "$5"
"""
_SCHEMA = f"""\
MYSQL_PWD="$(cat "$1")" || exit 1
export MYSQL_PWD
client() {{ mysql --protocol=tcp --connect-timeout=5 --host="$1" --port="$2" --user="$3" "${{@:4}}"; }}
until answer="$(client "$2" "$3" "$4" --execute='SELECT 1' 2>&1)"; do
    if [ "$SECONDS" -ge {SCHEMA_SECONDS} ]; then
        echo "MySQL at $2:$3 did not let user $4 in within {SCHEMA_SECONDS} s: $answer" >&2
        exit 1
    fi
    echo "waiting for MySQL at $2:$3: $answer"
    sleep 3
done
client "$2" "$3" "$4" < "$5" || exit 1
echo "eggroll's tables are there"
"""


def mysql_environment(*, database: str, user: str) -> dict[str, str]:
    """What the official entry point needs besides the passwords, which are files.

    ``user`` gets all rights on ``database`` and on nothing else; root may log in from inside the container only.
    """
    return {"MYSQL_DATABASE": database, "MYSQL_USER": user, "MYSQL_ROOT_HOST": "localhost"}


def mysql_command(*, database: str, user: str) -> tuple[str, ...]:
    """Starts the server with the passwords in ``MYSQL_ROOT_PASSWORD_PATH`` and ``MYSQL_PASSWORD_PATH``.

    On data that is there already it sets the passwords of ``user`` and root to these, so that a password can change
    and data can outlive the stack that made it. The passwords are ones that ``mysql_password`` lets pass.
    ``ValueError`` for a user ``root`` (the entry point refuses it) or an empty name.
    """
    if not database or not user or user == "root":
        raise ValueError(
            f"MySQL cannot have user {user!r} with database {database!r}; name both, and let the user not be root"
        )
    passwords = (paths.MYSQL_ROOT_PASSWORD_PATH, paths.MYSQL_PASSWORD_PATH)
    return ("bash", "-c", _SERVER, "mysql", *passwords, database, user, paths.MYSQL_DATA_PATH)


def mysql_password(password: str) -> str:
    """``password`` as it is, for root or the services' user of an own server.

    ``ValueError``, without the password, when it is empty or has a quote, a backslash or a line break: the
    official entry point puts it into SQL as it stands, and its first start would end half made.
    """
    if not password or set(password) & set("'\"\\\n\r"):
        raise ValueError(
            "a MySQL password is empty or has a quote, a backslash or a line break, which the MySQL image cannot use; "
            "choose another, or leave it out to have one generated"
        )
    return password


def mysql_probe(*, database: str, user: str) -> tuple[str, ...]:
    """Exits 0 once ``user`` can ask ``database`` something over TCP."""
    return ("bash", "-c", _ANSWER, "probe", paths.MYSQL_PASSWORD_PATH, "127.0.0.1", str(ports.MYSQL), user, database)


def schema_command(*, host: str, port: int, user: str) -> tuple[str, ...]:
    """Waits for the server, then applies ``SCHEMA_PATH`` with the password in ``MYSQL_PASSWORD_PATH``.

    Run before clustermanager, again with every start of it; for a server of somebody else as well. Exits 1 with
    the server's own words after ``SCHEMA_SECONDS`` or when a statement fails.
    """
    return ("bash", "-c", _SCHEMA, "schema", paths.MYSQL_PASSWORD_PATH, host, str(port), user, paths.SCHEMA_PATH)
