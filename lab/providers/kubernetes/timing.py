"""How long an operation may take."""

from . import objects

DEFAULT_SECONDS = 600.0


def seconds(custom: float, inputs: objects.Object) -> float:
    """The resource option ``custom_timeouts``, else the annotation ``pulumi.com/timeoutSeconds``, else ten minutes."""
    if custom:
        return custom
    text = objects.annotation(inputs, objects.TIMEOUT_SECONDS)
    try:
        return float(int(text)) if text else DEFAULT_SECONDS
    except ValueError:
        return DEFAULT_SECONDS
