"""distractors, occluders, backdrop and room: numbers and places drawn as asked, and what of them reaches the image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import stats

from replicator_dr.errors import EngineError, SpecError
from replicator_dr.graph import build_graph

EYE = {"camera": {"position": [0, -4, 1.5], "look_at": [0, 0, 0.5], "focal_length": 24}}
PRODUCTS = [{"cameras": "eye", "resolution": [160, 120]}]


def spec_of(*entries: dict[str, Any], create: dict[str, Any] | None = None, size: tuple[int, int] = (160, 120)) -> Any:
    """A floor, a ball and a camera, with entries of ``randomize``."""
    made: dict[str, Any] = {
        "floor": {"plane": {"scale": 6}, "semantics": {"class": "floor"}},
        "ball": {"sphere": {"position": [0, 0, 0.5]}, "semantics": {"class": "ball"}},
        "sky": {"light": {"light_type": "dome", "intensity": 800}},
        "eye": EYE,
        **(create or {}),
    }
    return {
        "seed": 11,
        "create": made,
        "triggers": [{"on_frame": {}, "randomize": list(entries)}],
        "render_products": [{"cameras": "eye", "resolution": list(size)}],
    }


def copies(graph: Any) -> tuple[list[int], list[str]]:
    """The parts that are copies of distractors, and the paths of their prims."""
    paths = [graph.scene.labels.prim_paths[row] for row in graph.scene.arrays.part_prim]
    rows = [row for row, path in enumerate(paths) if "/Copy_" in path]
    return rows, [paths[row] for row in rows]


def things(graph: Any, state: Any) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """(B, n) which copies are shown; (n,) their places; (n,) their transforms' columns."""
    rows, paths = copies(graph)
    _, place = np.unique([path.split("/Copy_")[0] for path in paths], return_inverse=True)
    return state.arrays.part_visible[:, rows], place.reshape(-1), graph.scene.arrays.part_transform[rows]


