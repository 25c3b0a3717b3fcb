"""The official installer, played by a server on this machine."""

import http.server
import pathlib
import threading
from collections.abc import Iterator

import pytest

from lab import paths
from lab.toolchain import download, memory, pulumi, versions

INSTALLER = """#!/bin/sh
while [ $# -gt 0 ]; do
    case "$1" in
        --version) version=$2; shift;;
        --install-root) root=$2; shift;;
    esac
    shift
done
mkdir -p "$root/bin"
printf '#!/bin/sh\\necho v%s\\n' "{version}" > "$root/bin/pulumi"
chmod 755 "$root/bin/pulumi"
"""


class Server(http.server.BaseHTTPRequestHandler):
    """Answers every request with the script of the test."""

    script = ""
    asked = 0

    def do_HEAD(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.script.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what the server sees is in no test's interest."""


@pytest.fixture
def official(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Server]]:
    """Pulumi's download site, and a lab that has nothing yet."""
    monkeypatch.setattr(memory, "FAILURES", tmp_path / "failed.json")
    monkeypatch.setattr(paths, "BIN", tmp_path / "bin")
    monkeypatch.setattr(pulumi, "OFFICIAL_HOME", tmp_path / "official")
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    monkeypatch.setattr(download, "OFFICIAL", f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Server.asked = 0
    yield Server
    server.shutdown()
    thread.join()
    server.server_close()


def wanted() -> str:
    """The version that the SDK is pinned to."""
    return versions.pinned_package((paths.ROOT / "requirements.txt").read_text(), "pulumi")


def test_installer_gives_the_version_of_the_sdk(official: type[Server]) -> None:
    """With network nobody should wait four minutes for a build."""
    official.script = INSTALLER.replace("{version}", "$version")
    made = pulumi.downloaded()
    assert made == pulumi.OFFICIAL_HOME / "bin" / "pulumi"
    assert pulumi.first_fitting([made]) == made
    assert wanted() in made.read_text()


@pytest.mark.parametrize(
    "script", [INSTALLER.replace("{version}", "3.1.0"), "#!/bin/sh\nexit 7\n", "<html>blocked</html>"]
)
def test_installer_that_does_not_deliver_is_left_alone_for_a_day(official: type[Server], script: str) -> None:
    """A proxy's error page, a failure or another version must lead to the build, not to a broken tool."""
    official.script = script
    assert pulumi.downloaded() is None
    asked = official.asked
    assert pulumi.downloaded() is None
    assert official.asked == asked


def test_unreachable_site_is_asked_once(
    official: type[Server], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    """Without network every `make` would otherwise begin with a wait."""
    monkeypatch.setattr(download, "OFFICIAL", "http://127.0.0.1:9")
    assert not download.reachable()
    assert memory.failed_lately(download.OFFICIAL)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("asked again"))
    assert not download.reachable()
