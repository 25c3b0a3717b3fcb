"""`python -m lab COMMAND ...`: each command is a module with `main(argv) -> int`, loaded only when it is asked for."""

import importlib
import sys
from collections.abc import Sequence

from . import errors

COMMANDS = {
    "toolchain": "lab.toolchain",
    "cluster": "lab.cluster",
    "docker": "lab.dockerd",
    "images": "lab.images",
    "demo": "lab.demo",
    "bench": "lab.bench",
    "test": "lab.testing",
}
USAGE = """usage: python -m lab COMMAND [ARGUMENTS]

  toolchain [NAME...]          make the tools complete (all, or: pulumi plugins kubernetes kwok coredns etcd)
  cluster up|down|status|load  the lab's Kubernetes: control plane, one real node, kwok for simulated ones
  docker up|down|status        the Docker engine: one that answers already, else the lab's own
  images [NAME...]             build the lab images that are missing
  demo up|down|status          an exchange and two eggroll parties from nothing; see `make help`
  test [RING...] [-- ARGS]     prepare what the rings of the tests need, then run pytest
  bench [--only PLACE]         measure render, cluster, docker, program and exchange; writes docs/bench.md
"""


def main(argv: Sequence[str]) -> int:
    """Runs one command; an error that a person can mend is printed as a sentence, never as a traceback."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if argv else 2
    name, *rest = argv
    if name not in COMMANDS:
        print(f"python -m lab: no command {name!r}; there are: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        return int(importlib.import_module(COMMANDS[name]).main(rest))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("lab"):
            print(f"python -m lab {name}: not part of this checkout ({error.name} is missing)", file=sys.stderr)
        else:
            print(f"python -m lab {name}: package {error.name} is missing; run `make env`", file=sys.stderr)
        return 1
    except errors.LabError as error:
        print(f"python -m lab {name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"python -m lab {name}: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
