"""Settings of the platform a site runs on, of its images, and of the address others know it by."""

import ipaddress
import re
from typing import Annotated

import pydantic

from . import base, exposure, texts, vocabulary


def _own_namespace(value: str) -> str:
    if value == "default" or value.startswith("kube-"):
        raise base.wrong("belongs to the cluster itself; choose one that is the site's own, such as fate-9999")
    return value


def _address(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise base.wrong("is no IP address of the Docker host; 0.0.0.0 means all of them") from None
    return value


def _subnet(value: str) -> str:
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        raise base.wrong("is no network in CIDR form with its host bits zero, such as 172.30.0.0/24") from None
    if not any(network.version == 4 and network.subnet_of(private) for private in _PRIVATE):
        raise base.wrong(
            "is no private IPv4 network, so it would hide real hosts from the site; "
            "take one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"
        )
    if network.prefixlen > 27:
        raise base.wrong("has too few addresses for a site; take a /27 or wider")
    return value


_PRIVATE = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def _engine(value: str) -> str:
    if not re.fullmatch(r"(ssh|tcp|https?)://[^\s/]+(/.*)?|(unix|npipe)://\S+", value):
        raise base.wrong(
            "is no address of a Docker engine, such as ssh://user@host:22, tcp://host:2376 or unix:///var/run/docker.sock"
        )
    return value


def _registry(value: str) -> str:
    if "://" in value or re.search(r"\s", value):
        raise base.wrong("is no image prefix; write it as in an image name, such as registry.example.org/mirror")
    return value.strip("/")


def _tag(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", value):
        raise base.wrong("is no image tag: at most 128 letters, digits, '_', '.' and '-'")
    return value


def _kubeconfig(value: str) -> str:
    if "\n" in value or value.lstrip().startswith("{"):
        raise base.wrong("holds the text of a kubeconfig, which is a secret; save it to a file and give its path")
    return value


class Kubernetes(base.Model):
    """Where and how a site is put on Kubernetes."""

    kubeconfig: Annotated[texts.NonEmpty, pydantic.AfterValidator(_kubeconfig)] | None = None
    """Path of the kubeconfig file. Default: what kubectl would take."""
    context: texts.NonEmpty | None = None
    """Context of that file. Default: its current one."""
    namespace: Annotated[texts.ObjectName, pydantic.AfterValidator(_own_namespace)] | None = None
    """Namespace of the site, its own: nothing else should live in it, for with `retainData: false` destroy removes it
    and all that it holds. Default: `fate-<partyId>`, so that sites on one cluster keep apart."""
    render_to: texts.NonEmpty | None = None
    """Folder to write YAML to instead of talking to a cluster. Default: none."""
    expose: vocabulary.Expose = vocabulary.Expose.NODE_PORT
    """How other sites reach this one. Default `NodePort`: a LoadBalancer that nobody serves blocks `up`."""
    node_ports: exposure.NodePorts = exposure.NodePorts()
    """Fixed node ports, so that other sites can write them down. Default: picked by the cluster."""
    ingress_class: texts.NonEmpty | None = None
    """IngressClass that shows pages to browsers. Default: none, use `kubectl port-forward`."""
    ingress_domain: texts.HostName | None = None
    """DNS domain below which every page gets a host name, `<service>.<namespace>.<domain>`. Default: none, only
    services with `ingress.hosts` have an Ingress."""
    storage_class: texts.NonEmpty | None = None
    """StorageClass of every volume that names none itself. Default: the cluster's own default."""
    service_account: texts.ObjectName | None = None
    """ServiceAccount of every pod, made by somebody else, where a cluster's rules ask for one. Default: the
    namespace's own. No pod gets its token, for FATE asks nothing of the cluster."""
    wait: base.Flag = True
    """Whether `up` ends only when the services are ready. Default true: what follows needs them."""
    timeout: base.Seconds = 600
    """Seconds that `up` waits for one service. Default 600: large images take minutes to pull."""


class Docker(base.Model):
    """Where and how a site is put on a Docker host."""

    host: Annotated[str, pydantic.AfterValidator(_engine)] | None = None
    """Docker engine, such as `ssh://user@host:22`. Default: `DOCKER_HOST`, else the local socket."""
    ssh_options: tuple[texts.NonEmpty, ...] = ()
    """Further arguments of `ssh`, such as `-i` and a key's path. Default: none."""
    bind_address: Annotated[str, pydantic.AfterValidator(_address)] = "0.0.0.0"
    """Address of the host that takes other sites' traffic. Default `0.0.0.0`, all: other sites come from outside."""
    operators_address: Annotated[str, pydantic.AfterValidator(_address)] = "127.0.0.1"
    """Address of the host for pages and APIs of operators. Default `127.0.0.1`: they run code for whoever logs in."""
    subnet: Annotated[str, pydantic.AfterValidator(_subnet)] | None = None
    """Private IPv4 network of the containers, in CIDR form. Default: Docker picks one that is free."""
    ports: exposure.HostPorts = exposure.HostPorts()
    """Published ports: change them where two sites share a host."""
    timeout: base.Seconds = 600
    """Seconds that `up` waits for one container's health. Default 600: a first start initialises data."""

    @pydantic.model_validator(mode="after")
    def _ssh_options_are_used(self) -> "Docker":
        if self.ssh_options and not (self.host or "").startswith("ssh://"):
            raise base.wrong("sshOptions mean nothing without a host that starts with ssh://; set it or remove them")
        return self


class Images(base.Model):
    """Which images are run and where they come from."""

    registry: Annotated[str, pydantic.AfterValidator(_registry)] = ""
    """Prefix of every image, such as `registry.example.org/mirror`. Default: none, Docker Hub."""
    tag: Annotated[str, pydantic.AfterValidator(_tag)] | None = None
    """Tag of FATE's own images. Default: `<fateVersion>-release`."""
    pull_policy: vocabulary.PullPolicy = vocabulary.PullPolicy.IF_NOT_PRESENT
    """When a node pulls an image (Kubernetes). Default `IfNotPresent`: tags of releases do not move."""
    pull_secrets: tuple[texts.ObjectName, ...] = ()
    """Names of Secrets of the namespace that hold registry credentials (Kubernetes). Default: none."""
    algorithm: vocabulary.Algorithm = vocabulary.Algorithm.BASIC
    """Flavour of FATE's images. Default `basic`, the smallest."""
    device: vocabulary.Device = vocabulary.Device.CPU
    """Hardware of FATE's images. Default `cpu`: it runs everywhere."""


class Advertise(base.Model):
    """How other sites know this one."""

    host: texts.AdvertisedHost | None = None
    """Host name or address that other sites dial. Default: the one the platform binds or assigns."""
