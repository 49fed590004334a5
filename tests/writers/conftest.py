"""A flat world as the current runtime."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from replicator_dr.engines.embedded.runtime import activate
from replicator_dr.spec.registry import WRITERS
from tests.flat_world import FlatRuntime
from tests.writers.every_writer import DECLARED, declared


@pytest.fixture
def runtime() -> Iterator[FlatRuntime]:
    with activate(FlatRuntime()) as active:  # type: ignore[type-var, arg-type]
        yield active  # type: ignore[misc]


@pytest.fixture(autouse=True, scope="module")
def _registered() -> Iterator[None]:
    """The declared writers are known, also where this environment's metadata are older than pyproject.toml."""
    missing = set(DECLARED) - set(WRITERS.kinds())
    for kind in missing:
        WRITERS.register(declared(kind), kind)
    yield
    for kind in missing:
        WRITERS.unregister(kind)
