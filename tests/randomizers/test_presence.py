"""visibility, semantics and instantiate: what is there, and what it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from replicator_dr.engines.embedded.scene.entity_boxes import entity_boxes
from replicator_dr.errors import EngineError


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


def _assets(folder: Path) -> str:
    """Three assets of one part each; the pattern that finds them."""
    for name, shape in (("cube", "Cube"), ("ball", "Sphere"), ("rod", "Cylinder")):
        text = (
            f'#usda 1.0\n(\n    defaultPrim = "a"\n    metersPerUnit = 1\n    upAxis = "Z"\n)\ndef {shape} "a" {{}}\n'
        )
        (folder / f"{name}.usda").write_text(text)
    return str(folder / "*.usda")


def _appearing(result: Any, fixed: int) -> Any:
    """(B, places, assets): which copies of instantiate are shown, from the parts behind the fixed ones."""
    shown = result.state.arrays.part_visible
    owner = np.array([result.scene.labels.prim_paths[row] for row in result.scene.arrays.part_prim])
    copies = np.array(["Copy_" in path for path in owner])
    assert (~copies).sum() == fixed
    return shown[:, copies].reshape(len(shown), -1, 3)


def test_instantiate_draws_how_many(sampled: Any, tmp_path: Path) -> None:
    fixed = sampled(frames=1).state.arrays.part_visible.shape[1]
    entry = {"instantiate": {"paths": _assets(tmp_path), "count": [0, 3], "weights": [1, 2, 1]}}
    result = sampled(entry, frames=2000)
    there = _appearing(result, fixed)
    assert there.sum(axis=2).max() == 1
    number = there.any(axis=2).sum(axis=1)
    assert stats.chisquare(np.bincount(number, minlength=4)).pvalue > 1e-4
    name = next(name for name in result.state.draws if name.endswith("count"))
    assert (result.draw(name)[:, 0, 0] == number).all()
    # The rows of assets are those of the sorted pattern: ball, cube, rod.
    chosen = there.sum(axis=(0, 1))
    assert stats.chisquare(chosen, chosen.sum() * np.array([0.25, 0.5, 0.25])).pvalue > 1e-4


def test_instantiate_takes_a_choice_of_numbers(sampled: Any, tmp_path: Path) -> None:
    fixed = sampled(frames=1).state.arrays.part_visible.shape[1]
    entry = {"instantiate": {"paths": _assets(tmp_path), "size": {"sequence": [0, 2, 1]}}}
    number = _appearing(sampled(entry, frames=6), fixed).any(axis=2).sum(axis=1)
    assert number.tolist() == [0, 2, 1, 0, 2, 1]


def test_weights_say_how_readily_items_are_there(sampled: Any) -> None:
    entry = {"visibility": {"prims": ["boxes", "balls"], "count": [1, 1], "weights": [1, 3]}}
    result = sampled(entry, frames=2000)
    shown = np.concatenate([result.visible("boxes"), result.visible("balls")], axis=1)
    assert (shown.sum(axis=1) == 1).all()
    expected = np.array([1, 1, 1, 3, 3]) / 9 * 2000
    assert stats.chisquare(shown.sum(axis=0), expected).pvalue > 1e-4


def test_items_of_weight_zero_are_never_there(sampled: Any) -> None:
    result = sampled({"visibility": {"prims": ["boxes", "balls"], "count": [0, 5], "weights": [1, 0]}}, frames=300)
    assert not result.visible("balls").any()
    assert set(result.visible("boxes").sum(axis=1).tolist()) == {0, 1, 2, 3}


def test_a_shape_stands_for_each_object(sampled: Any) -> None:
    create = {name: {kind: {"count": 2}} for name, kind in (("a", "cube"), ("b", "cone"), ("c", "cylinder"))}
    result = sampled({"shape": {"prims": ["a", "b", "c"], "weights": [2, 1, 1]}}, frames=2000, create=create)
    shown = np.stack([result.visible(name) for name in create])
    assert (shown.sum(axis=0) == 1).all()
    counts = shown.sum(axis=1)
    for copy in range(2):
        assert stats.chisquare(counts[:, copy], [1000, 500, 500]).pvalue > 1e-4
    pairs = np.array([[(shown[i, :, 0] & shown[j, :, 1]).sum() for j in range(3)] for i in range(3)])
    assert stats.chi2_contingency(pairs).pvalue > 1e-4, "objects do not draw for themselves"


def test_shapes_need_the_same_number_of_copies(sampled: Any) -> None:
    with pytest.raises(EngineError, match="boxes 3, balls 2; give each the same count"):
        sampled({"shape": {"prims": ["boxes", "balls"]}}, frames=1)


def test_boxes_of_what_was_chosen(sampled: Any, tmp_path: Path) -> None:
    """A place's 3D box is that of the asset that it shows, not of all that it could show."""
    for name, size in (("small", 0.2), ("large", 1.0)):
        text = (
            f'#usda 1.0\n(\n    defaultPrim = "a"\n    metersPerUnit = 1\n    upAxis = "Z"\n)\n'
            f'def Cube "a"\n{{\n    double size = {size}\n}}\n'
        )
        (tmp_path / f"{name}.usda").write_text(text)
    entry = {"instantiate": {"paths": str(tmp_path / "*.usda"), "size": 1, "semantics": {"class": "clutter"}}}
    result = sampled(entry, frames=12)
    boxes = entity_boxes(result.scene, result.state)
    row = next(i for i, path in enumerate(result.scene.labels.entity_paths) if "Instance" in path)
    shown = result.state.arrays.part_visible
    copies = [
        p for p, prim in enumerate(result.scene.arrays.part_prim) if "Copy_" in result.scene.labels.prim_paths[prim]
    ]
    extent = np.where(shown[:, copies[0]], 1.0, 0.2)  # large comes before small
    assert np.allclose(boxes[:, row, 1] - boxes[:, row, 0], extent[:, None])
    assert set(extent.tolist()) == {0.2, 1.0}
    assert np.array_equal(boxes[:, 0], np.repeat(result.scene.labels.entity_bounds[:1], 12, axis=0))
