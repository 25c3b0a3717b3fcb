"""The harness of this ring itself."""

import pathlib

import pytest

from tests import mocked

pytestmark = pytest.mark.mocks


def test_a_run_leaves_nothing_open() -> None:
    """Each loop left open holds three files: after some hundred runs the test process would have no more, and end."""
    mocked.run()
    before = len(list(pathlib.Path("/proc/self/fd").iterdir()))
    mocked.run()
    assert len(list(pathlib.Path("/proc/self/fd").iterdir())) <= before
