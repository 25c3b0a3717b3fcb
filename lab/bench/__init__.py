"""`python -m lab bench`: what the program costs beside an empty Pulumi program and beside kubectl, place by place.

What each place gave is kept, so that places can be measured one at a time; docs/bench.md is written from all of them.
"""

import argparse
import shutil
from collections.abc import Callable, Mapping, Sequence

from .. import progress, toolchain
from . import exchange, figures, life, measure, party, report

PLACES: Mapping[str, Callable[[int], measure.Series]] = {
    "render": party.rendered,
    "cluster": party.on_cluster,
    "docker": party.on_docker,
    "program": party.program,
    "exchange": exchange.growing,
}
"""What is measured, in this order."""


def main(argv: Sequence[str]) -> int:
    """Measures, and writes docs/bench.md once all places have figures, or when told; exit code 0 whatever they are."""
    parser = argparse.ArgumentParser(prog="python -m lab bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="measurements of each kind, at least 5 for the record")
    parser.add_argument("--only", choices=[*PLACES], help="measure one place; the others' figures stay as they are")
    parser.add_argument(
        "--record", action="store_true", help="write docs/bench.md though places are missing, and say so"
    )
    arguments = parser.parse_args(argv)
    shutil.rmtree(life.FOLDER, ignore_errors=True)
    toolchain.ensure(["pulumi", "plugins"])
    for place in [arguments.only] if arguments.only else PLACES:
        figures.taken(PLACES[place](arguments.runs), arguments.runs).save(place)
    found = figures.load(PLACES)
    text = report.text(found)
    print(text)
    missing = [place for place in PLACES if place not in found]
    if missing and not arguments.record:
        progress.say(f"docs/bench.md is left as it is: {', '.join(missing)} not measured; `make bench` measures all")
    else:
        report.FILE.write_text(text, "utf-8")
    return 0
