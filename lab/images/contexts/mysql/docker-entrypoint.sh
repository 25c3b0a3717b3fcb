#!/bin/bash
# Starts the server the way the official mysql image does: the same variables, the same first start, the same refusals.
set -eo pipefail
shopt -s nullglob

readonly DATA=/var/lib/mysql
readonly SOCKET=/var/run/mysqld/mysqld.sock
readonly SCRIPTS=/docker-entrypoint-initdb.d

note() { printf '%s+00:00 [%s] [Entrypoint]: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%S)" "$1" "$2"; }
fail() { note ERROR "$1" >&2; exit 1; }

# A setting comes as VAR or as the content of the file named by VAR_FILE, never both.
setting() {
  local name=$1 file=${1}_FILE
  [[ -z ${!name:-} || -z ${!file:-} ]] || fail "Both $name and $file are set (but are exclusive)"
  if [[ -n ${!file:-} ]]; then
    [[ -r ${!file} ]] || fail "$file names ${!file}, which cannot be read"
    printf -v "$name" '%s' "$(< "${!file}")"
  fi
  export "$name=${!name:-}"
  unset "$file"
}

settings() {
  local name
  for name in MYSQL_ROOT_PASSWORD MYSQL_ROOT_HOST MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD; do setting "$name"; done
  export MYSQL_ROOT_HOST=${MYSQL_ROOT_HOST:-%}
}

check_settings() {
  if [[ -z $MYSQL_ROOT_PASSWORD && -z ${MYSQL_ALLOW_EMPTY_PASSWORD:-} && -z ${MYSQL_RANDOM_ROOT_PASSWORD:-} ]]; then
    fail 'Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD'
  fi
  [[ $MYSQL_USER != root ]] || fail 'MYSQL_USER="root", MYSQL_USER and MYSQL_PASSWORD are for configuring a regular user and cannot be used for the root user'
  if [[ -n $MYSQL_USER && -z $MYSQL_PASSWORD ]]; then
    note Warn 'MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created'
  elif [[ -z $MYSQL_USER && -n $MYSQL_PASSWORD ]]; then
    note Warn 'MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_USER will not be created'
  fi
}

# A text as an SQL string; without it a quote in a password would end the statement.
quoted() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\\\'}"; }

client() { MYSQL_PWD=${MYSQL_ROOT_PASSWORD:-} mysql --protocol=socket --socket="$SOCKET" -uroot --comments "$@"; }

initialise() {
  local entry
  for entry in "$DATA"/*; do
    fail "--initialize specified but the data directory $DATA has files in it (${entry##*/}). Aborting."
  done
  note Note 'Initializing database files'
  mariadb-install-db --datadir="$DATA" --skip-test-db --auth-root-authentication-method=normal \
    --skip-name-resolve --cross-bootstrap >/dev/null
}

# Only over the socket: nobody outside reaches a server that is half made.
start_temporary() {
  mysqld --skip-networking --socket="$SOCKET" &
  TEMPORARY=$!
  local try
  for ((try = 0; try < 300; try++)); do
    MYSQL_PWD='' mysql --protocol=socket --socket="$SOCKET" -uroot -e 'SELECT 1' &>/dev/null && return
    kill -0 "$TEMPORARY" 2>/dev/null || fail 'Unable to start server.'
    sleep 0.1
  done
  fail 'Unable to start server.'
}

stop_temporary() {
  kill -TERM "$TEMPORARY"
  wait "$TEMPORARY" || fail 'Unable to shut down server.'
}

