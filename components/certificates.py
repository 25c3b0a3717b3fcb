"""Who a site is to others: its key and request, and the certificates that one site signs for another.

A site's private key never leaves it: what travels is a request, and what returns is a certificate. Whoever signs keeps
one signing certificate for each site that it admits. So a site that is no longer admitted is known to nobody any more,
and what was once signed for it is worth nothing, on every server that reads a bundle of trust anchors; and a site that
is admitted can vouch for nobody but itself.
"""

import dataclasses
import ipaddress
from collections.abc import Collection, Sequence

import pulumi
import pulumi_tls as tls

from . import certificate_request

YEAR = 365 * 24
"""Hours."""
CERTIFICATE_HOURS = YEAR
"""A year: long enough for an ``up`` to fall into its last month, short enough to end what a lost key can do."""
RENEWAL_HOURS = 30 * 24
"""A month before the end any ``up`` renews; the other side needs none, because its trust anchor stays the same."""
ANCHOR_HOURS = 10 * YEAR
"""Others keep trust anchors, which only another link brings: so they last."""
_ALGORITHM, _BITS = "RSA", 2048
"""What rollsite (netty) and Pulsar 2.10 both read; Pulsar takes RSA keys only."""
_USES = ("digital_signature", "key_encipherment", "server_auth", "client_auth")
_SIGNING_USES = ("cert_signing", "crl_signing", "digital_signature")


@dataclasses.dataclass(frozen=True)
class Admission:
    """What a site gets from whoever admits it."""

    certificate: pulumi.Output[str]
    """PEM of the certificate for its key."""
    anchor: pulumi.Output[str]
    """PEM of the signing certificate that nobody but this site has one from."""


class Identity(pulumi.ComponentResource):
    """A site's key, and what it asks to have signed."""

    private_key: pulumi.Output[str]
    """PKCS#8 PEM, which rollsite and Pulsar need; secret."""
    request: pulumi.Output[str]
    """PEM; for everybody to see."""

    def __init__(self, name: str, site: str, names: Sequence[str], opts: pulumi.ResourceOptions | None = None) -> None:
        """``site``: common name; ``names``: host names and IP addresses by which others dial the site."""
        super().__init__("fate:site:Identity", name, {}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        key = _key(f"{name}-key", inside)
        self.private_key = key.private_key_pem_pkcs8
        addresses = [each for each in names if _is_address(each)]
        self.request = tls.CertRequest(
            f"{name}-request",
            private_key_pem=key.private_key_pem,
            subject=tls.CertRequestSubjectArgs(common_name=site, organization="FATE"),
            dns_names=[each for each in names if each not in addresses] or None,
            ip_addresses=addresses or None,
            opts=inside,
        ).cert_request_pem
        self.register_outputs({"request": self.request})


class Authority(pulumi.ComponentResource):
    """Signs for the sites that it is told to admit, and for no other."""

    def __init__(self, name: str, site: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fate:site:Authority", name, {}, opts)
        self._name, self._site = name, site
        self._key = _key(f"{name}-key", pulumi.ResourceOptions(parent=self))
        self.register_outputs({})

    def admit(self, site: str, request: pulumi.Input[str], names: Collection[str] = ()) -> Admission:
        """Sign ``request`` of ``site``, once for each site.

        ``names``: host names and addresses that are the site's own besides ``site``. A request for any other ends the
        run: whoever had it signed could pass for another site.
        """

        def checked(text: str) -> str:
            try:
                certificate_request.check(text, site=site, names=names)
            except certificate_request.Refused as error:
                raise pulumi.RunError(f"the certificate request of {site} {error}") from None
            return text

        inside = pulumi.ResourceOptions(parent=self)
        anchor = tls.SelfSignedCert(
            f"{self._name}-{site}-anchor",
            private_key_pem=self._key.private_key_pem,
            subject=tls.SelfSignedCertSubjectArgs(common_name=f"{self._site} for {site}", organization="FATE"),
            is_ca_certificate=True,
            allowed_uses=list(_SIGNING_USES),
            validity_period_hours=ANCHOR_HOURS,
            early_renewal_hours=YEAR,
            opts=inside,
        ).cert_pem
        certificate = tls.LocallySignedCert(
            f"{self._name}-{site}-certificate",
            cert_request_pem=pulumi.Output.from_input(request).apply(checked),
            ca_private_key_pem=self._key.private_key_pem,
            ca_cert_pem=anchor,
            allowed_uses=list(_USES),
            validity_period_hours=CERTIFICATE_HOURS,
            early_renewal_hours=RENEWAL_HOURS,
            opts=inside,
        ).cert_pem
        return Admission(certificate, anchor)


def _key(name: str, opts: pulumi.ResourceOptions) -> tls.PrivateKey:
    return tls.PrivateKey(name, algorithm=_ALGORITHM, rsa_bits=_BITS, opts=opts)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
