"""Turns pieces of the program's inputs into the engine's shapes and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..plugin import PluginError
from ..values import Properties
from . import durations

MIB = 1024 * 1024


def label_map(labels: Sequence[Properties] | None) -> dict[str, str]:
    """The engine's labels from the list of `label` and `value`."""
    return {item["label"]: item["value"] for item in labels or []}


def label_list(labels: Mapping[str, str] | None) -> list[Properties]:
    """The list of `label` and `value` from the engine's labels."""
    return [{"label": key, "value": value} for key, value in sorted((labels or {}).items())]


def mebibytes(size: int | None) -> int:
    """Whole MiB of `size` bytes; zero and negative numbers are meanings, not sizes, and stay."""
    return size // MIB if size and size > 0 else size or 0


def health_to_engine(check: Properties) -> dict[str, Any]:
    """A health check with its durations in nanoseconds."""
    return {
        "Test": list(check.get("tests") or []),
        "Interval": durations.parse(check.get("interval") or "0s"),
        "Timeout": durations.parse(check.get("timeout") or "0s"),
        "StartPeriod": durations.parse(check.get("startPeriod") or "0s"),
        "StartInterval": durations.parse(check.get("startInterval") or "0s"),
        "Retries": int(check.get("retries") or 0),
    }


def health_from_engine(check: Mapping[str, Any]) -> Properties:
    """A health check with its durations as Go prints them."""
    return {
        "tests": check.get("Test") or [],
        "interval": durations.text(check.get("Interval") or 0),
        "timeout": durations.text(check.get("Timeout") or 0),
        "startPeriod": durations.text(check.get("StartPeriod") or 0),
        "startInterval": durations.text(check.get("StartInterval") or 0),
        "retries": check.get("Retries") or 0,
    }


def bindings(ports: Sequence[Properties]) -> dict[str, list[dict[str, str]]]:
    """Port bindings by `80/tcp`; external port 0 lets the engine choose."""
    found: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        key = f"{int(port['internal'])}/{port.get('protocol') or 'tcp'}"
        binding = {"HostIp": port.get("ip") or "0.0.0.0", "HostPort": str(int(port.get("external") or 0))}
        found.setdefault(key, []).append(binding)
    return found


def published(ports: Mapping[str, Any] | None) -> list[Properties]:
    """The ports the engine publishes, by container port."""
    found = []
    for key in sorted(ports or {}, key=lambda key: int(key.split("/")[0])):
        internal, protocol = key.split("/")
        for binding in (ports or {})[key] or []:
            entry = {"internal": int(internal), "external": int(binding["HostPort"])}
            found.append({**entry, "ip": binding["HostIp"], "protocol": protocol})
    return found


def volumes(entries: Sequence[Properties]) -> tuple[dict[str, Any], list[str], list[str]]:
    """Anonymous volumes, binds and the containers whose volumes are shared."""
    paths: dict[str, Any] = {}
    binds: list[str] = []
    sources: list[str] = []
    for entry in entries:
        source, path = entry.get("fromContainer"), entry.get("containerPath")
        name = entry.get("hostPath") or entry.get("volumeName")
        if not source and not path:
            raise PluginError("Unable to parse volumes: volume entry without container path or source container")
        if source and path:
            raise PluginError("Unable to parse volumes: both a container and a path specified in a volume entry")
        if source:
            sources.append(source)
            continue
        paths[str(path)] = {}
        if name:
            mode = ("ro" if entry.get("readOnly") else "rw") + _relabel(entry)
            binds.append(f"{name}:{path}:{mode}")
    return paths, binds, sources


def mount_to_engine(mount: Properties) -> dict[str, Any]:
    """One mount; only the options of its own type count."""
    kind = mount["type"]
    body: dict[str, Any] = {
        "Type": kind,
        "Target": mount["target"],
        "Source": mount.get("source") or "",
        "ReadOnly": bool(mount.get("readOnly")),
    }
    if kind == "bind" and (options := mount.get("bindOptions")):
        body["BindOptions"] = {"Propagation": options.get("propagation") or ""}
    if kind == "volume" and (options := mount.get("volumeOptions")):
        driver = {"Name": options.get("driverName") or "", "Options": options.get("driverOptions") or {}}
        body["VolumeOptions"] = {"NoCopy": bool(options.get("noCopy")), "Labels": label_map(options.get("labels"))}
        body["VolumeOptions"] |= {"DriverConfig": driver, "Subpath": options.get("subpath") or ""}
    if kind == "tmpfs" and (options := mount.get("tmpfsOptions")):
        body["TmpfsOptions"] = {"SizeBytes": options.get("sizeBytes") or 0, "Mode": options.get("mode") or 0}
    return body


def mount_from_engine(mount: Mapping[str, Any]) -> Properties:
    """One mount as the engine records it."""
    found: Properties = {"target": mount["Target"], "source": mount.get("Source") or "", "type": mount["Type"]}
    found["readOnly"] = bool(mount.get("ReadOnly"))
    if (options := mount.get("BindOptions")) is not None:
        found["bindOptions"] = {"propagation": options.get("Propagation") or ""}
    if (options := mount.get("VolumeOptions")) is not None:
        driver = options.get("DriverConfig") or {}
        found["volumeOptions"] = {
            "noCopy": bool(options.get("NoCopy")),
            "labels": label_list(options.get("Labels")),
            "driverName": driver.get("Name") or "",
            "driverOptions": driver.get("Options") or {},
            "subpath": options.get("Subpath") or "",
        }
    if (options := mount.get("TmpfsOptions")) is not None:
        found["tmpfsOptions"] = {"sizeBytes": options.get("SizeBytes") or 0, "mode": options.get("Mode") or 0}
    return found


def _relabel(entry: Properties) -> str:
    return f",{entry['selinuxRelabel']}" if entry.get("selinuxRelabel") else ""
