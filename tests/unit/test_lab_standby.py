"""The process that becomes a stand-in for each plugin that the engine starts."""

import os
import pathlib
import socket
import subprocess

import pytest

from lab import process
from lab.providers import enter, standby
from lab.toolchain import plugins


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("stands_by", ["nobody", "somebody", "somebody who is gone"])
def test_a_plugin_ends_with_the_process_that_the_engine_stops(tmp_path: pathlib.Path, stands_by: str) -> None:
    """A plugin that outlives its run goes on creating what the killed run had begun."""
    environment = {name: value for name, value in os.environ.items() if name != enter.ADDRESS}
    if stands_by == "somebody who is gone":
        environment[enter.ADDRESS] = str(tmp_path / "socket")
        with socket.socket(socket.AF_UNIX) as gone:
            gone.bind(environment[enter.ADDRESS])
    if stands_by == "somebody":
        environment[enter.ADDRESS] = standby.start()
        process.wait_for(pathlib.Path(environment[enter.ADDRESS]).is_socket, 60, "the process that stands by")
    wrapper = tmp_path / "pulumi-resource-random"
    wrapper.write_text(plugins.wrapper("random"), "utf-8")
    command = ["sh", str(wrapper), "127.0.0.1:1"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as plugin:
        assert plugin.stdout is not None
        port = int(plugin.stdout.readline())
        assert answers(port)
        plugin.kill()
        plugin.wait()
        process.wait_for(lambda: not answers(port), 10, "the end of the plugin")
