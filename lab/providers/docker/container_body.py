"""A container as the program describes it, in the words of the engine's API."""

from decimal import Decimal, InvalidOperation
from typing import Any

from ..plugin import PluginError
from ..values import Properties
from . import durations, shapes

RATES = {
    "deviceReadBps": "BlkioDeviceReadBps",
    "deviceReadIops": "BlkioDeviceReadIOps",
    "deviceWriteBps": "BlkioDeviceWriteBps",
    "deviceWriteIops": "BlkioDeviceWriteIOps",
}


def body(inputs: Properties) -> dict[str, Any]:
    """The request that creates the container; `PluginError` for what the engine would not understand."""
    config: dict[str, Any] = {
        "Image": inputs["image"],
        "Hostname": inputs.get("hostname") or "",
        "Domainname": inputs.get("domainname") or "",
        "Tty": bool(inputs.get("tty")),
        "OpenStdin": bool(inputs.get("stdinOpen")),
        "StopSignal": inputs.get("stopSignal") or "",
        "User": inputs.get("user") or "",
        "WorkingDir": inputs.get("workingDir") or "",
        "Labels": shapes.label_map(inputs.get("labels")),
        "HostConfig": {**_host(inputs), **_limits(inputs), **_isolation(inputs)},
    }
    if inputs.get("stopTimeout"):
        config["StopTimeout"] = inputs["stopTimeout"]
    if inputs.get("envs"):
        config["Env"] = sorted(inputs["envs"])
    if inputs.get("command"):
        config["Cmd"] = _command(inputs["command"])
    if inputs.get("entrypoints"):
        config["Entrypoint"] = list(inputs["entrypoints"])
    if inputs.get("ports"):
        config["ExposedPorts"] = {port: {} for port in shapes.bindings(inputs["ports"])}
    if inputs.get("healthcheck"):
        config["Healthcheck"] = shapes.health_to_engine(inputs["healthcheck"])
    paths, binds, sources = shapes.volumes(inputs.get("volumes") or [])
    config["Volumes"] = paths
    config["HostConfig"] |= {"Binds": binds, "VolumesFrom": sources}
    return config


def refuse(inputs: Properties, version: str) -> None:
    """`PluginError` for what the official client refuses to ask of an engine with this API version."""
    number = tuple(int(part) for part in version.split("."))
    start = (inputs.get("healthcheck") or {}).get("startInterval") or "0s"
    if number < (1, 44) and durations.parse(start):
        raise PluginError(
            'Unable to create container: "specify health-check start interval" requires API version 1.44, '
            f"but the Docker daemon API version is {version}"
        )
    if number < (1, 45) and any(mount["type"] == "volume" and mount.get("volumeOptions") for mount in _mounts(inputs)):
        raise PluginError("Setting VolumeOptions.Subpath requires docker version 1.45 or higher")


def restart(inputs: Properties) -> dict[str, Any]:
    """The restart policy."""
    return {"Name": inputs.get("restart") or "no", "MaximumRetryCount": inputs.get("maxRetryCount") or 0}


def swap(inputs: Properties) -> int:
    """`memorySwap` in bytes; -1 (unlimited) is no size."""
    value = int(inputs.get("memorySwap") or 0)
    return value * shapes.MIB if value > 0 else value


def rates(inputs: Properties) -> dict[str, Any]:
    """Limits on reading and writing devices, those that are set."""
    return {
        name: [{"Path": item["path"], "Rate": item["rate"]} for item in inputs[key]]
        for key, name in RATES.items()
        if inputs.get(key)
    }


def endpoint(network: Properties) -> dict[str, Any]:
    """How the container joins one of its networks."""
    options = dict(item.split("=", 1) for item in network.get("driverOpts") or [] if "=" in item)
    return {
        "Aliases": sorted(network.get("aliases") or []),
        "IPAMConfig": {
            "IPv4Address": network.get("ipv4Address") or "",
            "IPv6Address": network.get("ipv6Address") or "",
            "LinkLocalIPs": network.get("linkLocalIps") or [],
        },
        "MacAddress": network.get("macAddress") or "",
        "DriverOpts": options,
        "GwPriority": network.get("gwPriority") or 0,
    }


def _mounts(inputs: Properties) -> list[Properties]:
    return list(inputs.get("mounts") or [])


