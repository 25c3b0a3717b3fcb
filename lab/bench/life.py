"""The life of one stack, timed: preview, first up, preview and up without changes, and its end."""

from .. import paths
from ..stack import Stack
from . import measure

FOLDER = paths.LAB / "bench"
QUIET = ("--suppress-outputs", "--suppress-progress")
PREVIEW, FIRST, SAME, SAME_AGAIN = "preview", "first up", "preview without changes", "up without changes"
NO_IMAGES = {"images.registry": "registry.invalid"}
"""Pods of these images do not start, so that what runs in them does not disturb the clock."""


def plan(series: measure.Series, subject: str, stack: Stack) -> None:
    """The preview of a stack that is not up yet."""
    with series.timed(subject, PREVIEW):
        stack.ask("preview", *QUIET, *stack.named)


def life(series: measure.Series, subject: str, stack: Stack) -> None:
    """One stack from its preview to its end."""
    try:
        plan(series, subject, stack)
        with series.timed(subject, FIRST):
            stack.ask("up", "--yes", "--skip-preview", *QUIET, *stack.named)
        with series.timed(subject, SAME):
            stack.ask("preview", *QUIET, *stack.named)
        with series.timed(subject, SAME_AGAIN):
            stack.ask("up", "--yes", "--skip-preview", *QUIET, *stack.named)
    finally:
        stack.ask("destroy", "--yes", "--skip-preview", *QUIET, *stack.named)
        stack.remove()
