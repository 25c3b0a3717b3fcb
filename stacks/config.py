"""Reads the Pulumi configuration of a stack, and the sites that it names, into what the site is to be."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping

import pulumi
from pulumi.runtime import config as runtime

from . import agreement, neighbours, pem, places, settings


async def load(
    config: pulumi.Config | Mapping[str, object], stack: str, secret: Collection[str] = ()
) -> neighbours.Site:
    """The site of the stack called ``stack``, with the others that it names.

    ``config`` is the project's configuration; a mapping of keys without namespace stands for one, and ``secret`` then
    names its secret keys. Warnings go to Pulumi's log. Raises ``pulumi.RunError``, which ends the program without a
    traceback, with one line for each mistake: in the configuration, in a link, or between two sites.
    """
    raw, private = _read(config) if isinstance(config, pulumi.Config) else (config, secret)
    examined = settings.examine(raw, stack, private)
    found = [*examined.problems, *_unreadable(examined.settings)]
    site = neighbours.Site(
        config=examined.settings,
        stack=f"{pulumi.get_organization()}/{settings.NAMESPACE}/{stack}",
        place=places.place(examined.settings),
    )
    if not examined.faulty & {"role", "partyId", "backend", "transport"}:
        others, unread = await neighbours.read(site.config)
        site = dataclasses.replace(site, others=others)
        found += [*unread, *agreement.problems(site)]
    if found:
        lines = settings.Invalid(found).problems
        heading = f"the configuration of stack {stack} has {len(lines)} error{'s' if len(lines) > 1 else ''}:"
        raise pulumi.RunError("\n".join([heading, *(f"  {problem}" for problem in lines)]))
    for warning in site.config.warnings():
        pulumi.log.warn(warning)
    return site


def _unreadable(config: settings.StackSettings) -> Iterator[settings.Problem]:
    """What is wrong with the certificates that the configuration brings."""
    given = config.certificate
    for key, value in (
        {"certificate": given.certificate, "trustAnchors": given.trust_anchors} if given else {}
    ).items():
        try:
            pem.load(value)
        except ValueError as error:
            yield settings.Problem(f"certificate.{key}", str(error))


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
