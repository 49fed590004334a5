"""Isaac Sim's stand-in, in each of the releases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.isaacsim.standin import RELEASES, Standin, isaac_sim


@pytest.fixture(params=list(RELEASES))
def standin(request: pytest.FixtureRequest) -> Iterator[Standin]:
    """A running Isaac Sim; at the end it is checked that nothing was left behind."""
    with isaac_sim(request.param) as running:
        yield running
