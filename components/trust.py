"""Whom a site believes and what it shows to others: the files behind mutual TLS, wherever a server reads them."""

import dataclasses
from collections.abc import Mapping

import pulumi

from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trust:
    """What a site shows to peers that dial it and that it dials, and whom it believes."""

    private_key: pulumi.Output[str]
    """PKCS#8 PEM; secret."""
    certificate: pulumi.Output[str]
    """PEM of the site's own certificate for its key."""
    anchors: pulumi.Input[str]
    """PEM certificates of everybody admitted, and of nobody else; they change while servers run."""

    def files(self, pair: fate.KeyPair) -> tuple[workload.File, ...]:
        """Certificate and key where a server reads them, secret both: they come and go together."""
        return (
            workload.File(path=pair.certificate, content=self.certificate, secret=True),
            workload.File(path=pair.key, content=self.private_key, secret=True),
        )

    @property
    def bundle(self) -> dict[str, pulumi.Input[str]]:
        """The file of a live folder with everybody admitted.

        A site that admits nobody yet has its own certificate there, which lets nobody in but itself: no server starts
        with an empty file.
        """
        both = pulumi.Output.all(self.anchors, self.certificate)
        return {fate.ANCHORS_FILE: both.apply(lambda seen: f"{(seen[0].strip() or seen[1].strip())}\n")}


def bundle(trust: Trust | None) -> dict[str, pulumi.Input[str]]:
    """What ``trust`` adds to a live folder; nothing in plain text."""
    return {} if trust is None else trust.bundle


def files(trust: Trust | None, pair: fate.KeyPair) -> tuple[workload.File, ...]:
    """What ``trust`` adds to a container's files; nothing in plain text."""
    return () if trust is None else trust.files(pair)


def shown(
    endpoints: Mapping[str, pulumi.Output[workload.Endpoint]], trust: Trust | None
) -> Mapping[str, pulumi.Output[workload.Endpoint]]:
    """``endpoints`` as peers must dial them: with mutual TLS, where there is ``trust``."""
    if trust is None:
        return endpoints
    return {name: where.apply(_with_tls) for name, where in endpoints.items()}


def _with_tls(where: workload.Endpoint) -> workload.Endpoint:
    return dataclasses.replace(where, tls=True)
