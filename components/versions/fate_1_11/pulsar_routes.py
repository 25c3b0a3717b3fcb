"""Where the brokers of other parties are: for FATE, and for the own broker, which dials them."""

import dataclasses
import json
from collections.abc import Mapping

import yaml

from . import ports


@dataclasses.dataclass(frozen=True, kw_only=True)
class Broker:
    """A peer's broker."""

    host: str
    """The address that the own broker dials; behind a proxy, the name that it asks the proxy for."""
    port: int = ports.PULSAR
    tls_port: int = ports.PULSAR_TLS
    """Used by brokers that are told to dial with TLS."""
    proxy: str | None = None
    """``host:port`` of what passes TLS on by name; ``None``: the broker is dialled itself."""
    tls: bool = False
    """Whether it is dialled with mutual TLS, at ``tls_port``."""
    server_name: str | None = None
    """DNS name in its certificate, with TLS; ``None``: ``host``."""

    @property
    def dialled(self) -> "Broker":
        """The same broker under the name in its certificate, its address being that of a proxy for this one name."""
        if not self.tls or not self.server_name or self.proxy or self.server_name == self.host:
            return self
        proxy = f"{self.host}:{self.tls_port}"
        return dataclasses.replace(self, host=self.server_name, proxy=proxy)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exchange:
    """The way to all parties that are no peers: by name, through a proxy that passes TLS on."""

    host: str
    port: int
    domain: str
    """Broker names are ``<party id>.<domain>``."""
    broker_port: int = ports.PULSAR
    broker_tls_port: int = ports.PULSAR_TLS

    @property
    def proxy(self) -> str:
        """``host:port``."""
        return f"{self.host}:{self.port}"

    def broker(self, party: int) -> Broker:
        """The broker of ``party`` as FATE works it out."""
        return Broker(
            host=f"{party}.{self.domain}", port=self.broker_port, tls_port=self.broker_tls_port, proxy=self.proxy
        )


def route_table(*, party_id: int, own: Broker, peers: Mapping[int, Broker], exchange: Exchange | None) -> str:
    """``pulsar_route_table.yaml``, which FATE reads for every job.

    Its keys are numbers, by which FATE looks a party up. ``exchange``: the default entry; without one a job with an
    unlinked party fails at once. ``ValueError`` when ``peers`` has the party itself.
    """
    _unlike(party_id, peers)
    table: dict[object, object] = {party_id: _entry(own)}
    table |= {party: _entry(peers[party].dialled) for party in sorted(peers)}
    if exchange is not None:
        table["default"] = {
            "proxy": exchange.proxy,
            "domain": exchange.domain,
            "brokerPort": exchange.broker_port,
            "brokerSslPort": exchange.broker_tls_port,
        }
    return yaml.safe_dump(table, sort_keys=False)


def clusters(*, party_id: int, peers: Mapping[int, Broker], exchange: Exchange | None) -> str:
    """What the own broker must know of the others, as its administration takes it.

    FATE writes a peer's address into the broker once and never again, so an address that changed would be dialled for
    ever. ``default``: how entries look that FATE made because of the exchange, ``@PARTY@`` being the party; without an
    exchange they lose their addresses, and FATE asks its route table again. ``ValueError`` when ``peers`` has the
    party itself.
    """
    _unlike(party_id, peers)
    default = Broker(host="", port=0, tls_port=0) if exchange is None else exchange.broker(0)
    name = "" if exchange is None else f"@PARTY@.{exchange.domain}"
    table = {
        "clusters": {str(party): _cluster(peers[party].dialled) for party in sorted(peers)},
        "default": _cluster(dataclasses.replace(default, host=name)),
    }
    return json.dumps(table, indent=2) + "\n"


def _unlike(party_id: int, peers: Mapping[int, Broker]) -> None:
    if party_id in peers:
        raise ValueError(f"party {party_id} is linked with itself; remove it from its own links")


def _entry(broker: Broker) -> dict[str, object]:
    # An empty proxy is a text: FATE puts a scheme before anything else, None included.
    return {"host": broker.host, "port": broker.port, "sslPort": broker.tls_port, "proxy": broker.proxy or ""}


def _cluster(broker: Broker) -> dict[str, str]:
    """The fields and values that FATE itself writes; empty ones are texts, because FATE takes others for an address."""
    return {
        "serviceUrl": "",
        "serviceUrlTls": "",
        "brokerServiceUrl": f"pulsar://{broker.host}:{broker.port}" if broker.host else "",
        "brokerServiceUrlTls": f"pulsar+ssl://{broker.host}:{broker.tls_port}" if broker.host else "",
        "proxyServiceUrl": f"pulsar+ssl://{broker.proxy}" if broker.proxy else "",
        "proxyProtocol": "SNI",
    }
