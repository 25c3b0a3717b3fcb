"""The start of a run: the plugins that every site needs start while the rest of the program is loaded."""

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_random
import pulumi_tls

from . import settings
from .neighbours import Site


async def build(site: Site) -> Mapping[str, Any]:
    """Deploy ``site``; returns the stack's outputs by name."""
    providers = _providers(site.config)
    # The engine is asked for these only while this waits, and then takes as long to start them as the thread to load.
    compose = await asyncio.to_thread(_rest, site.config.platform)
    outputs: Mapping[str, Any] = compose.build(site, providers)
    return outputs


def _providers(config: settings.StackSettings) -> Sequence[pulumi.ProviderResource]:
    """Of certificates and of passwords: what needs no settings. The platform makes its own."""
    certificates = [pulumi_tls.Provider("tls")] if config.tls else []
    passwords = [] if config.is_exchange else [pulumi_random.Provider("random")]
    return [*certificates, *passwords]


def _rest(platform: str) -> Any:
    """The module that composes a site, with everything that it will need on ``platform``."""
    importlib.import_module(f".on_{platform}", __package__)
    return importlib.import_module(".compose", __package__)
