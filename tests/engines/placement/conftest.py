"""A fresh runtime with the calls of placement, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.placement import calls
from replicator_dr.engines.embedded.runtime import Runtime, activate


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """An empty session with seed 7, active during the test."""
    fresh = Runtime()
    fresh.seed = 7
    calls.register(api)
    with activate(fresh):
        yield fresh
