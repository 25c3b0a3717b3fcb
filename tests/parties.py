"""Sites that the real program and the real engine bring up, each in a stack, a backend and a file of its own."""

import base64
import copy
import json
import pathlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from lab import environment, paths

from . import kept, pulumi_cli

ASK_DATABASE = """
import pymysql, sys, time
login = {"host": "mysql", "user": "fate", "database": "eggroll_meta", "password": sys.argv[1]}
def connect(until):
    try:
        return pymysql.connect(autocommit=True, **login)
    except pymysql.err.OperationalError as error:
        if error.args[0] != 2003 or time.monotonic() > until:
            raise
        time.sleep(0.5)
        return connect(until)
cursor = connect(time.monotonic() + 30).cursor()
cursor.execute(sys.argv[2])
print(cursor.fetchall())
"""
"""What a container of the party runs to ask the party's database: arguments are a password and a statement. A name that
is not answered for once, or a Service whose rules are being written, is asked again."""


class Site:
    """One stack of the program in this checkout: a party or an exchange."""

    def __init__(
        self,
        folder: pathlib.Path,
        stack: str,
        site: str,
        settings: Mapping[str, object],
        *,
        secrets: Mapping[str, str] | None = None,
        state: pathlib.Path | None = None,
    ) -> None:
        """Create the stack called ``stack`` of ``site``.

        ``secrets`` by dotted key (``fateboard.password``) are set as an operator sets them. ``state``: folder of the
        state backend; default: one of its own below ``folder``.
        """
        self.folder = folder
        self.site = site
        self.stack = stack
        self.secrets = dict(secrets or {})
        self.settings = dict(settings)
        self._sealed: dict[tuple[str, str], object] = {}  # what each secret is written as
        self._shown: dict[str, str] = {}  # outputs by the state that they were asked of
        folder.mkdir(exist_ok=True)
        state = state or folder / "state"
        state.mkdir(exist_ok=True)
        self.environment = environment.pulumi_environment(
            PULUMI_BACKEND_URL=environment.state_url(state),
            PULUMI_CONFIG_PASSPHRASE=kept.PASSPHRASE,
            PULUMI_DEBUG_COMMANDS="true",  # the event log is one of them
        )
        self._file = folder / f"Pulumi.{self.stack}.yaml"
        # Commands that only write settings run in a folder of their own, not in the checkout.
        (folder / "Pulumi.yaml").write_text("name: fate\nruntime: python\n")
        self.kept = kept.Stack(state, stack)
        self._salt = self.kept.init()
        self._write()

    @property
    def reference(self) -> dict[str, str]:
        """How another site names this one by its stack."""
        return {"stack": f"organization/fate/{self.stack}"}

    def change(self, **settings: object) -> None:
        """Set further settings; ``None`` removes one."""
        self.settings |= settings
        self._write()

    def _write(self) -> None:
        given = {f"fate:{key}": copy.deepcopy(value) for key, value in self.settings.items() if value is not None}
        new = [secret for secret in self.secrets.items() if secret not in self._sealed]
        for key, value in self.secrets.items():
            if (key, value) in self._sealed:
                _put(given, key, self._sealed[key, value])
        # The salt stays: what is encrypted in the state was encrypted with it.
        self._file.write_text(yaml.safe_dump({"config": given, "encryptionsalt": self._salt}))
        for key, value in new:
            setting = ("config", "set", "--secret", "--path", f"fate:{key}", value)
            pulumi_cli.run((*setting, *self._which()), folder=self.folder, environment=self.environment)
            self._sealed[key, value] = _get(yaml.safe_load(self._file.read_text())["config"], key)

    def preview(self, *, ok: bool = True) -> pulumi_cli.Result:
        """Run ``pulumi preview``."""
        return self._operate("preview", ok=ok)

    def up(self, *, ok: bool = True) -> pulumi_cli.Result:
        """Run ``pulumi up``."""
        return self._operate("up", "--yes", "--skip-preview", ok=ok)

    def refresh(self) -> pulumi_cli.Result:
        """Run ``pulumi refresh``."""
        return self._operate("refresh", "--yes", "--skip-preview", ok=True)

    def destroy(self, *, ok: bool = True) -> pulumi_cli.Result:
        """Run ``pulumi destroy``."""
        return self._operate("destroy", "--yes", "--skip-preview", ok=ok)

    def plan_of_destroy(self) -> str:
        """What ``pulumi destroy`` would do, in its own words."""
        return self.command("destroy", "--preview-only", "--diff", *self._which()).stdout

    def interrupted_up(self, reached: Callable[[], bool]) -> None:
        """Start ``pulumi up`` and kill it with everything it started, as soon as ``reached()``."""
        arguments = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", *self._which()]
        process = subprocess.Popen(
            arguments,
            cwd=paths.ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + pulumi_cli.COMMAND_SECONDS
        while not reached() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.poll() is None, "the run ended before it could be interrupted"
        subprocess.run(["pkill", "-KILL", "--session", str(process.pid)], check=False)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.command("cancel", "--yes", "--stack", self.stack)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown; asked once while the state stays as it is."""
        state = self.export()
        if state not in self._shown:
            shown = self.command("stack", "output", "--json", "--show-secrets", "--stack", self.stack).stdout
            self._shown = {state: shown}
        return dict(json.loads(self._shown[state]))

    @property
    def pending(self) -> list[str]:
        """What the site waits for, after its last up."""
        return list(self.kept.output("pending"))

    @property
    def link(self) -> dict[str, Any]:
        """What the site tells its neighbours, after its last up."""
        return dict(self.kept.output("link"))

    def forget(self) -> None:
        """Remove the stack, which has been destroyed."""
        # In its own folder: where it runs, Pulumi writes a settings file.
        removal = ("stack", "rm", "--yes", "--stack", self.stack)
        pulumi_cli.run(removal, folder=self.folder, environment=self.environment)

    def export(self) -> str:
        """The state as it is kept."""
        return self.kept.text()

    def passwords(self) -> list[str]:
        """Every password that the stack generated or was given, for looking where it must not be."""
        shown = json.loads(self.command("stack", "export", "--show-secrets", "--stack", self.stack).stdout)
        resources = shown["deployment"].get("resources", [])
        found = [
            json.loads(each["outputs"]["result"]["plaintext"])
            for each in resources
            if each["type"] == "random:index/randomPassword:RandomPassword"
        ]
        assert found, "the stack has no generated password"
        return [*found, *self.secrets.values()]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``pulumi ARGUMENTS`` for the program."""
        return pulumi_cli.run(arguments, folder=paths.ROOT, environment=self.environment)

    def _which(self) -> tuple[str, ...]:
        return ("--stack", self.stack, "--config-file", str(self._file))

    def _operate(self, *arguments: str, ok: bool) -> pulumi_cli.Result:
        return pulumi_cli.operate(
            (*arguments, *self._which()),
            folder=paths.ROOT,
            environment=self.environment,
            log=self.folder / "events.json",
            ok=ok,
        )


def _put(config: dict[str, Any], key: str, value: object) -> None:
    section, *path = key.split(".")
    *folders, last = (f"fate:{section}", *path)
    for each in folders:
        config = config.setdefault(each, {})
    config[last] = value


def _get(config: Any, key: str) -> object:
    section, *path = key.split(".")
    for each in (f"fate:{section}", *path):
        config = config[each]
    return config


class Party(Site):
    """The stack of one party."""

    def __init__(
        self,
        folder: pathlib.Path,
        party_id: int,
        *,
        secrets: Mapping[str, str] | None = None,
        state: pathlib.Path | None = None,
        **settings: object,
    ) -> None:
        """Create the stack of a party with backend eggroll, unless ``settings`` say otherwise."""
        told = {"partyId": str(party_id), "backend": "eggroll", **settings}
        super().__init__(folder, f"party-{party_id}", f"fate-{party_id}", told, secrets=secrets, state=state)
        self.party_id = party_id


class Exchange(Site):
    """The stack of one exchange."""

    def __init__(
        self, folder: pathlib.Path, name: str = "exchange", *, state: pathlib.Path | None = None, **settings: object
    ) -> None:
        """Create the stack of an exchange of rollsites called ``name``, unless ``settings`` say otherwise."""
        told = {"role": "exchange", "name": name, "transport": "rollsite", **settings}
        super().__init__(folder, name, f"fate-{name}", told, state=state)


def hidden(text: str, passwords: list[str]) -> bool:
    """Whether none of ``passwords`` stands in ``text``, plainly or as base64."""

    needles = [*passwords, *(base64.b64encode(each.encode()).decode() for each in passwords)]
    return not any(needle in text for needle in needles)
