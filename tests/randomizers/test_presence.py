"""visibility, semantics and instantiate: what is there, and what it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats


def test_a_number_of_copies_is_visible(sampled: Any) -> None:
    result = sampled({"visibility": {"prims": "parts", "count": [1, 4]}}, frames=600)
    shown = np.concatenate([result.visible("boxes"), result.visible("balls")], axis=1)
    number = np.bincount(shown.sum(axis=1), minlength=6)
    assert number[0] == number[5] == 0
    assert stats.chisquare(number[1:5]).pvalue > 1e-4
    # Each copy is there as often as the others: 2.5 of 5 on average.
    assert np.abs(shown.mean(axis=0) - 0.5).max() < 0.1


def test_more_than_there_are_is_all(sampled: Any) -> None:
    result = sampled({"visibility": {"prims": "balls", "count": [5, 9]}}, frames=5)
    assert result.visible("balls").all()


def test_probability(sampled: Any) -> None:
    shown = sampled({"visibility": {"prims": "boxes", "probability": 0.2}}, frames=500).visible("boxes")
    assert abs(shown.mean() - 0.2) < 0.04
    assert stats.binomtest(int(shown.sum()), shown.size, 0.2).pvalue > 1e-4


def test_certainties(sampled: Any) -> None:
    assert not sampled({"visibility": {"prims": "boxes", "probability": 0}}, frames=3).visible("boxes").any()
    assert sampled({"visibility": {"prims": "boxes", "probability": 1}}, frames=3).visible("boxes").all()


def test_a_sequence_of_truth_values(sampled: Any) -> None:
    shown = sampled({"visibility": {"prims": "balls", "visible": {"sequence": [True, False]}}}, frames=4).visible(
        "balls"
    )
    assert shown.tolist() == [[True, True], [False, False]] * 2


def test_semantics_replace_labels_of_their_type(sampled: Any) -> None:
    create = {"boxes": {"cube": {}, "semantics": {"class": "box", "color": "grey"}}}
    entry = {"semantics": {"prims": "boxes", "semantics": {"class": "Crate"}}}
    result = sampled(entry, create=create, frames=1)
    row = [i for i, path in enumerate(result.scene.labels.entity_paths) if path.endswith("/boxes")]
    labels = result.scene.labels.label_sets[int(result.state.entity_labels[0, row[0]])]
    assert labels == {"class": "crate", "color": "grey"}


def test_instantiate_chooses_assets(sampled: Any, tmp_path: Path) -> None:
    for name, shape in (("cube", "Cube"), ("ball", "Sphere"), ("rod", "Cylinder")):
        text = (
            f'#usda 1.0\n(\n    defaultPrim = "a"\n    metersPerUnit = 1\n    upAxis = "Z"\n)\ndef {shape} "a" {{}}\n'
        )
        (tmp_path / f"{name}.usda").write_text(text)
    entry = {
        "instantiate": {
            "paths": str(tmp_path / "*.usda"),
            "size": 2,
            "semantics": {"class": "clutter"},
            "position": {"uniform": [[-2, -2, 0], [2, 2, 0]]},
        }
    }
    result = sampled(entry, frames=60)
    visible = result.state.arrays.part_visible
    others = sampled(frames=1).state.arrays.part_visible.shape[1]
    instances = visible.sum(axis=1) - others
    assert (instances == 2).all()