def _capabilities(names: list[str] | None) -> list[str]:
    """As the official client sends them, and as a read finds them: `NET_ADMIN` comes back as `CAP_NET_ADMIN`."""
    upper = {name.upper() for name in names or []}
    return sorted({name if name == "ALL" or name.startswith("CAP_") else f"CAP_{name}" for name in upper})


def _command(words: list[str]) -> list[str]:
    if not all(words):
        raise PluginError("values for command may not be empty")
    return list(words)


def _host(inputs: Properties) -> dict[str, Any]:
    return {
        "Privileged": bool(inputs.get("privileged")),
        "PublishAllPorts": bool(inputs.get("publishAllPorts")),
        "RestartPolicy": restart(inputs),
        "Mounts": [shapes.mount_to_engine(mount) for mount in _mounts(inputs)],
        "AutoRemove": bool(inputs.get("rm")),
        "ReadonlyRootfs": bool(inputs.get("readOnly")),
        "LogConfig": {"Type": inputs.get("logDriver") or "", "Config": inputs.get("logOpts") or {}},
        "Tmpfs": inputs.get("tmpfs") or {},
        "StorageOpt": inputs.get("storageOpts") or {},
        "PortBindings": shapes.bindings(inputs.get("ports") or []),
        "ExtraHosts": [f"{item['host']}:{item['ip']}" for item in inputs.get("hosts") or []],
        "NetworkMode": inputs.get("networkMode") or "",
        "Dns": sorted(inputs.get("dns") or []),
        "DnsOptions": sorted(inputs.get("dnsOpts") or []),
        "DnsSearch": sorted(inputs.get("dnsSearches") or []),
        "Init": bool(inputs.get("init")),
        "Devices": [_device(item) for item in inputs.get("devices") or []],
        "DeviceCgroupRules": sorted(inputs.get("deviceCgroupRules") or []),
    }


def _limits(inputs: Properties) -> dict[str, Any]:
    limits: dict[str, Any] = {
        "Memory": (inputs.get("memory") or 0) * shapes.MIB,
        "MemoryReservation": (inputs.get("memoryReservation") or 0) * shapes.MIB,
        "MemorySwap": swap(inputs),
        "ShmSize": (inputs.get("shmSize") or 0) * shapes.MIB,
        "CpuShares": inputs.get("cpuShares") or 0,
        "CpusetCpus": inputs.get("cpuSet") or "",
        "Ulimits": [
            {"Name": item["name"], "Soft": item["soft"], "Hard": item["hard"]} for item in inputs.get("ulimits") or []
        ],
        **rates(inputs),
    }
    if inputs.get("cpus"):
        limits["NanoCpus"] = _nano(str(inputs["cpus"]))
    else:
        limits |= {"CpuPeriod": inputs.get("cpuPeriod") or 0, "CpuQuota": inputs.get("cpuQuota") or 0}
    return limits


def _isolation(inputs: Properties) -> dict[str, Any]:
    capabilities = inputs.get("capabilities") or {}
    options = sorted(inputs.get("securityOpts") or [])
    isolation: dict[str, Any] = {
        "CapAdd": _capabilities(capabilities.get("adds")),
        "CapDrop": _capabilities(capabilities.get("drops")),
        "Runtime": inputs.get("runtime") or "",
        "UsernsMode": inputs.get("usernsMode") or "",
        "PidMode": inputs.get("pidMode") or "",
        "IpcMode": inputs.get("ipcMode") or "",
        "CgroupnsMode": inputs.get("cgroupnsMode") or "",
        "CgroupParent": inputs.get("cgroupParent") or "",
        "GroupAdd": sorted(inputs.get("groupAdds") or []),
        "Sysctls": inputs.get("sysctls") or {},
        "SecurityOpt": [option for option in options if option != "systempaths=unconfined"],
    }
    if "systempaths=unconfined" in options:
        isolation |= {"MaskedPaths": [], "ReadonlyPaths": []}
    return isolation


def _device(item: Properties) -> dict[str, str]:
    return {
        "PathOnHost": item["hostPath"],
        "PathInContainer": item.get("containerPath") or item["hostPath"],
        "CgroupPermissions": item.get("permissions") or "rwm",
    }


def _nano(cpus: str) -> int:
    try:
        nano = Decimal(cpus) * 10**9
    except InvalidOperation:
        raise PluginError(f"Error setting cpus: failed to parse {cpus} as a rational number") from None
    if nano != nano.to_integral_value():
        raise PluginError("Error setting cpus: value is too precise")
    return int(nano)
