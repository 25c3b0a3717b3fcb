"""fateboard: its web page and its login."""

import hmac
import json
import pathlib
import re
import secrets
import urllib.parse

from . import properties, service, web

PAGE = b"<!doctype html><html><head><title>FATEBoard</title></head><body><h1>FATEBoard</h1></body></html>\n"
COOKIE = "JSESSIONID"
_LOGIN = "server.board.login"


def serve(path: pathlib.Path) -> None:
    """Checks the properties, then serves on ``server.port`` of every address."""
    conf = properties.Properties(path)
    port = conf.port("server.port")
    board = Board(conf)
    server = web.Server("", port, "Apache-Coyote", board.answer)
    print(f"Tomcat started on port(s): {port} (http)", flush=True)
    server.serve_forever()


class Board:
    """One user, with the name and the password of the properties."""

    def __init__(self, conf: properties.Properties) -> None:
        self._user, self._password = (_credential(conf, f"{_LOGIN}.{what}") for what in ("username", "password"))
        for url in [conf.text("fateflow.url"), *conf.optional("fateflow.url-list").split(";")]:
            _check_url(conf, url)
        if conf.optional("server.board.encrypt.enable", "false") not in ("true", "false"):
            raise service.RefusedError(f"{conf.path}: server.board.encrypt.enable is neither true nor false")
        for key in ("server.tomcat.max-threads", "server.tomcat.max-connections"):
            conf.integer(key, 0)
        self._sessions: set[str] = set()

    def answer(self, request: web.Request) -> web.Reply:
        """The page for anybody, the login, and the rest only for who is logged in."""
        path = request.path.partition("?")[0]
        if path in ("/", "/index.html"):
            return web.Reply(200, PAGE)
        if path == "/user/login":
            return self._login(request) if request.method == "POST" else web.as_json({"status": 405}, 405)
        if request.headers.get("Cookie", "").partition(f"{COOKIE}=")[2].partition(";")[0] not in self._sessions:
            return web.as_json({"code": 10015, "msg": "Please log in first!", "data": None}, 401)
        if path == "/user/checkUser":
            return web.as_json({"code": 0, "msg": "success", "data": self._user})
        return web.as_json({"status": 404, "error": "Not Found", "path": path}, 404)

    def _login(self, request: web.Request) -> web.Reply:
        given = request.json()
        right = [
            hmac.compare_digest(str(given.get(key, "")).encode(), value.encode())
            for key, value in (("username", self._user), ("password", self._password))
        ]
        if not all(right):
            return web.as_json({"code": 10000, "msg": "login failed: wrong username or password", "data": None}, 401)
        session = secrets.token_hex(16)
        self._sessions.add(session)
        body = {"code": 0, "msg": "success", "data": self._user}
        headers = (("Set-Cookie", f"{COOKIE}={session}; Path=/; HttpOnly"),)
        return web.Reply(200, json.dumps(body).encode(), "application/json", headers)


def _credential(conf: properties.Properties, key: str) -> str:
    value = conf.text(key)
    if re.search(r"[$#]\{", value):
        raise service.RefusedError(f"{conf.path}: Could not resolve placeholder in {key}")
    return value


def _check_url(conf: properties.Properties, url: str) -> None:
    if not url:
        return
    parts = urllib.parse.urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in ("http", "https") or not parts.hostname or port is None:
        raise service.RefusedError(f"{conf.path}: {url!r} is not an address of fateflow, like http://HOST:PORT")
