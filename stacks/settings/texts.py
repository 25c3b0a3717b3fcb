"""Kinds of text that settings take: names, addresses, passwords, each with the words for what is none."""

import ipaddress
import math
import re
from typing import Annotated

import pydantic

from . import base


def matching(pattern: str, words: str) -> pydantic.AfterValidator:
    """A validator that takes text which ``pattern`` describes wholly, and answers all other with ``words``."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise base.wrong(words)
        return value

    return pydantic.AfterValidator(check)


NonEmpty = Annotated[str, pydantic.Field(min_length=1)]
"""Text with at least one character."""


ObjectName = Annotated[
    str,
    matching(
        base.LABEL.pattern,
        "is no Kubernetes name: at most 63 of a-z, 0-9 and '-', with a letter or digit at both ends",
    ),
]
"""Name of a Kubernetes object."""


def host_name(value: str) -> str:
    """``value``, a DNS name or IP address; pydantic's error when it is neither, or has a scheme or a port."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        dotted_numbers = re.fullmatch(r"[0-9.]+", value)
        if dotted_numbers or not base.HOST_NAME.fullmatch(value):
            raise base.wrong("is neither a host name nor an IP address; leave out scheme and port") from None
    return value


DomainName = Annotated[
    str, matching(rf"(?=.{{1,200}}$){base.HOST_NAME.pattern}", "is no DNS domain, such as fate.example.org")
]
"""DNS domain, below which names are made."""

CERTIFICATE_HEAD = "-----BEGIN CERTIFICATE-----"


def _pem(value: str) -> str:
    if "PRIVATE KEY-----" in value:
        raise base.wrong("holds a private key, which belongs to nobody but its site; leave it out")
    if "\n" in value.strip() and CERTIFICATE_HEAD not in value:
        raise base.wrong("is neither the path of a file nor certificates in PEM form")
    return value


Pem = Annotated[str, pydantic.Field(min_length=1), pydantic.AfterValidator(_pem), base.Kind("path or PEM text")]
"""Certificates in PEM form, or the path of a file with them."""

HostName = Annotated[str, pydantic.AfterValidator(host_name)]
"""DNS name or IP address."""


def only_this_machine(host: str) -> bool:
    """Whether ``host``, a DNS name or IP address, means whatever machine or container looks it up."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return address.is_loopback or address.is_unspecified


def _dialled_by_sites(value: str) -> str:
    if only_this_machine(host_name(value)):
        raise base.wrong("reaches only this machine; give the address that other sites dial")
    return value


def _dialled_by_containers(value: str) -> str:
    if only_this_machine(host_name(value)):
        raise base.wrong("reaches only the container that dials it; give the address of the server's machine")
    return value


AdvertisedHost = Annotated[str, pydantic.AfterValidator(_dialled_by_sites)]
"""Host that other sites dial."""

ServerHost = Annotated[str, pydantic.AfterValidator(_dialled_by_containers)]
"""Host of a server outside the site that the site's containers dial."""


def _host_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        raise base.wrong("is no address with a port, such as serving.example.org:8000")
    _dialled_by_containers(host.removeprefix("[").removesuffix("]"))
    return value


HostAndPort = Annotated[str, pydantic.AfterValidator(_host_and_port), base.Kind("`host:port`")]
"""Address of a server outside the site, with its port."""


def _url(value: str, scheme: str, port: int) -> str:
    found = re.fullmatch(rf"{scheme}://(?P<host>\[[^\]\s]+\]|[^\[\]/:\s@]+)(:[1-9][0-9]{{0,4}})?/?", value)
    if found is None:
        raise base.wrong(f"is no address such as {scheme}://server.example.org:{port}; leave out login and path")
    _dialled_by_containers(found["host"].strip("[]"))
    return value.rstrip("/")


SparkUrl = Annotated[str, pydantic.AfterValidator(lambda value: _url(value, "spark", 7077))]
"""Address of a Spark master."""

HdfsUrl = Annotated[str, pydantic.AfterValidator(lambda value: _url(value, "hdfs", 9000))]
"""Address of an HDFS namenode."""


