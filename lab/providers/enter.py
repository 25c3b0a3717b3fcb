"""What a wrapper runs where a process stands by: has it become the plugin, and lives and ends with it.

Only what Python loads fastest is imported: this is started for every plugin.
"""

import json
import os
import socket
import sys

ADDRESS = "LAB_STANDBY"
"""Environment variable with the path of the socket of whoever stands by."""
INTERRUPTED = 130
"""Exit code of a plugin that was told to stop."""


def main(name: str, *arguments: str) -> int:
    """The exit code of the plugin."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.environ[ADDRESS])
        except OSError:
            return _load(name, *arguments)  # It is gone, and with it only what it saves.
        socket.send_fds(connection, [b"."], [0, 1, 2, os.open(".", os.O_RDONLY)])
        connection.sendall(json.dumps([name, arguments, dict(os.environ)]).encode() + b"\n")
        try:
            return int(connection.recv(3) or b"1")
        except KeyboardInterrupt:
            return INTERRUPTED


def _load(name: str, *arguments: str) -> int:
    """Be the plugin as if nobody had ever stood by."""
    import pathlib

    os.environ["PYTHONPATH"] = str(pathlib.Path(__file__).parents[2])
    os.execv(sys.executable, [sys.executable, "-m", f"lab.providers.{name}", *arguments])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
