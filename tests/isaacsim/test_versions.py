"""The release is read from the extension's id, and decides what may be called."""

from __future__ import annotations

import pytest

from replicator_dr.engines.isaacsim.versions import parse_release
from replicator_dr.errors import EngineError


@pytest.mark.parametrize(
    ("extension_id", "name", "labels", "waits"),
    [
        ("omni.replicator.core-1.11.35+106.5.0.lx64.r.cp310", "Isaac Sim 4.5 (Replicator 1.11.35)", False, False),
        ("omni.replicator.core-1.12.16+107.3.1.lx64", "Isaac Sim 5.x (Replicator 1.12.16)", True, False),
        ("omni.replicator.core-1.13.4", "Isaac Sim 6.x (Replicator 1.13.4)", True, True),
        ("omni.replicator.core-1.13.27+110.0.0", "Isaac Sim 6.x (Replicator 1.13.27)", True, True),
    ],
)
def test_known_releases(extension_id: str, name: str, labels: bool, waits: bool) -> None:
    release = parse_release(extension_id)
    assert (release.name, release.labels_api, release.wait_for_render) == (name, labels, waits)


def test_an_old_release_is_refused() -> None:
    with pytest.raises(EngineError, match=r"Replicator 1\.10\.3\) is too old; Isaac Sim 4\.5 .* and later"):
        parse_release("omni.replicator.core-1.10.3")


def test_an_id_without_a_version_is_refused() -> None:
    with pytest.raises(EngineError, match=r"cannot be read from 'omni\.replicator\.core'"):
        parse_release("omni.replicator.core")
