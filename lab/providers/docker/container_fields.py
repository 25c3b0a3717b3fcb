"""The fields of a container. Those without `force_new` are updated; for many of them the update changes nothing."""

from ..schema import Field, Fields
from . import checks
from .fields import COMPUTED, FLAG, LABEL, MAP, OUTPUT, REQUIRED, TEXT, TEXTS

_PERIOD = Field(default="0s", force_new=True, check=checks.duration)
_BYTES = Field(kind="int", check=checks.at_least(0))
_NEED_NUMBER = Field(kind="int", required=True, force_new=True)
_RATES = Field(kind="set", of={"path": Field(required=True), "rate": Field(kind="int", required=True)})
_EMPTY_IS_ANY = Field(force_new=True, same=checks.same_unless_given)

_MOUNT: Fields = {
    "target": Field(required=True),
    "source": Field(),
    "type": Field(required=True, check=checks.matches("^(bind|volume|tmpfs)$")),
    "readOnly": Field(kind="bool"),
    "bindOptions": Field(
        kind="block",
        of={"propagation": Field(check=checks.matches("^(private|rprivate|shared|rshared|slave|rslave)$"))},
    ),
    "volumeOptions": Field(
        kind="block",
        of={
            "noCopy": Field(kind="bool"),
            "labels": Field(kind="set", of=LABEL),
            "driverName": Field(),
            "driverOptions": Field(kind="map"),
            "subpath": TEXT,
        },
    ),
    "tmpfsOptions": Field(kind="block", force_new=True, of={"sizeBytes": Field(kind="int"), "mode": Field(kind="int")}),
}
_VOLUME: Fields = {
    "fromContainer": TEXT,
    "containerPath": TEXT,
    "hostPath": Field(force_new=True, check=checks.absolute),
    "volumeName": TEXT,
    "readOnly": FLAG,
    "selinuxRelabel": Field(force_new=True, check=checks.matches("^(z|Z)$")),
}
_PORT: Fields = {
    "internal": _NEED_NUMBER,
    "external": Field(kind="int", computed=True, force_new=True),
    "ip": Field(default="0.0.0.0", force_new=True),
    "protocol": Field(default="tcp", force_new=True),
}
_UPLOAD: Fields = {
    "file": REQUIRED,
    "content": TEXT,
    "contentBase64": Field(force_new=True, check=checks.encoded),
    "source": TEXT,
    "sourceHash": TEXT,
    "executable": FLAG,
    "permissions": Field(force_new=True, check=checks.matches("^0[0-7]{3}$")),
    "owner": TEXT,
    "group": TEXT,
}
_NETWORK: Fields = {
    "name": REQUIRED,
    "aliases": TEXTS,
    "ipv4Address": TEXT,
    "ipv6Address": TEXT,
    "linkLocalIps": TEXTS,
    "macAddress": TEXT,
    "driverOpts": TEXTS,
    "gwPriority": Field(kind="int", force_new=True, check=checks.at_least(0)),
}
_HEALTH: Fields = {
    "tests": Field(kind="list", force_new=True),
    "interval": _PERIOD,
    "timeout": _PERIOD,
    "startPeriod": _PERIOD,
    "startInterval": _PERIOD,
    "retries": Field(kind="int", default=0, force_new=True, check=checks.at_least(0)),
}
_RUNNING: Fields = {
    "rm": Field(kind="bool", default=False),
    "start": Field(kind="bool", default=True),
    "wait": Field(kind="bool", default=False),
    "waitTimeout": Field(kind="int", default=60),
    "attach": Field(kind="bool", default=False),
    "logs": Field(kind="bool", default=False),
    "mustRun": Field(kind="bool", default=True),
    "restart": Field(default="no", check=checks.matches("^(no|on-failure|always|unless-stopped)$")),
    "maxRetryCount": Field(kind="int"),
    "removeVolumes": Field(kind="bool", default=True),
    "destroyGraceSeconds": Field(kind="int"),
    "containerReadRefreshTimeoutMilliseconds": Field(kind="int", default=15000),
    "healthcheck": Field(kind="block", computed=True, force_new=True, of=_HEALTH),
    "init": Field(kind="bool", computed=True),
    "stopSignal": COMPUTED,
    "stopTimeout": Field(kind="int", computed=True, force_new=True),
    "exitCode": Field(kind="int", output=True),
    "containerLogs": OUTPUT,
}
_PROCESS: Fields = {
    "name": REQUIRED,
    "image": REQUIRED,
    "platform": COMPUTED,
    "hostname": COMPUTED,
    "domainname": TEXT,
    "command": Field(kind="list", computed=True, force_new=True),
    "entrypoints": Field(kind="list", computed=True, force_new=True),
    "envs": Field(kind="set", computed=True, force_new=True),
    "user": _EMPTY_IS_ANY,
    "groupAdds": TEXTS,
    "workingDir": _EMPTY_IS_ANY,
    "labels": Field(kind="set", of=LABEL, computed=True, force_new=True),
    "tty": Field(kind="bool", default=False, force_new=True),
    "stdinOpen": Field(kind="bool", default=False, force_new=True),
    "privileged": FLAG,
    "deviceCgroupRules": TEXTS,
    "capabilities": Field(kind="block", force_new=True, of={"adds": TEXTS, "drops": TEXTS}),
    "securityOpts": Field(kind="set", computed=True, force_new=True),
    "runtime": COMPUTED,
    "pidMode": TEXT,
    "ipcMode": COMPUTED,
    "usernsMode": TEXT,
    "cgroupnsMode": TEXT,
    "cgroupParent": TEXT,
    "sysctls": MAP,
    "gpus": TEXT,
}
_LIMITS: Fields = {
    "memory": _BYTES,
    "memoryReservation": Field(kind="int", default=0, check=checks.at_least(0)),
    "memorySwap": Field(kind="int", check=checks.at_least(-1)),
    "shmSize": Field(kind="int", computed=True, force_new=True, check=checks.at_least(0)),
    "cpus": TEXT,
    "cpuPeriod": _BYTES,
    "cpuQuota": _BYTES,
    "cpuShares": _BYTES,
    "cpuSet": Field(check=checks.matches(r"^\d+([,-]\d+)*$")),
    "deviceReadBps": _RATES,
    "deviceReadIops": _RATES,
    "deviceWriteBps": _RATES,
    "deviceWriteIops": _RATES,
    "ulimits": Field(kind="set", force_new=True, of={"name": REQUIRED, "soft": _NEED_NUMBER, "hard": _NEED_NUMBER}),
}
_FILES: Fields = {
    "uploads": Field(kind="set", force_new=True, of=_UPLOAD),
    "volumes": Field(kind="set", force_new=True, of=_VOLUME),
    "mounts": Field(kind="set", force_new=True, of=_MOUNT),
    "tmpfs": Field(kind="map"),
    "readOnly": Field(kind="bool", default=False, force_new=True),
    "storageOpts": MAP,
    "devices": Field(
        kind="set",
        force_new=True,
        of={"hostPath": REQUIRED, "containerPath": TEXT, "permissions": Field(default="rwm", force_new=True)},
    ),
    "logDriver": COMPUTED,
    "logOpts": MAP,
}
_NETWORKING: Fields = {
    "ports": Field(kind="list", force_new=True, of=_PORT, same=checks.same_ports),
    "publishAllPorts": FLAG,
    "hosts": Field(kind="set", force_new=True, of={"ip": REQUIRED, "host": REQUIRED}),
    "networkMode": Field(default="bridge", force_new=True),
    "networksAdvanced": Field(kind="set", force_new=True, of=_NETWORK),
    "dns": TEXTS,
    "dnsOpts": TEXTS,
    "dnsSearches": TEXTS,
    "bridge": OUTPUT,
    "networkDatas": Field(kind="list", output=True),
}
CONTAINER: Fields = {**_PROCESS, **_RUNNING, **_LIMITS, **_FILES, **_NETWORKING}
