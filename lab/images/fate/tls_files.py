"""Certificates and keys as eggroll's TLS reads them."""

import dataclasses
import pathlib
import ssl

from . import properties, service

_CLIENT = "eggroll.core.security.client"


@dataclasses.dataclass(frozen=True)
class ClientFiles:
    """What rollsite shows to whom it dials, and whom it believes; read anew for every channel."""

    anchors: pathlib.Path
    certificate: pathlib.Path | None
    key: pathlib.Path | None

    @classmethod
    def of(cls, conf: properties.Properties) -> "ClientFiles | None":
        """As configured; ``None`` where nothing says whom to believe, and no hop is secure then. Refuses files that a
        channel would fail with."""
        anchors = conf.optional(f"{_CLIENT}.ca.crt.path")
        if not anchors:
            return None
        certificate, key = (conf.optional(f"{_CLIENT}.{name}.path") for name in ("crt", "key"))
        own = (pathlib.Path(certificate), pathlib.Path(key)) if certificate and key else (None, None)
        files = cls(pathlib.Path(anchors), *own)
        files.check()
        return files

    def check(self) -> None:
        """Refuses files that are missing, in another form, or do not fit each other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(self.anchors)
        except OSError as error:
            raise service.RefusedError(f"trust anchors {self.anchors} cannot be used: {error}") from error
        if self.certificate and self.key:
            load(context, self.certificate, self.key)


def load(context: ssl.SSLContext, certificate: pathlib.Path, key: pathlib.Path) -> None:
    """Gives ``context`` its own certificate; refuses what eggroll's TLS cannot read."""
    try:
        if "BEGIN PRIVATE KEY" not in key.read_text(encoding="utf-8"):
            raise service.RefusedError(f"{key} is not a PKCS#8 private key, the only form that eggroll's TLS reads")
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise service.RefusedError(f"certificate {certificate} or key {key} cannot be used: {error}") from error
