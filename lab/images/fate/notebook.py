"""`jupyter notebook` of the client image: its login with a hashed password, and nothing behind it."""

import hashlib
import hmac
import json
import os
import pathlib
import re
import secrets
import sys
import urllib.parse

import argon2

from . import service, web

VERSION = "2.14.2"
"""Of the server that the notebook runs on; `/api` tells it to anybody."""
CONFIGURATIONS = {"jupyter_server_config.json": "ServerApp", "jupyter_notebook_config.json": "NotebookApp"}
"""Files below ``~/.jupyter`` and the section in which each may hold the password's hash; the first counts."""
FLAGS = {"--allow-root", "--debug", "--no-browser"}
OPTIONS = {
    "--ip",
    "--port",
    "--notebook-dir",
    "--NotebookApp.notebook_dir",
    "--NotebookApp.token",
    "--NotebookApp.password",
}
FORM = '<!doctype html><title>Jupyter</title><form method="post"><input type="hidden" name="_xsrf" value="{}"/>\
<input type="password" name="password"/>{}</form>\n'


def main() -> None:
    """Parses ``jupyter notebook ...`` and serves."""
    options = parse(sys.argv[1:])
    book = Notebook(options.get("--NotebookApp.password") or configured())
    folder = pathlib.Path(options.get("--NotebookApp.notebook_dir") or options.get("--notebook-dir") or ".")
    if not folder.is_dir():
        raise service.RefusedError(f"NotebookApp.notebook_dir: {folder} is not a folder")
    if options.get("--NotebookApp.token"):
        raise service.RefusedError("NotebookApp.token is set: who knows it needs no password")
    if os.geteuid() == 0 and "--allow-root" not in options:
        raise service.RefusedError("Running as root is not recommended. Use --allow-root to bypass.")
    port = options.get("--port", "8888")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise service.RefusedError(f"--port {port!r} is not a port")
    host = options.get("--ip", "localhost")
    server = web.Server("" if host == "0.0.0.0" else host, int(port), "TornadoServer", book.answer)
    print(
        f"Serving notebooks from local directory: {folder}\nJupyter Server is running at http://{host}:{port}",
        flush=True,
    )
    server.serve_forever()


def configured() -> str:
    """The password's hash in the user's configuration files; empty when there is none."""
    for name, section in CONFIGURATIONS.items():
        path = pathlib.Path.home() / ".jupyter" / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise service.RefusedError(f"{path} cannot be read: {error}") from error
        password = content.get(section, {}).get("password")
        if password:
            return str(password)
    return ""


def parse(argv: list[str]) -> dict[str, str]:
    """Options and flags by name; raises `RefusedError` for what jupyter would not know."""
    if argv[:1] != ["notebook"]:
        raise service.RefusedError(f"Jupyter command `jupyter-{argv[0] if argv else ''}` not found.")
    options: dict[str, str] = {}
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if word in FLAGS:
            options[word] = ""
        elif name in OPTIONS and equals:
            options[name] = value
        else:
            raise service.RefusedError(f"unrecognized option {word}")
    return options


class Notebook:
    """Who knows the password sees pages; everybody else is sent to the login."""

    def __init__(self, hashed: str) -> None:
        if not re.fullmatch(r"argon2:\$argon2id?\$.+|sha(1|256):[0-9a-f]+:[0-9a-f]+", hashed):
            raise service.RefusedError("NotebookApp.password is empty or no hash that jupyter can check")
        self._hash = hashed
        self._sessions: set[str] = set()
        self._cookie = "username-lab"

    def answer(self, request: web.Request) -> web.Reply:
        """Replies as jupyter's server does."""
        path, _, query = request.path.partition("?")
        if path == "/api":
            return web.as_json({"version": VERSION})
        if path == "/login":
            return self._login(request, query)
        if _cookies(request).get(self._cookie) in self._sessions:
            return self._page(path)
        if path.startswith("/api/"):
            return web.as_json({"message": "Forbidden", "reason": None}, 403)
        return web.redirect("/login?next=" + urllib.parse.quote(request.path, safe=""))

    def _page(self, path: str) -> web.Reply:
        if path == "/":
            return web.redirect("/tree")
        if path == "/api/status":
            return web.as_json({"started": True, "kernels": 0, "connections": 0})
        return (
            web.Reply(200, b"<!doctype html><title>Home</title>\n") if path == "/tree" else web.Reply(404, b"Not Found")
        )

    def _login(self, request: web.Request, query: str) -> web.Reply:
        if request.method != "POST":
            token = secrets.token_hex(16)
            return web.Reply(200, FORM.format(token, "").encode(), headers=(("Set-Cookie", f"_xsrf={token}; Path=/"),))
        form = dict(urllib.parse.parse_qsl(request.body.decode(errors="replace")))
        # Another site's page can send a form here, but does not know the cookie's value.
        token = _cookies(request).get("_xsrf", "")
        if not token or form.get("_xsrf") != token:
            return web.Reply(403, b"'_xsrf' argument missing from POST")
        if not check(self._hash, form.get("password", "")):
            return web.Reply(401, FORM.format(token, "Invalid credentials").encode())
        session = secrets.token_hex(16)
        self._sessions.add(session)
        target = dict(urllib.parse.parse_qsl(query)).get("next", "/")
        safe = target if re.match(r"/(?![/\\])", target) else "/"
        return web.redirect(safe, ("Set-Cookie", f"{self._cookie}={session}; Path=/; HttpOnly"))


def check(hashed: str, password: str) -> bool:
    """Whether ``password`` is the one behind ``hashed``, in any of the forms that jupyter writes."""
    algorithm, _, rest = hashed.partition(":")
    if algorithm == "argon2":
        try:
            return bool(argon2.PasswordHasher().verify(rest, password))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHash):
            return False
    salt, _, digest = rest.partition(":")
    made = hashlib.new(algorithm, password.encode() + salt.encode()).hexdigest()
    return hmac.compare_digest(made, digest)


def _cookies(request: web.Request) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in request.headers.get("Cookie", "").split(";"))
    return {key: value for key, _, value in pairs}
