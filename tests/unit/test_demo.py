"""What the demo makes of what it sees, without running Pulumi."""

import pathlib
import socket
import subprocess
import sys

import pytest

from lab import demo, demo_report, demo_sites, paths, stack


def resource(kind: str, name: str, parent: str = "", custom: bool = True) -> dict[str, object]:
    """A resource as the state lists it."""
    return {"urn": f"urn:pulumi:s::fate::{kind}::{name}", "type": kind, "parent": parent, "custom": custom}


def test_resources_are_counted_at_their_service() -> None:
    """The table would tell a newcomer nothing if it mixed services, or counted Pulumi's book-keeping."""
    root = resource("pulumi:pulumi:Stack", "fate-s", custom=False)
    party = resource("fate:site:Party", "fate-9", str(root["urn"]), custom=False)
    mysql = resource("fate:site:MySQL", "fate-9-mysql", str(party["urn"]), custom=False)
    stateful = resource("kubernetes:apps/v1:StatefulSet", "fate-9-mysql", str(mysql["urn"]))
    below = resource("kubernetes:core/v1:Secret", "x", str(stateful["urn"]))
    namespace = resource("kubernetes:core/v1:Namespace", "ns", str(root["urn"]))
    provider = resource("pulumi:providers:kubernetes", "k8s", str(party["urn"]))
    counted = demo_report.by_service([root, party, mysql, stateful, below, namespace, provider])
    assert counted == {"fate-9-mysql": {"StatefulSet": 1, "Secret": 1}, "the site itself": {"Namespace": 1}}


@pytest.mark.parametrize("place", demo.PLACES)
def test_next_steps_name_only_what_is_there(place: str, tmp_path: pathlib.Path) -> None:
    """A command that fails when copied is the first thing a newcomer meets."""
    sites = [stack.Stack(tmp_path, name) for name in demo_sites.NAMES]
    lines = demo_report.next_steps(sites, place)
    assert any("make demo-down" in line for line in lines)
    assert any("kubectl" in line for line in lines) is (place != "docker")
    assert (tmp_path / "env.sh").is_file()


def test_sourced_file_leads_to_the_stack(tmp_path: pathlib.Path) -> None:
    """Plain `pulumi` after sourcing it must not reach for the user's own backend, nor print the passphrase."""
    file = stack.Stack(tmp_path, demo_sites.EXCHANGE).shell_file()
    command = f'. {file}; echo "$PULUMI_BACKEND_URL"; command -v python'
    shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout.split()
    assert shown == [f"file://{tmp_path}/state?metadata=skip", str(paths.VENV / "bin" / "python")]
    assert "PULUMI_CONFIG_PASSPHRASE=" not in file.read_text()


def test_interfaces_show_address_and_way() -> None:
    """An address without the port-forward that leads to it is of no use."""
    output = {"fateboard": {"url": "http://127.0.0.1:8080", "how": "kubectl port-forward"}, "notebook": "http://n"}
    assert demo_report.interfaces(output) == [
        ("fateboard", "http://127.0.0.1:8080; kubectl port-forward"),
        ("notebook", "http://n"),
    ]
    assert demo_report.interfaces(None) == []


def test_busy_port_is_passed_over() -> None:
    """A machine with something on 8080 would see the demo fail at its last step."""
    port = demo_sites.free_port(11_000)  # of those that no outgoing connection is given
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("", port))
        taken.listen()
        assert demo_sites.free_port(port) > port
    assert demo_sites.free_port(port) == port
    assert demo_sites.free_port(port, {port}) > port


def test_ctrl_c_waits_for_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killing Pulumi at once would leave resources that no state knows."""
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as child:
        original, calls = child.wait, iter([KeyboardInterrupt])

        def wait(timeout: float | None = None) -> int:
            for interrupt in calls:
                raise interrupt
            return original(timeout)

        monkeypatch.setattr(child, "wait", wait)
        with pytest.raises(KeyboardInterrupt):
            stack.patiently(child)
        assert child.returncode == 3


def test_lock_of_a_killed_run_is_found(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it every later command says that the stack is locked, to someone who never locked anything."""
    asked: list[tuple[str, ...]] = []
    site = stack.Stack(tmp_path, demo_sites.EXCHANGE)
    monkeypatch.setattr(site, "ask", lambda *words, within=None: asked.append(words))
    site.unlock()
    assert asked == []
    lock = tmp_path / "state" / ".pulumi" / "locks" / "organization" / "fate" / demo_sites.EXCHANGE / "1.json"
    lock.parent.mkdir(parents=True)
    lock.touch()
    site.unlock()
    assert asked == [("cancel", demo_sites.EXCHANGE, "--yes")]
