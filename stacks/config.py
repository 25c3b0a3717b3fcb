"""Reads the Pulumi configuration of a stack into its settings."""

from collections.abc import Collection, Mapping

import pulumi
from pulumi.runtime import config as runtime

from . import settings


def load(
    config: pulumi.Config | Mapping[str, object], stack: str, secret: Collection[str] = ()
) -> settings.StackSettings:
    """The settings of the stack called ``stack``.

    ``config`` is the project's configuration; a mapping of keys without namespace stands for one, and ``secret`` then
    names its secret keys. Warnings go to Pulumi's log. Raises ``pulumi.RunError``, which ends the program without a
    traceback, with one line for each mistake.
    """
    raw, private = _read(config) if isinstance(config, pulumi.Config) else (config, secret)
    try:
        parsed = settings.parse(raw, stack, private)
    except settings.Invalid as invalid:
        count = len(invalid.problems)
        heading = f"the configuration of stack {stack} has {count} error{'s' if count > 1 else ''}:"
        raise pulumi.RunError("\n".join([heading, *(f"  {problem}" for problem in invalid.problems)])) from None
    for warning in parsed.warnings():
        pulumi.log.warn(warning)
    return parsed


def _read(config: pulumi.Config) -> tuple[dict[str, object], frozenset[str]]:
    """Every key of the project's namespace, unknown ones too, and which of them hold a secret.

    ``pulumi.Config`` answers only for a key it is asked for, so the list of keys comes from what it is built on.
    """
    prefix = f"{config.name}:"
    names = {*runtime.CONFIG.get(), *runtime.get_config_env()}
    keys = {name.removeprefix(prefix) for name in names if name.startswith(prefix)} | {*settings.KEYS}
    values = {key: config.get(key) for key in keys}
    raw: dict[str, object] = {key: value for key, value in values.items() if value is not None}
    return raw, frozenset(key for key in raw if runtime.is_config_secret(config.full_key(key)))
