"""Configuration of what people look at: fateboard, and the processors' logs."""

from . import paths, ports, properties


def board_properties(*, username: str, password: str, fateflow_url: str) -> str:
    """``application.properties`` of fateboard, secret because of the login.

    ``fateflow_url``: ``http://fateflow:9380``. ``ValueError`` when the login is empty or contains ``${`` or ``#{``:
    Spring replaces these wherever they stand and no way of writing keeps them.
    """
    for what, value in (("username", username), ("password", password)):
        if not value or "${" in value or "#{" in value:
            raise ValueError(f"fateboard {what} is empty or contains ${{ or #{{; choose another {what}")
    return properties.render(
        {
            "server.port": str(ports.FATEBOARD),
            "fateflow.url": fateflow_url,
            "fateflow.url-list": "",
            "fateflow.http_app_key": "",
            "fateflow.http_secret_key": "",
            "server.servlet.encoding.charset": "UTF-8",
            "server.servlet.encoding.enabled": "true",
            "server.tomcat.uri-encoding": "UTF-8",
            "fateboard.front_end.cors": "false",
            "fateboard.front_end.url": "http://localhost:8028",
            "server.tomcat.max-threads": "1000",
            "server.tomcat.max-connections": "20000",
            "spring.servlet.multipart.max-file-size": "10MB",
            "spring.servlet.multipart.max-request-size": "100MB",
            "server.compression.enabled": "true",
            "server.compression.mime-types": "application/json,application/xml,text/html,text/xml,text/plain",
            "server.board.login.username": username,
            "server.board.login.password": password,
            "server.board.encrypt.private_key": "",
            "server.board.encrypt.enable": "false",
            "server.servlet.session.timeout": "4h",
            "server.servlet.session.cookie.max-age": "4h",
            "management.endpoints.web.exposure.exclude": "*",
            "feign.client.config.default.connectTimeout": "10000",
            "feign.client.config.default.readTimeout": "10000",
        }
    )


def log_tail_conf() -> str:
    """fluent-bit's configuration for nodemanager's companion: the logs of every session's processors to stdout.

    Each session has a folder below ``EGGROLL_LOGS_PATH``; the folder ``eggroll`` is the manager's own, which the
    manager prints itself. Files found after the start are read from their beginning.
    """
    return f"""\
[SERVICE]
    Flush            1
    Log_Level        warn

[INPUT]
    Name             tail
    Tag              eggroll
    Path             {paths.EGGROLL_LOGS_PATH}/*/*.*
    Exclude_Path     {paths.EGGROLL_LOGS_PATH}/eggroll/*
    Path_Key         file
    Refresh_Interval 5
    Rotate_Wait      5
    Skip_Long_Lines  On

[OUTPUT]
    Name             stdout
    Match            *
    Format           json_lines
"""
