"""What the lab says when something cannot be done."""


class LabError(Exception):
    """One sentence or a few: what failed, why, and the remedy; shown to people without a traceback."""


class LabTimeoutError(LabError, TimeoutError):
    """A condition did not become true in time."""
