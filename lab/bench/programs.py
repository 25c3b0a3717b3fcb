"""The two programs beside the real one: an empty one with the same plugins, and the real one with a stopwatch."""

import pathlib

import yaml

from .. import paths

EMPTY = """\
# Imports and configures what a party on the same platform does, as many providers, and creates nothing.
import pulumi
import pulumi_random
import pulumi_tls

config = pulumi.Config("fate")
if config.get("platform") == "docker":
    import pulumi_docker

    pulumi_docker.Provider("docker", host=config.require_object("docker").get("host"))
else:
    import pulumi_kubernetes

    settings = config.require_object("kubernetes")
    render_to = settings.get("renderTo")
    pulumi_kubernetes.Provider(
        "kubernetes",
        kubeconfig="" if render_to else settings.get("kubeconfig"),
        render_yaml_to_directory=render_to,
        skip_update_unreachable=render_to is not None,
    )
pulumi_random.Provider("random")
pulumi_tls.Provider("tls")
"""

STOPWATCH = """\
# Runs the real program, and notes its processor time after imports and its peak memory when it ends.
import atexit
import importlib
import json
import os
import pathlib
import resource
import runpy
import sys
import time

ROOT, NOTES, MODULES = (pathlib.Path(os.environ[name]) for name in ("BENCH_ROOT", "BENCH_NOTES", "BENCH_MODULES"))
sys.path.insert(0, str(ROOT))
# Modules that the program imports only on use, as an earlier run listed them, so that they too count as imports.
for module in json.loads(MODULES.read_text()) if MODULES.exists() else ["stacks.compose", "stacks.config"]:
    try:
        importlib.import_module(module)
    except ImportError:
        pass
imported = time.process_time()


def note() -> None:
    seconds = time.process_time() - imported
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    NOTES.write_text(json.dumps({"imports": imported, "after_imports": seconds, "memory": mebibytes}))
    MODULES.write_text(json.dumps([name for name in sys.modules if "__" not in name]))


atexit.register(note)
runpy.run_path(str(ROOT / "__main__.py"))
"""


def write(name: str, text: str, folder: pathlib.Path) -> pathlib.Path:
    """Makes a program beside the checkout's project: same name, same options, another `__main__.py`."""
    described = yaml.safe_load((paths.ROOT / "Pulumi.yaml").read_text("utf-8"))
    program = folder / name
    program.mkdir(parents=True, exist_ok=True)
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(paths.VENV)}}
    project = {**described, "runtime": runtime, "stackConfigDir": "."}
    (program / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False), "utf-8")
    (program / "__main__.py").write_text(text, "utf-8")
    return program
