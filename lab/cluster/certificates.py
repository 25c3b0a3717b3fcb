"""The cluster's certificate authorities, certificates, service account keys and kubeconfigs."""

import base64
import dataclasses
import datetime
import ipaddress
import os
import pathlib

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .. import paths
from . import addresses

FOLDER = paths.CLUSTER / "pki"
CLUSTER_CA, ETCD_CA = "ca", "etcd-ca"
"""etcd trusts another authority than the API server, else every client of the cluster could write to its store."""
SERVICE_ACCOUNT = "service-account"
LIFETIME = datetime.timedelta(days=3650)
"""A lab's certificates go with its folder, so renewing them is not worth a mechanism."""


@dataclasses.dataclass(frozen=True)
class Subject:
    """What a certificate says of its holder."""

    common_name: str
    """Kubernetes takes it as the user name."""
    organization: str | None = None
    """Kubernetes takes it as the group."""
    names: tuple[str, ...] = ()
    """DNS names and addresses the holder serves under; none for one that is only a client."""
    authority: str = CLUSTER_CA


SUBJECTS = {
    "api-server": Subject(
        "kube-apiserver",
        names=(
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            f"kubernetes.default.svc.{addresses.DOMAIN}",
            "localhost",
            addresses.LOOPBACK,
            addresses.BRIDGE_ADDRESS,
            addresses.API_SERVICE,
        ),
    ),
    "loopback": Subject("loopback", names=("localhost", addresses.LOOPBACK)),
    "kubelet-server": Subject("kubelet", names=(addresses.NODE, addresses.BRIDGE_ADDRESS)),
    "api-server-kubelet": Subject("kube-apiserver-kubelet-client", "system:masters"),
    "admin": Subject("lab-admin", "system:masters"),
    "controller-manager": Subject("system:kube-controller-manager"),
    "scheduler": Subject("system:kube-scheduler"),
    "kubelet": Subject(f"system:node:{addresses.NODE}", "system:nodes"),
    "proxy": Subject("system:kube-proxy"),
    "dns": Subject("system:coredns"),
    "kwok": Subject("system:kwok"),
    "etcd": Subject("etcd", names=("localhost", addresses.LOOPBACK), authority=ETCD_CA),
    "etcd-client": Subject("kube-apiserver-etcd-client", authority=ETCD_CA),
}


def certificate(name: str) -> pathlib.Path:
    """Path of a certificate in PEM."""
    return FOLDER / f"{name}.crt"


def key(name: str) -> pathlib.Path:
    """Path of a private key in PEM, readable by its owner only."""
    return FOLDER / f"{name}.key"


def ensure() -> None:
    """Make what is missing; what is there stays, so running components keep trusting each other."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    FOLDER.chmod(0o700)
    for authority in (CLUSTER_CA, ETCD_CA):
        if not certificate(authority).exists():
            _make_authority(authority)
    for name, subject in SUBJECTS.items():
        if not certificate(name).exists():
            _make(name, subject)
    if not certificate(SERVICE_ACCOUNT).exists():
        _make_service_account_keys()


def kubeconfig(name: str) -> pathlib.Path:
    """Write the kubeconfig of a subject with everything embedded (mode 0600), unless it is there; returns its path."""
    place = paths.KUBECONFIG if name == "admin" else FOLDER / f"{name}.kubeconfig"
    cluster = {"server": addresses.api_url(), "certificate-authority-data": _encoded(certificate(CLUSTER_CA))}
    user = {"client-certificate-data": _encoded(certificate(name)), "client-key-data": _encoded(key(name))}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": name}}],
        "current-context": "lab",
    }
    text = yaml.safe_dump(content, sort_keys=False).encode()
    if not place.exists() or place.read_bytes() != text:
        _write_private(place, text)
    return place


def _encoded(file: pathlib.Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _make_authority(name: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = _distinguished(Subject(f"lab-{name}"))
    builder = (
        _builder(subject, subject, private.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    )
    _write_private(key(name), _private_pem(private))
    certificate(name).write_bytes(builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _make(name: str, subject: Subject) -> None:
    authority = x509.load_pem_x509_certificate(certificate(subject.authority).read_bytes())
    signer = serialization.load_pem_private_key(key(subject.authority).read_bytes(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key(subject.authority)} is not the key this module makes")
    private = ec.generate_private_key(ec.SECP256R1())
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if subject.names else [])]
    builder = (
        _builder(_distinguished(subject), authority.subject, private.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if subject.names:
        names = x509.SubjectAlternativeName([_general_name(text) for text in subject.names])
        builder = builder.add_extension(names, critical=False)
    _write_private(key(name), _private_pem(private))
    certificate(name).write_bytes(builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _make_service_account_keys() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    _write_private(key(SERVICE_ACCOUNT), _private_pem(private))
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    certificate(SERVICE_ACCOUNT).write_bytes(public)


def _builder(subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
    )


def _distinguished(subject: Subject) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name)]
    if subject.organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.organization))
    return x509.Name(parts)


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private_pem(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(place: pathlib.Path, content: bytes) -> None:
    """Write by renaming, so a reader never meets half a file, and never readable by others, not even shortly."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
    draft.replace(place)