def _cidr(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise base.wrong("is no network in CIDR form with its host bits zero, such as 203.0.113.0/24") from None
    return value


Cidr = Annotated[str, pydantic.AfterValidator(_cidr)]
"""Network in CIDR form."""


UserName = Annotated[
    str,
    matching(r"[A-Za-z0-9_.-]{1,64}", "is no user name: at most 64 letters, digits, '_', '.' and '-'"),
]
"""Name to log in with."""


def _readable(value: pydantic.SecretStr) -> pydantic.SecretStr:
    text = value.get_secret_value()
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise base.wrong("has a space, control or non-ASCII character, which not every service takes; choose another")
    if set(text) & set("'\"\\$#{}"):
        raise base.wrong(
            "has a quote, a backslash, $, #, { or }, which configuration files read as more than a letter; "
            "choose another"
        )
    return value


def _password(value: pydantic.SecretStr) -> pydantic.SecretStr:
    if len(value.get_secret_value()) < 8:
        raise base.wrong("is shorter than 8 characters; choose a longer one, or remove it to have one generated")
    return _readable(value)


Password = Annotated[pydantic.SecretStr, pydantic.AfterValidator(_password), base.Kind("secret text")]
"""At least 8 printable ASCII characters without quotes, backslash, $, #, { and }; a secret."""

GivenPassword = Annotated[pydantic.SecretStr, pydantic.AfterValidator(_readable), base.Kind("secret text")]
"""Password of a server that others run, of any length; the same characters; a secret."""

_IMAGE = re.compile(
    r"(?=.{1,512}$)([A-Za-z0-9.-]+(:[0-9]{1,5})?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?"
)


def _image(value: str) -> str:
    found = _IMAGE.fullmatch(value)
    if found is None:
        raise base.wrong("is no image reference, such as registry.example.org/library/mysql:8.0.28")
    if not found[4] and not found[5]:
        raise base.wrong("has neither tag nor digest, so that another day brings another image; add :<tag>")
    return value


ImageReference = Annotated[str, pydantic.AfterValidator(_image), base.Kind("image reference")]
"""An image with its registry, if it is not Docker Hub, and its tag or digest."""


def _scalar(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) >= 2**63:
            raise base.wrong("expects text or a number of usual size")
        return str(value)
    return value


Scalar = Annotated[str, pydantic.BeforeValidator(_scalar), base.Kind("text")]
"""Text; numbers and truth values become text, as a file would have them."""


def _line(value: str) -> str:
    if not value.isprintable():
        raise base.wrong("has a line break or control character; give each line a key of its own")
    return value


Line = Annotated[Scalar, pydantic.AfterValidator(_line), base.Kind("text")]
"""Text of one line."""

_CONFIDENTIAL = "password|passwd|passphrase|secrets?|tokens?|credentials?|(api|private|access)[_.-]?key"


def looks_secret(name: str) -> bool:
    """Whether what is called ``name`` is likely a secret, not only the path of one."""
    path = re.search(r"(?i)_(file|path)$", name)
    return not path and bool(re.search(rf"(?i)({_CONFIDENTIAL})$|(^|[_.-])({_CONFIDENTIAL})[_.-]", name))


def _variable(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", value):
        raise base.wrong("is no name of an environment variable: letters, digits and '_', no digit first")
    if looks_secret(value):
        raise base.wrong(
            "is called like a secret, which everybody reads who may inspect a container; "
            "give it where the service has a key for it, or mount it as a file of your own image"
        )
    return value


Variable = Annotated[str, pydantic.AfterValidator(_variable), base.Kind("name")]
"""Name of an environment variable that holds no secret."""


def _conf_key(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.$/*-]{1,128}", value):
        raise base.wrong("is no key of a configuration file: letters, digits, '_', '.', '-', '/', '*' and '$'")
    if looks_secret(value):
        raise base.wrong("is called like a secret, and this file is none; use a key of the service that is a secret")
    return value


ConfKey = Annotated[str, pydantic.AfterValidator(_conf_key), base.Kind("key")]
"""Key of a server's own configuration file."""
