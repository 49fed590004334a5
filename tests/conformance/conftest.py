"""The awkward scene, rendered and written once."""

from __future__ import annotations

import pytest

from tests.conformance.datasets import Written, write_all


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_all(tmp_path_factory.mktemp("awkward"))
