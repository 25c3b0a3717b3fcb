"""Small sites of made-up workloads, for what a platform promises to every workload alike."""

from lab import paths

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
import pulumi
from components.platform import {platform}, workload
from components.platform.workload import Audience, Container, File, LiveFolder, Port, Probe, Volume
platform = {made}
on = pulumi.ResourceOptions(providers=[platform.provider])
site = pulumi.ComponentResource("fate:site:Party", {site!r}, {{}}, on)
platform.open(site)
SERVE = '''
set -e
cat /secret/word > /data/word; id -u > /data/user; cat /table/routes > /data/first
trap 'exit 0' TERM
while :; do echo ok | nc -l -p 7000 & wait $!; done
'''
REST = "trap 'exit 0' TERM; sleep 3600 & wait $!"
keeper = Container(
    name="keeper", image={image!r}, command=("sh", "-c", SERVE), user=10000,
    files=(File(path="/secret/word", content="hunter2", secret=True),),
    probe=Probe(command=("test", "-s", "/data/user")),
    resources=workload.Resources(cpu=0.01, memory=16, memory_limit=64),
)
reader = Container(
    name="reader", image={image!r}, command=("sh", "-c", REST),
    resources=workload.Resources(cpu=0.01, memory=16, memory_limit=64),
)
running = platform.run(
    workload.Workload(
        name="keeper",
        containers=(keeper, reader),
        ports=(
            Port(name="store", number=7000, audience=Audience.PEERS),
            Port(name="store-grpc", number=7001, audience=Audience.PEERS),
            Port(name="page", number=7002, audience=Audience.OPERATORS),
        ),
        volumes=(
            Volume(name="data", paths=("/data",), size="16Mi", existing={existing!r}, retain=False),
            Volume(name="spare", paths=("/spare",)),
        ),
        live=LiveFolder(name="table", path="/table", files={{"routes": {routes!r}}}),
        replicas={replicas}, stable=True, scales=True,
    ),
    parent=site,
)
pulumi.export("ends", workload.plain(running.endpoints))
"""
"""One workload that uses everything: another user than root, a secret, volumes, a live folder, ports for everybody."""


def program(
    platform: str, made: str, *, site: str, image: str, routes: str, existing: str | None = None, replicas: int = 1
) -> str:
    """The program of ``site`` on the platform that the expression ``made`` makes."""
    return PROGRAM.format(
        root=str(paths.ROOT),
        platform=platform,
        made=made,
        site=site,
        image=image,
        routes=routes,
        existing=existing,
        replicas=replicas,
    )
