"""`python -m lab demo up|down|status`: an exchange and two eggroll parties by the real engine, from nothing.

`--on render` (the default) writes the Kubernetes YAML to disk and needs no cluster; `cluster` and `docker` run them.
"""

import argparse
import shutil
from collections.abc import Callable, Mapping, Sequence

from . import demo_report, demo_sites, errors, progress, toolchain
from .stack import Stack

QUIET = ("--suppress-outputs", "--suppress-progress")
"""The report shows the outputs, and dots are no progress."""
ROUNDS = ("each site by itself", "what the others said by then: routes, and the certificates that the exchange signed")
"""What the sites know in each round; after the last nobody waits for anybody."""


def main(argv: Sequence[str]) -> int:
    """Runs the command; exit code 0 when all went well."""
    parser = argparse.ArgumentParser(prog="python -m lab demo", description=__doc__)
    parser.add_argument("action", choices=["up", "down", "status"])
    parser.add_argument("--on", choices=[*PLACES], default="render", help="where the sites run; default: render")
    arguments = parser.parse_args(argv)
    if arguments.action == "up":
        up(arguments.on)
    elif arguments.action == "down":
        down()
    else:
        for place in PLACES:
            progress.say(f"demo on {place}: {', '.join(each.name for each in _there(place)) or 'none'}")
    return 0


def up(place: str) -> None:
    """Prepares, previews and brings up the federation in its rounds, and says what was made. Raises `LabError`."""
    toolchain.ensure(["pulumi", "plugins"])
    special, roles = PLACES[place](), demo_sites.roles()
    sites = demo_sites.stacks(place)
    with progress.step(f"stacks {', '.join(demo_sites.NAMES)} with a state of their own"):
        for site in sites:
            site.create()
            site.configure({**roles[site.name], **special[site.name]})
    for site in sites:
        with progress.step(f"pulumi preview of {site.name}"):
            site.run("preview", *QUIET)
    for number, known in enumerate(ROUNDS, start=1):
        progress.say(f"== round {number} of {len(ROUNDS)}: {known}")
        for site in sites:
            with progress.step(f"pulumi up of {site.name}"):
                site.run("up", "--yes", "--skip-preview", *QUIET)
            for line in site.outputs().get("pending", []):
                progress.say(f"   {site.name} waits: {line}")
    _settled(sites)
    demo_report.show(sites, place)


def _settled(sites: Sequence[Stack]) -> None:
    """Raises `LabError` when a site still waits for another after the last round."""
    waiting = {site.name: lines for site in sites if (lines := site.outputs().get("pending"))}
    if waiting:
        listed = "\n".join(f"  {name}: {line}" for name, lines in waiting.items() for line in lines)
        raise errors.LabError(f"the sites did not find each other; run the demo again, or down and up:\n{listed}")


def down() -> None:
    """Destroys and removes the demo on every platform where there is one; parties before the exchange they use."""
    gone = []
    for place in PLACES:
        for site in reversed(_there(place)):
            with progress.step(f"destroying {site.name} on {place}"):
                site.run("destroy", "--yes", "--skip-preview", *QUIET)
                site.remove()
            gone.append(place)
        if place in gone:
            shutil.rmtree(demo_sites.FOLDER / place)
    progress.say(f"demo: {', '.join(dict.fromkeys(gone))} destroyed" if gone else "demo: there is none")


def _there(place: str) -> list[Stack]:
    return [site for site in demo_sites.stacks(place) if site.exists()]


PLACES: Mapping[str, Callable[[], Mapping[str, demo_sites.Settings]]] = {
    "render": demo_sites.rendered,
    "cluster": demo_sites.on_cluster,
    "docker": demo_sites.on_docker,
}
"""Each platform with what prepares it; the answer is the configuration that is special to it, by stack."""