create_accounts() {
  local random=''
  if [[ -n ${MYSQL_RANDOM_ROOT_PASSWORD:-} ]]; then
    random=$(head -c 24 /dev/urandom | base64)
    MYSQL_ROOT_PASSWORD=$random
    note Note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
  fi
  local root password
  root=$(quoted "$MYSQL_ROOT_PASSWORD")
  {
    echo "SET @@SESSION.SQL_LOG_BIN=0;"
    echo "DELETE FROM mysql.global_priv WHERE user='' OR (user='root' AND host<>'localhost'); FLUSH PRIVILEGES;"
    if [[ $MYSQL_ROOT_HOST != localhost ]]; then
      echo "CREATE USER 'root'@$(quoted "$MYSQL_ROOT_HOST") IDENTIFIED BY $root;"
      echo "GRANT ALL ON *.* TO 'root'@$(quoted "$MYSQL_ROOT_HOST") WITH GRANT OPTION;"
    fi
    if [[ -n $MYSQL_DATABASE ]]; then echo "CREATE DATABASE IF NOT EXISTS \`${MYSQL_DATABASE//\`/\`\`}\`;"; fi
    if [[ -n $MYSQL_USER && -n $MYSQL_PASSWORD ]]; then
      password=$(quoted "$MYSQL_PASSWORD")
      echo "CREATE USER $(quoted "$MYSQL_USER")@'%' IDENTIFIED BY $password;"
      # In a grant, _ and % of a database's name are wildcards unless escaped.
      if [[ -n $MYSQL_DATABASE ]]; then
        echo "GRANT ALL ON \`${MYSQL_DATABASE//_/\\_}\`.* TO $(quoted "$MYSQL_USER")@'%';"
      fi
    fi
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $root;"
  } | MYSQL_PWD='' mysql --protocol=socket --socket="$SOCKET" -uroot mysql
}

# MariaDB understands more than MySQL 8.0; a script that the real server would refuse is refused here too.
check_sql() {
  local found
  if found=$(grep -inE '(create[[:space:]]+(or[[:space:]]+replace[[:space:]]+)?(unique[[:space:]]+)?index|add[[:space:]]+(column|index|key|unique)|drop[[:space:]]+(index|column))[[:space:]]+if[[:space:]]+(not[[:space:]]+)?exists|create[[:space:]]+or[[:space:]]+replace[[:space:]]+(table|database|user|index)' "$2"); then
    fail "ERROR 1064 (42000) in $1: You have an error in your SQL syntax; MySQL 8.0 has no such clause: ${found%%$'\n'*}"
  fi
}

run_sql() {
  local text
  text=$(mktemp)
  "${@:2}" < "$1" > "$text"
  check_sql "$1" "$text"
  client ${MYSQL_DATABASE:+--database="$MYSQL_DATABASE"} < "$text" || fail "$1 failed"
  rm -f "$text"
}

run_scripts() {
  local file
  for file in "$SCRIPTS"/*; do
    case $file in
      *.sh)
        note Note "$0: running $file"
        if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
      *.sql) note Note "$0: running $file"; run_sql "$file" cat ;;
      *.sql.gz) note Note "$0: running $file"; run_sql "$file" gunzip ;;
      *.sql.bz2) note Note "$0: running $file"; run_sql "$file" bunzip2 ;;
      *.sql.xz) note Note "$0: running $file"; run_sql "$file" xz -dc ;;
      *.sql.zst) note Note "$0: running $file"; run_sql "$file" zstd -dc ;;
      *) note Warn "$0: ignoring $file" ;;
    esac
  done
}

main() {
  if [[ ${1:0:1} == - ]]; then set -- mysqld "$@"; fi
  if [[ $1 != mysqld ]]; then exec "$@"; fi
  note Note 'Entrypoint script for MySQL Server 8.0.28 started.'
  # Before the user changes: a secret's file is often root's alone.
  settings
  if [[ $(id -u) == 0 ]]; then
    mkdir -p "$DATA" "${SOCKET%/*}"
    find "$DATA" "${SOCKET%/*}" \! -user mysql -exec chown mysql '{}' +
    note Note "Switching to dedicated user 'mysql'"
    exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$BASH_SOURCE" "$@"
  fi
  if [[ ! -d $DATA/mysql ]]; then
    check_settings
    initialise
    start_temporary
    create_accounts
    run_scripts
    stop_temporary
    note Note 'MySQL init process done. Ready for start up.'
  fi
  unset MYSQL_ROOT_PASSWORD MYSQL_PASSWORD
  exec "$@"
}

main "$@"