def shown_copies(graph: Any, state: Any) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Of each copy in each frame that shows it: (N, 3) vertices in its own frame, and (4, 4) local to world."""
    arrays, (rows, _) = graph.scene.arrays, copies(graph)
    shown, _, column = things(graph, state)
    for frame, copy in zip(*np.nonzero(shown)):
        mesh = arrays.meshes[arrays.part_mesh[rows[copy]]]
        yield mesh.points.astype(np.float64), state.arrays.world[frame, column[copy]]


def test_distractors_fly_all_over_the_view() -> None:
    entry = {
        "distractors": {
            "camera": "eye", "count": [0, 4], "distance": {"uniform": [1, 3]}, "size": {"uniform": [0.1, 0.2]},
        }
    }  # fmt: skip
    with build_graph(spec_of(entry)) as graph:
        state = graph.sample(range(2000))
        shown, place, column = things(graph, state)
        number = np.array([len(set(place[row])) for row in shown])
        assert (shown.sum(axis=1) == number).all(), "two copies at one place"
        assert stats.chisquare(np.bincount(number, minlength=5)).pvalue > 1e-4
        # Each shape is chosen as often as the others.
        kinds = np.array([shown[:, i::5].sum() for i in range(5)])
        assert stats.chisquare(kinds).pvalue > 1e-4
        # Where the middles are, through the camera's own projection.
        eye = np.linalg.inv(state.arrays.cameras.world[:, 0])
        frame, row = np.nonzero(shown)
        world = state.arrays.world[frame, column[row]][:, 3]
        local = np.einsum("nj,njk->nk", world, eye[frame])
        focal = state.arrays.cameras.intrinsics(0, 160, 120)[0]
        x = (focal[2] + focal[0] * local[:, 0] / -local[:, 2]) / 160
        y = (focal[3] - focal[1] * local[:, 1] / -local[:, 2]) / 120
        assert stats.kstest(x, "uniform").pvalue > 1e-4
        assert stats.kstest(y, "uniform").pvalue > 1e-4
        assert stats.kstest(-local[:, 2], "uniform", (1, 2)).pvalue > 1e-4
        assert any(name.endswith("distance") for name in state.draws)


def test_distractors_are_as_large_as_asked() -> None:
    entry = {
        "distractors": {
            "position": {"uniform": [[-1, -1, 0], [1, 1, 2]]}, "count": [2, 2], "size": 0.3,
            "shapes": ["cube", "torus", "cone"], "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]},
        }
    }  # fmt: skip
    with build_graph(spec_of(entry)) as graph:
        state = graph.sample(range(20))
        for vertices, world in shown_copies(graph, state):
            linear = world[:3, :3]
            turn = linear / np.linalg.norm(linear, axis=1, keepdims=True)
            unturned = vertices @ linear @ turn.T
            assert np.ptp(unturned, axis=0).max() == pytest.approx(0.3, rel=1e-4)
        tints = state.arrays.materials.base_color
        assert len(np.unique(tints.reshape(-1, 3), axis=0)) > 20


def test_distractors_lie_on_the_surface_and_apart_from_targets() -> None:
    entry = {
        "distractors": {"surface_prims": "floor", "avoid": "ball", "count": [3, 6], "size": {"uniform": [0.2, 0.5]}}
    }
    with build_graph(spec_of(entry)) as graph:
        state = graph.sample(range(40))
        for vertices, world in shown_copies(graph, state):
            points = vertices @ world[:3, :3] + world[3, :3]
            assert abs(points[:, 2].min()) < 1e-6
            assert np.hypot(points[:, 0], points[:, 1]).max() > 0.5
            assert np.abs(world[3, :2]).max() <= 3.0


@pytest.mark.parametrize("cover", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("blocker", ["cube", "sphere"])
def test_occluders_hide_about_what_is_asked(cover: float, blocker: str) -> None:
    entries = (
        {"rotation": {"prims": "blocker"}},
        {
            "occluders": {
                "prims": "blocker", "targets": "ball", "camera": "eye", "cover": cover,
                "size": {"uniform": [1.0, 1.4]}, "depth": {"uniform": [0.3, 0.7]},
            }
        },
    )  # fmt: skip
    create = {"blocker": {blocker: {}}}
    with build_graph(spec_of(*entries, create=create, size=(320, 240))) as graph:
        hidden = []
        for frame in range(8):
            table = graph.preview(frame, ("coverage",))["eye"]["coverage"]
            row = next(i for i, path in enumerate(table["primPaths"]) if "ball" in path)
            hidden.append(1 - table["data"][row]["visible"] / table["data"][row]["amodal"])
        assert np.abs(np.array(hidden) - cover).max() < 0.05


def test_occluders_come_from_all_sides() -> None:
    entry = {"occluders": {"prims": "blocker", "targets": "ball", "camera": "eye", "cover": {"uniform": [0.1, 0.5]}}}
    with build_graph(spec_of(entry, create={"blocker": {"sphere": {}, "semantics": {"class": "b"}}})) as graph:
        state = graph.sample(range(400))
        row = next(i for i, path in enumerate(graph.scene.labels.entity_paths) if "blocker" in path)
        world = state.entity_world[:, row, 3]
        local = np.einsum("nj,njk->nk", world, np.linalg.inv(state.arrays.cameras.world[:, 0]))
        ball = np.array([0, 0, 0.5, 1]) @ np.linalg.inv(state.arrays.cameras.world[0, 0])
        aside = local[:, :2] / -local[:, 2:3] - ball[:2] / -ball[2]
        angle = np.degrees(np.arctan2(aside[:, 1], aside[:, 0])) % 360
        assert stats.kstest(angle, "uniform", (0, 360)).pvalue > 1e-4
        alone = graph.sample([123]).entity_world[0, row]
        assert np.array_equal(alone, state.entity_world[123, row])


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    """A wide and a high photograph of smooth colours."""
    paths = []
    for name, (width, height) in (("wide", (600, 200)), ("high", (200, 500))):
        x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        pixels = np.stack([255 * x, 255 * y, 255 * (name == "wide") * np.ones_like(x)], axis=-1)
        Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / f"{name}.png")
        paths.append(str(tmp_path / f"{name}.png"))
    return paths


def rolled(coded: Any) -> Any:
    """The byte that an sRGB value within 0 .. 1 is shown with: itself up to a radiance of 0.6, then a shoulder."""
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    over = np.maximum(linear - 0.6, 0) / 0.4
    linear = np.where(linear <= 0.6, linear, 0.6 + 0.4 * over / (1 + over))
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_a_backdrop_fills_the_view_as_it_was_taken(photos: list[str]) -> None:
    entries = (
        {"orbit": {"cameras": "eye", "distance": 5, "azimuth": {"uniform": [0, 360]}, "roll": {"uniform": [-20, 20]}}},
        {"backdrop": {"camera": "eye", "photos": {"sequence": photos}, "distance": 20}},
    )
    spec = spec_of(*entries)
    del spec["create"]["floor"], spec["create"]["ball"]
    with build_graph(spec) as graph:
        for frame, photo in enumerate([*photos, photos[0]]):
            products = graph.preview(frame, ("rgb", "distance_to_image_plane"))["eye"]
            shown = products["rgb"]["data"][..., :3].astype(float)
            assert np.allclose(products["distance_to_image_plane"]["data"], 20, atol=1e-3)
            # The same cut by hand: as wide or as high as the image, about the middle; highlights as in color.tone.
            with Image.open(photo) as picture:
                scale = max(160 / picture.width, 120 / picture.height) * 1.02
                size = picture.width * scale, picture.height * scale
                x = rolled((np.arange(160) + 0.5 - 80) / size[0] + 0.5)
                y = rolled((np.arange(120) + 0.5 - 60) / size[1] + 0.5)
            assert np.abs(shown[..., 0] - x)[:, 3:-3].max() < 4
            assert np.abs(shown[..., 1] - y[:, None])[3:-3].max() < 4
            assert np.abs(shown[..., 2] - rolled(np.float64("wide" in photo))).max() < 2


def test_a_backdrop_throws_no_shadow(photos: list[str]) -> None:
    """With a sun behind the backdrop the floor in front of it is as bright as without."""
    sun = {"sun": {"light": {"intensity": 2000, "rotation": [-70, 0, 0]}}}
    images = []
    for entries in ((), ({"backdrop": {"camera": "eye", "photos": photos, "distance": 8}},)):
        with build_graph(spec_of(*entries, {"pose": {"prims": "ball", "position": [0, 0, 0.5]}}, create=sun)) as graph:
            images.append(graph.preview(0, ("rgb",))["eye"]["rgb"]["data"][-30:, :, :3].astype(float))
    assert np.abs(images[0] - images[1]).mean() < 1.0
    assert images[0].mean() > 20


def test_a_room_is_as_large_as_drawn(photos: list[str]) -> None:
    entry = {
        "room": {
            "width": {"uniform": [3, 6]}, "depth": {"uniform": [4, 8]}, "height": {"uniform": [2, 3]},
            "walls": {"texture": {"choice": photos}, "semantics": {"class": "wall"}},
            "floor": {"color": {"uniform": [[0, 0, 0], [1, 1, 1]]}}, "wall_tile": 1.5,
        }
    }  # fmt: skip
    spec = spec_of(entry)
    with build_graph(spec) as graph:
        state = graph.sample(range(2000))
        names = {name.split(".")[-1]: state.draws[name] for name in state.draws if "room" in name}
        width, depth, height = (names[name][:, 0, 0] for name in ("width", "depth", "height"))
        assert stats.kstest(width, "uniform", (3, 3)).pvalue > 1e-4
        walls = [i for i, path in enumerate(graph.scene.labels.entity_paths) if "Side" in path]
        assert len(walls) == 4
        corners = np.array([[x, y, 0, 1] for x in (-0.5, 0.5) for y in (-0.5, 0.5)])
        world = np.einsum("kj,bejl->bekl", corners, state.entity_world[:, walls])[..., :3].reshape(2000, -1, 3)
        low, high = world.min(axis=1), world.max(axis=1)
        assert np.allclose(high - low, np.stack([width, depth, height], axis=1))
        assert np.allclose(low, np.stack([-width / 2, -depth / 2, 0 * height], axis=1))
        # They face inward.
        normal = state.entity_world[:, walls, 2, :3]
        middle = state.entity_world[:, walls, 3, :3] - [0, 0, 1]
        assert (np.einsum("bei,bei->be", normal, middle * [1, 1, 0]) < 0).all()
        # All walls show the same picture, and pictures keep their size.
        parts = [
            p for p, prim in enumerate(graph.scene.arrays.part_prim) if "Side" in graph.scene.labels.prim_paths[prim]
        ]
        rows = state.arrays.part_material[:, parts]
        texture = np.take_along_axis(state.arrays.materials.base_texture, rows.astype(np.intp), axis=1)
        with_picture = texture[:, (texture >= 0).any(axis=0)]
        assert with_picture.shape[1] == 4
        assert (with_picture == with_picture[:, :1]).all()
        counts = np.unique(with_picture[:, 0], return_counts=True)[1]
        assert stats.chisquare(counts).pvalue > 1e-4
        repeats = state.arrays.materials.uv_scale[np.arange(2000)[:, None], rows]
        back = repeats[:, 1]
        assert np.allclose(back, np.stack([width, height], axis=1) / 1.5, rtol=1e-5)


def test_a_room_surrounds_the_camera() -> None:
    entry = {"room": {"width": 10, "depth": 10, "height": 3}}
    with build_graph(spec_of(entry)) as graph:
        depth = graph.preview(0, ("distance_to_image_plane",))["eye"]["distance_to_image_plane"]["data"]
        assert np.isfinite(depth).all()
        assert depth.max() < 12


def test_a_camera_that_nothing_shows_has_no_view() -> None:
    spec = spec_of({"distractors": {"camera": "other", "distance": 2}}, create={"other": EYE})
    with pytest.raises(
        EngineError,
        match="no render product shows the camera 'other', so its image has no size; name it in render_products",
    ):
        build_graph(spec)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"distractors": {"count": [1, 2]}},
            "nothing says where they are; give one of camera, position, surface_prims",
        ),
        ({"distractors": {"position": [0, 0, 1], "count": [3, 2]}}, "is not \\[least, most\\]"),
        ({"distractors": {"camera": "eye"}}, "camera and distance belong together; give distance"),
        ({"deform": {"prims": "ball"}}, "nothing is deformed; give bend, twist, taper or bumps"),
        ({"deform": {"prims": "ball", "twist": 3, "wavelength": 1}}, "wavelength has no effect without bumps"),
        ({"room": {"sides": ["floor", "floor"]}}, "a side is named twice"),
        ({"shape": {"prims": "ball", "weights": [0]}}, "weights .* cannot be drawn by"),
        ({"instantiate": {"paths": "nothing*.usda", "size": 1, "count": [0, 1]}}, "no file matches"),
    ],
)
def test_what_is_wrong_is_said(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        build_graph(spec_of(entry))
