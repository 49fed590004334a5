"""A flat world as the current runtime."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from replicator_dr.engines.embedded.runtime import activate
from tests.flat_world import FlatRuntime


@pytest.fixture
def runtime() -> Iterator[FlatRuntime]:
    with activate(FlatRuntime()) as active:  # type: ignore[type-var, arg-type]
        yield active  # type: ignore[misc]
