"""The version lines of FATE that the program can deploy."""

import types

from . import fate_1_11

_LINES = {fate_1_11.VERSION: fate_1_11}


def line(version: str) -> types.ModuleType:
    """The module that knows release ``version`` of FATE (the setting ``fateVersion``).

    ``ValueError`` for a release that no line knows, with those that one does.
    """
    try:
        return _LINES[version]
    except KeyError:
        known = ", ".join(_LINES)
        raise ValueError(f"fateVersion {version!r} is unknown; choose one of {known}") from None
