#!/bin/bash
# Hands the data to the server's user and goes on as that user, as the official one does; refuses what it refuses.
set -eu

if [[ ${1:-} == rabbitmq* && $(id -u) == 0 ]]; then
  if [[ $1 == rabbitmq-server ]]; then find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq '{}' +; fi
  exec gosu rabbitmq "$BASH_SOURCE" "$@"
fi
for name in RABBITMQ_DEFAULT_PASS_FILE RABBITMQ_DEFAULT_USER_FILE RABBITMQ_VM_MEMORY_HIGH_WATERMARK; do
  if [[ -n ${!name:-} ]]; then
    echo >&2 "error: $name is set but deprecated"
    echo >&2 'error: deprecated environment variables detected'
    exit 1
  fi
done
exec "$@"
