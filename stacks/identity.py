"""Who a site is to others: its key and certificate, whom it believes, and what an exchange signs for its parties."""

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from components import certificate_request, certificates
from components import trust as trusts

from . import links, outputs, pem, pending, settings
from .neighbours import Site


@dataclasses.dataclass(frozen=True, kw_only=True)
class Identity:
    """What the site's servers get, and what its link tells of it."""

    trust: trusts.Trust
    certified: pulumi.Output[outputs.Certified]


def make(site: Site, addresses: Sequence[str], opts: pulumi.ResourceOptions) -> Identity:
    """Make the site's key, certificate and authority; ``addresses``: those by which others dial it."""
    name = site.config.site
    authority = certificates.Authority(f"{name}-authority", name, opts)
    admitted = _admitted(site, authority)
    anchors, known = _anchors(site, admitted), _known(site, admitted)
    if site.config.certificate is not None:
        return _brought(site.config.certificate, anchors, known)
    names = [*dict.fromkeys([site.name, *addresses])]
    own = certificates.Identity(f"{name}-identity", name, names, opts)
    admission = authority.admit(name, own.request, names)
    both = pulumi.Output.all(own.request, admission.certificate, admission.anchor)

    def certificate(seen: Sequence[str]) -> str:
        signed = _usable(site, seen[0])
        return signed.certificate if signed and signed.certificate else seen[1]

    def certified(seen: Sequence[Any]) -> outputs.Certified:
        (request, _, anchor), parties = seen
        signed = _usable(site, request)
        return outputs.Certified(
            request=request,
            anchors=(*(signed.trust_anchors if signed else ()), anchor),
            known=parties,
            pending=tuple(_awaited(site, signed, request)),
            names=tuple(names),
        )

    return Identity(
        trust=trusts.Trust(private_key=own.private_key, certificate=both.apply(certificate), anchors=anchors),
        certified=pulumi.Output.all(both, known).apply(certified),
    )


def _brought(
    given: settings.Certificate, anchors: pulumi.Output[str], known: pulumi.Output[Mapping[str, links.Known]]
) -> Identity:
    """A certificate that somebody else signed: nobody is asked for one."""
    shown = (pem.load(given.trust_anchors),)
    return Identity(
        trust=trusts.Trust(
            private_key=pulumi.Output.secret(given.key.get_secret_value()),
            certificate=pulumi.Output.from_input(pem.load(given.certificate)),
            anchors=anchors,
        ),
        certified=known.apply(lambda parties: outputs.Certified(anchors=shown, known=parties)),
    )


def _admitted(site: Site, authority: certificates.Authority) -> Mapping[int, certificates.Admission]:
    """What an exchange signs: for each of its parties that asks for it."""
    return {
        number: authority.admit(other.site, other.link.certificate_request, other.names)
        for number, other in sorted(site.parties.items())
        if site.config.is_exchange and other.link and other.link.certificate_request
    }


def _anchors(site: Site, admitted: Mapping[int, certificates.Admission]) -> pulumi.Output[str]:
    """Everybody whom the site meets is believed by an anchor of its own, and nobody else.

    Of a party that an exchange signs for, only that: what it signs itself would do for any name.
    """
    others = [anchor for other in site.others if other.party_id not in admitted for anchor in other.anchors]
    if site.config.carries == "pulsar" and site.exchange and site.exchange.link:
        # Brokers meet each other through the exchange, which opens none of their TLS.
        for number, known in sorted(site.exchange.link.parties.items()):
            others += known.trust_anchors if number != site.config.party_id else ()
    signed = pulumi.Output.all(*(each.anchor for each in admitted.values()))
    return signed.apply(lambda anchors: pem.bundle([*others, *anchors]))


def _known(site: Site, admitted: Mapping[int, certificates.Admission]) -> pulumi.Output[Mapping[str, links.Known]]:
    signed = pulumi.Output.all(
        **{str(number): pulumi.Output.all(each.certificate, each.anchor) for number, each in admitted.items()}
    )

    def known(seen: Mapping[str, Sequence[str]]) -> Mapping[str, links.Known]:
        found = {}
        for number, other in site.parties.items():
            if str(number) in seen and other.link and other.link.certificate_request:
                certificate, anchor = seen[str(number)]
                found[str(number)] = links.Known(
                    stack=other.stack,
                    certificate=certificate,
                    signed=_digest(other.link.certificate_request),
                    trust_anchors=(anchor,),
                )
            else:
                anchors = other.anchors if site.config.is_exchange else ()
                found[str(number)] = links.Known(stack=other.stack, trust_anchors=tuple(anchors))
        return found

    return signed.apply(known)


def _signed(site: Site) -> links.Known | None:
    """What the exchange says of this party."""
    number, middle = site.config.party_id, site.exchange
    return middle.link.parties.get(number) if middle and middle.link and number is not None else None


def _usable(site: Site, request: str) -> links.Known | None:
    """What the exchange signed for this party, unless that was for the key of an earlier stack."""
    signed = _signed(site)
    fits = signed and signed.certificate and certificate_request.has_key_of(signed.certificate, request)
    return signed if fits else None


def _awaited(site: Site, signed: links.Known | None, request: str) -> Iterator[str]:
    middle = site.exchange
    if middle is None or _signed(site) is None:
        return
    if signed is None:
        yield (
            f"{middle.path}: {middle.site} has not signed the certificate of {site.config.site} yet; "
            f"there {pending.again(middle)}"
        )
    elif signed.signed != _digest(request):
        yield (
            f"{middle.path}: {middle.site} has signed what {site.config.site} asked for before its names changed; "
            f"there {pending.again(middle)}"
        )


def _digest(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()[:32]
