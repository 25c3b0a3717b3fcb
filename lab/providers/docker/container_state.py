"""A container as the engine reports it, in the words of the program."""

import decimal
from typing import Any

from ..values import Properties
from . import shapes
from .container_body import RATES


def outputs(container: dict[str, Any], known: Properties) -> Properties:
    """What a read records. Fields that only the program knows keep their value from `known`.

    A stopped container that must run is recorded with `mustRun` false: that is how the official plugin makes the
    next update start it.
    """
    host, config, running = container["HostConfig"], container["Config"], container["State"]["Running"]
    found: Properties = {
        "name": container["Name"].lstrip("/"),
        "image": container["Image"] if str(known.get("image")).startswith("sha256:") else config["Image"],
        **_process(config),
        **_host(host),
        **_limits(host),
        **_network(container, known),
    }
    if config.get("Healthcheck"):
        found["healthcheck"] = shapes.health_from_engine(config["Healthcheck"])
    if host.get("CapAdd") or host.get("CapDrop"):
        found["capabilities"] = {"adds": host.get("CapAdd") or [], "drops": host.get("CapDrop") or []}
    if known.get("ulimits"):
        found["ulimits"] = [
            {"name": item["Name"], "soft": item["Soft"], "hard": item["Hard"]} for item in host.get("Ulimits") or []
        ]
    if known.get("logOpts"):
        found["logOpts"] = host["LogConfig"].get("Config") or {}
    if host.get("NanoCpus"):
        found["cpus"] = _cpus(host["NanoCpus"])
    if not running:
        found["exitCode"] = container["State"]["ExitCode"]
        if known.get("mustRun", True):
            found["mustRun"] = False
    found["platform"] = container.get("Platform") or ""
    return {**known, **found}


def _process(config: dict[str, Any]) -> Properties:
    return {
        "hostname": config.get("Hostname") or "",
        "domainname": config.get("Domainname") or "",
        "command": config.get("Cmd") or [],
        "entrypoints": config.get("Entrypoint") or [],
        "user": config.get("User") or "",
        "workingDir": config.get("WorkingDir") or "",
        "tty": bool(config.get("Tty")),
        "stdinOpen": bool(config.get("OpenStdin")),
        "stopSignal": config.get("StopSignal") or "",
        "stopTimeout": config.get("StopTimeout") or 0,
    }


def _host(host: dict[str, Any]) -> Properties:
    return {
        "rm": bool(host.get("AutoRemove")),
        "readOnly": bool(host.get("ReadonlyRootfs")),
        "dns": host.get("Dns") or [],
        "dnsOpts": host.get("DnsOptions") or [],
        "dnsSearches": host.get("DnsSearch") or [],
        "securityOpts": host.get("SecurityOpt") or [],
        "publishAllPorts": bool(host.get("PublishAllPorts")),
        "restart": host["RestartPolicy"]["Name"],
        "maxRetryCount": host["RestartPolicy"].get("MaximumRetryCount") or 0,
        "init": bool(host.get("Init")),
        "runtime": host.get("Runtime") or "",
        "mounts": [shapes.mount_from_engine(mount) for mount in host.get("Mounts") or []],
        "tmpfs": host.get("Tmpfs") or {},
        "hosts": [dict(zip(("host", "ip"), item.split(":")[:2], strict=True)) for item in host.get("ExtraHosts") or []],
        "privileged": bool(host.get("Privileged")),
        "logDriver": host["LogConfig"]["Type"],
        "storageOpts": host.get("StorageOpt") or {},
        "networkMode": host.get("NetworkMode") or "",
        "usernsMode": host.get("UsernsMode") or "",
        "sysctls": host.get("Sysctls") or {},
        "ipcMode": host.get("IpcMode") or "",
        "groupAdds": host.get("GroupAdd") or [],
    }


def _limits(host: dict[str, Any]) -> Properties:
    found: Properties = {
        "memory": shapes.mebibytes(host.get("Memory")),
        "memoryReservation": shapes.mebibytes(host.get("MemoryReservation")),
        "memorySwap": shapes.mebibytes(host.get("MemorySwap")),
        "shmSize": shapes.mebibytes(host.get("ShmSize")),
        "cpuShares": host.get("CpuShares") or 0,
        "cpuSet": host.get("CpusetCpus") or "",
    }
    for key, name in RATES.items():
        found[key] = [{"path": item["Path"], "rate": item["Rate"]} for item in host.get(name) or []]
    return found


def _network(container: dict[str, Any], known: Properties) -> Properties:
    settings = container.get("NetworkSettings") or {}
    found: Properties = {"bridge": settings.get("Bridge") or "", "networkDatas": []}
    for name, data in sorted((settings.get("Networks") or {}).items()):
        found["networkDatas"].append(
            {
                "networkName": name,
                "ipAddress": data.get("IPAddress") or "",
                "ipPrefixLength": data.get("IPPrefixLen") or 0,
                "gateway": data.get("Gateway") or "",
                "globalIpv6Address": data.get("GlobalIPv6Address") or "",
                "globalIpv6PrefixLength": data.get("GlobalIPv6PrefixLen") or 0,
                "ipv6Gateway": data.get("IPv6Gateway") or "",
                "macAddress": data.get("MacAddress") or "",
            }
        )
    if known.get("ports") and (container["State"]["Running"] or known.get("mustRun", True)):
        found["ports"] = shapes.published(settings.get("Ports"))
    return found


def _cpus(nano: int) -> str:
    """The official plugin's own way to write it: `2` comes back as `2.0`, and so differs from what was asked for."""
    exact = f"{nano // 10**9}.{nano % 10**9:09d}"
    if exact.count("0") == 9:
        return str(decimal.Decimal(exact).quantize(decimal.Decimal("0.1"), decimal.ROUND_HALF_UP))
    return exact.rstrip("0")
