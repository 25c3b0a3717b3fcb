"""A process with every stand-in loaded that becomes one each time the engine starts a plugin.

Loading Pulumi's SDK takes a quarter of a second of a processor, and each of a party's three plugins does it in every
run of the engine. The tests have hundreds of those: `python -m lab test` starts this beside them, and the wrappers of
the stand-ins find it by the environment. Without it each loads for itself, as an official plugin starts by itself.
"""

import contextlib
import gc
import importlib
import json
import os
import pathlib
import runpy
import select
import signal
import socket
import sys
import tempfile
import threading
import traceback
from typing import NoReturn

from .. import paths

LOADED = ("docker.provider", "kubernetes.server", "random.provider", "tls.provider")


def start() -> str:
    """Start it for as long as this process lives, whatever it becomes; its value for ``enter.ADDRESS``."""
    address = str(pathlib.Path(tempfile.mkdtemp(prefix="standby-")) / "socket")
    alive, kept = os.pipe()
    os.set_inheritable(alive, True)
    command = [sys.executable, "-m", __name__, address, str(alive)]
    os.spawnve(os.P_NOWAIT, command[0], command, {**os.environ, "PYTHONPATH": str(paths.ROOT)})
    os.close(alive)
    # The kernel closes it with this process, whatever program that runs then.
    os.set_inheritable(kept, True)
    return address


def main(address: str, alive: int) -> None:
    """Serve until nobody holds the other end of ``alive``."""
    for module in LOADED:
        importlib.import_module(f"lab.providers.{module}")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        while alive not in select.select([listener.fileno(), alive], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                os.close(alive)
                _become(connection)
            connection.close()
    pathlib.Path(address).unlink()
    pathlib.Path(address).parent.rmdir()


def _become(connection: socket.socket) -> NoReturn:
    """Be the plugin that was asked for, with the streams, arguments, environment and folder of who asked."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _, (*streams, folder), _, _ = socket.recv_fds(connection, 1, 4)
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.fchdir(folder)
    os.close(folder)
    with connection.makefile() as file:
        name, arguments, environment = json.loads(file.readline())
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [name, *arguments]
    threading.Thread(target=_follow, args=(connection,), daemon=True).start()
    code = 1
    try:
        runpy.run_module(f"lab.providers.{name}", run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.suppress(OSError):
        connection.sendall(str(code).encode())
    os._exit(code)


def _follow(connection: socket.socket) -> None:
    """End with who asked, at once and whatever is under way: that is the process which the engine stops or kills."""
    connection.recv(1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
