"""An exchange in a few lines: parties that cannot dial each other dial it. ``transport`` says how they talk."""

import pathlib
import sys

import pulumi

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))  # where ``components`` lies

from components import exchange
from components.platform import docker, kubernetes, workload
from components.versions import fate_1_11 as fate

SITE = "fate-exchange"
PARTIES = {9999: "guest.example.org", 10000: "host.example.org"}
"""Party id to the address that it is dialled at."""


def image(component: str) -> str:
    """FATE's own image of ``component``."""
    return fate.image(component, registry=None, tag=None, algorithm="Basic", device="CPU")


def transport(name: str) -> exchange.RollsiteExchangeArgs | exchange.PulsarExchangeArgs:
    """How the parties talk."""
    if name == "rollsite":
        return exchange.RollsiteExchangeArgs(
            image=image("eggroll"),
            resources=workload.Resources(cpu=0.5, memory=512),
            routes={party: fate.Hop(host=host, port=fate.ports.ROLLSITE) for party, host in PARTIES.items()},
        )
    return exchange.PulsarExchangeArgs(
        image=image("nginx"),
        resources=workload.Resources(cpu=0.1, memory=128),
        domain="fed.example.org",
        routers={party: fate.nginx.Route(host=host) for party, host in PARTIES.items()},
        brokers={party: fate.Hop(host=host, port=fate.ports.PULSAR_TLS) for party, host in PARTIES.items()},
    )


def main() -> None:
    """The exchange on the platform that the configuration names."""
    config = pulumi.Config()
    where: workload.Platform
    if config.get("platform") == "kubernetes":
        where = kubernetes.KubernetesPlatform(kubernetes.KubernetesArgs(site=SITE, namespace=SITE))
    else:
        where = docker.DockerPlatform(docker.DockerArgs(site=SITE))
    told = exchange.ExchangeArgs(site=SITE, transport=transport(config.get("transport") or "rollsite"))
    made = exchange.Exchange(SITE, told, where, pulumi.ResourceOptions(providers=[where.provider]))
    pulumi.export("peers", workload.plain(made.peers))


main()
