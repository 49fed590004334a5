"""Render products live as long as their pool, and a tiled product says what plain ones say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.engines.embedded import api as rep
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.errors import EngineError, OutputError
from replicator_dr.labels.encoders import NativeEncoders
from replicator_dr.labels.images import of_payload
from replicator_dr.labels.selection import Rules
from replicator_dr.labels.shared import Shared
from replicator_dr.pool.identity import Entities
from replicator_dr.pool.layout import View
from replicator_dr.pool.pool import TILEABLE, RenderProductPool
from writers.coco_annotations import annotations_of

IMAGES = ("rgb", "distance_to_image_plane", "instance_segmentation_fast")
TABLES = ("camera_params", "bounding_box_2d_tight_fast", "bounding_box_3d_fast", "bounding_box_2d_loose_fast")
HIDDEN = ("bbox_amodal", "area_amodal", "visible_fraction", "truncation")


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    with activate(Runtime()) as one:
        yield one


def scene(cameras: int) -> list[str]:
    """Shapes, one turned and one within another, and cameras all around with different lenses."""
    rep.create.plane(scale=5, semantics={"class": "floor"})
    rep.create.cube(scale=0.6, position=(0.4, 0, 0.3), rotation=(0, 0, 30), semantics={"class": "box"})
    rep.create.sphere(scale=0.5, position=(-0.5, 0.2, 0.25), semantics={"class": "ball"})
    rep.create.torus(scale=0.9, position=(0, -0.6, 0.1), semantics={"class": "ring"})
    rep.create.light(light_type="distant", intensity=3000, rotation=(-50, 10, 0))
    paths = []
    for index in range(cameras):
        angle = 2 * np.pi * index / cameras
        item = rep.create.camera(
            position=(2.5 * np.cos(angle), 2.5 * np.sin(angle), 1.5),
            look_at=(0, 0, 0.2),
            focal_length=18 + index % 5,
            horizontal_aperture_offset=0.3 * (index % 3),
            vertical_aperture_offset=-0.2 * (index % 2),
            clipping_range=(0.01, 100),
            name=f"eye_{index}",
        )
        paths.append(str(item.get_output_prims()["prims"][0].GetPath()))
    return paths


class Keep(rep.Writer):
    """Keeps what it is given."""

    data_structure = "renderProduct"

    def __init__(self, annotators: list[str]) -> None:
        self.annotators = annotators
        self.seen: list[Mapping[str, Any]] = []

    def write(self, data: dict[str, Any]) -> None:
        self.seen.append(data)


def captured(pool: RenderProductPool, annotators: tuple[str, ...], runtime: Runtime) -> dict[str, Any]:
    """One step, taken apart by the pool."""
    keep = Keep(list(annotators))
    keep.attach(list(pool.products))
    rep.orchestrator.step()
    keep.detach()
    labels = runtime.scene().labels
    entities = Entities(labels.entity_paths, labels.entity_bounds)
    views: dict[str, Any] = pool.payloads(keep.seen[-1], runtime.stage, entities)[0]["renderProducts"]
    return views


def annotations(values: Mapping[str, Any], rules: Rules | None = None) -> list[dict[str, Any]]:
    """Of one image of a payload."""
    batch = LabelledBatch(of_payload("eye", values), rules or Rules(), NativeEncoders(), Shared())
    return annotations_of(LabelledImage(batch, 0, 1, 0, None, {}))


@pytest.mark.parametrize("cameras", [1, 3, 16, 64])
def test_a_tiled_product_equals_plain_ones(runtime: Runtime, cameras: int) -> None:
    """Pictures to the pixel; every field that both ways have, through the very same writing of annotations."""
    views = [View(f"eye_{i}", path, (64, 48)) for i, path in enumerate(scene(cameras))]
    with RenderProductPool(rep, views, tiled=False) as pool:
        plain = captured(pool, IMAGES + TABLES, runtime)
    with RenderProductPool(rep, views, tiled=True) as pool:
        assert len(pool.products) == 1
        tiled = captured(pool, IMAGES, runtime)
    assert list(tiled) == list(plain) == [view.name for view in views]
    told = 0
    for name in plain:
        for image in IMAGES:
            np.testing.assert_array_equal(tiled[name][image]["data"], plain[name][image]["data"])
        for key, value in tiled[name]["camera_params"].items():
            if not isinstance(value, str):
                np.testing.assert_allclose(value, plain[name]["camera_params"][key], atol=1e-6, err_msg=key)
        here, there = (annotations(values[name]) for values in (tiled, plain))
        assert len(here) == len(there)
        for one, other in zip(here, there):
            assert set(other) - set(one) == set(HIDDEN[:3])
            for key in set(one) - set(HIDDEN):
                assert one[key] == other[key] or _near(one[key], other[key]), (name, key, one[key], other[key])
            told += 1
        _same_tight_boxes(tiled[name]["bounding_box_2d_tight_fast"], plain[name]["bounding_box_2d_tight_fast"])
    assert told >= 2 * cameras


def _near(one: Any, other: Any) -> bool:
    """Numbers to 1e-6, pixels to 1e-3."""
    if isinstance(other, dict):
        return all(_near(one[key], other[key]) for key in other)
    return bool(np.allclose(np.asarray(one, float), np.asarray(other, float), rtol=1e-5, atol=1.01e-6, equal_nan=True))


def _same_tight_boxes(tiled: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
    found, wanted = (
        {
            path: tuple(row[name] for name in ("x_min", "y_min", "x_max", "y_max"))
            for path, row in zip(t["primPaths"], t["data"])
        }
        for t in (tiled, plain)
    )
    assert found == wanted


def test_products_are_made_once_and_end_with_the_pool(runtime: Runtime) -> None:
    views = [View(f"eye_{i}", path, (16, 12)) for i, path in enumerate(scene(2))]
    pool = RenderProductPool(rep, views)
    assert pool.products == pool.products
    assert runtime.products.products == list(pool.products)
    pool.destroy()
    pool.destroy()
    assert runtime.products.products == []
    with pytest.raises(EngineError, match="were destroyed; make a new pool"):
        pool.set_updates(True)


def test_products_are_rendered_while_capturing_only(runtime: Runtime) -> None:
    views = [View("eye", scene(1)[0], (16, 12))]
    with RenderProductPool(rep, views) as pool:
        keep = Keep(["rgb"])
        keep.attach(list(pool.products))
        pool.set_updates(False)
        rep.orchestrator.step()
        assert keep.seen == []
        with pool.capturing():
            rep.orchestrator.step()
        assert len(keep.seen) == 1
        rep.orchestrator.step()
        assert len(keep.seen) == 1
        keep.detach()


def test_a_camera_that_is_not_there_leaves_no_products(runtime: Runtime) -> None:
    views = [View("eye", scene(1)[0], (16, 12)), View("gone", "/Replicator/gone", (8, 8))]
    with pytest.raises(EngineError, match="/Replicator/gone"):
        RenderProductPool(rep, views)
    assert runtime.products.products == []


def test_tables_of_objects_are_not_tileable() -> None:
    assert not [name for name in TILEABLE if "bounding_box" in name or name in ("camera_params", "occlusion")]


def test_a_filter_by_visibility_needs_plain_products(runtime: Runtime) -> None:
    views = [View(f"eye_{i}", path, (16, 12)) for i, path in enumerate(scene(2))]
    with RenderProductPool(rep, views) as pool:
        tiled = captured(pool, IMAGES, runtime)["eye_0"]
    with pytest.raises(OutputError, match=r"min_visible_fraction is 0\.5, .* set tiled: false"):
        annotations(tiled, Rules(min_visible_fraction=0.5))
