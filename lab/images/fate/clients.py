"""`flow` and `pipeline` of the client image: like the real ones, their `init` only writes down where fateflow is."""

import argparse
import json
import pathlib
import urllib.error
import urllib.request

import yaml

from . import service

FOLDER = pathlib.Path("/opt/lab/clients")
"""Where the settings are kept; the real ones keep them among their own Python files."""


def main(name: str) -> None:
    """``NAME init --ip IP --port PORT``; for flow also ``flow server versions``, which asks fateflow."""
    parser = argparse.ArgumentParser(prog=name)
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init")
    init.add_argument("--ip")
    init.add_argument("--port", type=int)
    init.add_argument("--app-key")
    init.add_argument("--secret-key")
    init.add_argument("-c", dest="configuration")
    if name == "flow":
        commands.add_parser("server").add_argument("what", choices=["versions"])
    arguments = parser.parse_args()
    settings = FOLDER / f"{name}.yaml"
    if arguments.command == "server":
        _versions(settings)
    elif not arguments.ip or not arguments.port:
        # As the real ones: said, but no failure.
        print(f"{name} configuration failed. Please provide server http ip address & port information.")
    else:
        FOLDER.mkdir(parents=True, exist_ok=True)
        settings.write_text(yaml.safe_dump({"ip": arguments.ip, "port": arguments.port}), encoding="utf-8")
        print(f"{name} configuration succeeded.")


def _versions(settings: pathlib.Path) -> None:
    try:
        conf = yaml.safe_load(settings.read_text(encoding="utf-8"))
        request = urllib.request.Request(f"http://{conf['ip']}:{conf['port']}/v1/version/get", b"{}", method="POST")
        with urllib.request.urlopen(request, timeout=service.REACH_SECONDS) as answer:
            print(json.dumps(json.load(answer), indent=4))
    except FileNotFoundError as error:
        raise service.RefusedError('Invalid configuration file. Did you run "flow init"?') from error
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise service.RefusedError(f"fateflow does not answer at {conf['ip']}:{conf['port']}: {error}") from error
