"""An exchange with few parties and with many: what each party costs, and what one more does."""

import json
import pathlib
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stacks import links

from .. import progress, toolchain
from ..stack import Stack
from . import life, measure, report

NAME = "exchange"
FIRST_PARTY = 10001
_KEY = ec.generate_private_key(ec.SECP256R1())
"""The parties' private key: one for all, for an exchange never sees more of it than who has it."""


def growing(runs: int) -> measure.Series:
    """An exchange with ``report.FEW`` and with ``report.MANY`` parties in turn, on disk and on the lab's API server."""
    from .. import cluster

    toolchain.ensure(["kubernetes", "kwok", "coredns", "etcd"])
    with progress.step("lab cluster"):
        kubeconfig = cluster.up()
    settings = {
        report.ON_DISK: {"kubernetes.renderTo": str(life.FOLDER / "manifests-exchange")},
        report.ON_SERVER: {"kubernetes.kubeconfig": str(kubeconfig), "kubernetes.wait": "false", **life.NO_IMAGES},
    }
    series = measure.Series()
    for number in range(runs):
        for where, told in settings.items():
            with progress.step(f"exchange {where}, round {number + 1} of {runs}"):
                for parties in (report.FEW, report.MANY):
                    life.life(series, report.with_parties(parties, where), _stack(parties, told))
    return series


def _stack(parties: int, settings: Mapping[str, str]) -> Stack:
    folder = life.FOLDER / f"{NAME}-{parties}"
    stack = Stack(folder, NAME)
    stack.create()
    known = {
        f"parties.{number}.file": str(_link(number, folder)) for number in range(FIRST_PARTY, FIRST_PARTY + parties)
    }
    stack.configure(
        {"role": NAME, "transport": "rollsite", "advertise.host": "exchange.example.org", **settings, **known}
    )
    return stack


def _link(number: int, folder: pathlib.Path) -> pathlib.Path:
    """The file that a party of another organisation sent, which asks for a certificate."""
    host, site = f"party-{number}.example.org", f"fate-{number}"
    link = links.Link(
        role="party",
        stack=f"organization/fate/party-{number}",
        site=site,
        party_id=number,
        fate_version="1.11.2",
        transport="rollsite",
        endpoints={"rollsite": links.LinkEndpoint(host=host, port=9370, tls=True)},
        domain="fate.internal",
        certificate_request=_request(site, host),
        exchange=f"organization/fate/{NAME}",
    )
    file = folder / f"link-{number}.json"
    file.write_text(json.dumps(link.exported()), "utf-8")
    return file


def _request(site: str, host: str) -> str:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, site)])
    asked = x509.CertificateSigningRequestBuilder(subject)
    asked = asked.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return asked.sign(_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
