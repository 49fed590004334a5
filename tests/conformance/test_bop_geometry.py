"""BOP's poses, models and depth belong together: every vertex where the box is, at the depth that the image has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conformance.datasets import Written
from tests.conformance.readers.bop import tables
from tests.conformance.shapes import HEIGHT, WIDTH

Float64 = NDArray[np.float64]


def model(folder: Path, number: int) -> tuple[Float64, NDArray[np.int64]]:
    """(V, 3) [mm] vertices and (T, 3) triangles of a model's ASCII PLY file."""
    lines = (folder / "models" / f"obj_{number:06d}.ply").read_text().splitlines()
    count = int(next(line for line in lines if line.startswith("element vertex")).split()[-1])
    start = lines.index("end_header") + 1
    points = np.array([line.split()[:3] for line in lines[start : start + count]], np.float64)
    return points, np.array([line.split()[1:4] for line in lines[start + count :]], np.int64)


@pytest.fixture(scope="module")
def objects(written: Written) -> list[dict[str, Any]]:
    """Every object of every image, with its vertices in the camera's frame [mm] and in the image [pixels]."""
    folder, truth = written.folder("bop"), written.truth.frames()
    scene = tables(folder)
    found = []
    for image, entries in scene["scene_gt"].items():
        camera = scene["scene_camera"][image]
        with Image.open(scene["folder"] / "depth" / f"{int(image):06d}.png") as file:
            depth = np.asarray(file).astype(np.float64) * camera["depth_scale"]
        for place, entry in enumerate(entries):
            turn = np.array(entry["cam_R_m2c"]).reshape(3, 3)
            own, triangles = model(folder, entry["obj_id"])
            points = own @ turn.T + entry["cam_t_m2c"]
            projected = points @ np.array(camera["cam_K"]).reshape(3, 3).T
            with Image.open(scene["folder"] / "mask_visib" / f"{int(image):06d}_{place:06d}.png") as file:
                mask = np.asarray(file) > 0
            found.append(
                {
                    "path": next(seen.path for seen in truth[int(image)] if np.array_equal(seen.mask, mask)),
                    "info": scene["scene_gt_info"][image][place],
                    "turn": turn,
                    "points": points,
                    "triangles": triangles,
                    "intrinsics": np.array(camera["cam_K"]).reshape(3, 3),
                    "pixels": projected[:, :2] / np.where(points[:, 2:] > 0, projected[:, 2:], np.nan),
                    "depth": depth,
                    "mask": mask,
                    "step": camera["depth_scale"],
                }
            )
    return found


def test_rotations_are_rotations(objects: list[dict[str, Any]]) -> None:
    for one in objects:
        np.testing.assert_allclose(one["turn"] @ one["turn"].T, np.eye(3), atol=1e-6)
        assert np.linalg.det(one["turn"]) > 0.999


def test_the_posed_model_covers_the_box_and_as_many_pixels(objects: list[dict[str, Any]]) -> None:
    """Inside BOP's canvas, of three images' width and height; what lies on a pixel's centre may go either way."""
    checked = 0
    for one in objects:
        if one["points"][:, 2].min() <= 0:
            continue
        covered = silhouette(one["pixels"][one["triangles"]])
        rows, columns = (np.nonzero(covered)[axis] for axis in (0, 1))
        x, y, width, height = one["info"]["bbox_obj"]
        own = np.array([columns.min() - WIDTH, rows.min() - HEIGHT, columns.max() - WIDTH, rows.max() - HEIGHT])
        assert np.abs(own - [x, y, x + width, y + height]).max() <= 1, one["path"]
        assert abs(covered.sum() - one["info"]["px_count_all"]) <= 1 + 0.01 * covered.sum(), one["path"]
        checked += 1
    assert checked > 90


def silhouette(triangles: Float64) -> NDArray[np.bool_]:
    """(3 H, 3 W) pixels whose centres (T, 3, 2) triangles cover, from one width and height before the image."""
    covered = np.zeros((3 * HEIGHT, 3 * WIDTH), np.bool_)
    for corners in np.add(triangles, [WIDTH, HEIGHT]):
        low = np.clip(np.floor(corners.min(axis=0)), 0, [3 * WIDTH, 3 * HEIGHT]).astype(int)
        high = np.clip(np.ceil(corners.max(axis=0)) + 1, 0, [3 * WIDTH, 3 * HEIGHT]).astype(int)
        x, y = np.arange(low[0], high[0])[None, :], np.arange(low[1], high[1])[:, None]
        a, b, c = corners.tolist()
        first, second, third = (
            (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) for p, q in ((a, b), (b, c), (c, a))
        )
        inside = (first >= 0) & (second >= 0) & (third >= 0) | (first <= 0) & (second <= 0) & (third <= 0)
        covered[low[1] : high[1], low[0] : high[0]] |= inside
    return covered


def test_depth_is_that_of_the_posed_model(objects: list[dict[str, Any]]) -> None:
    """Flat models: in every visible pixel, by the plane through the vertices."""
    checked = 0
    for one in objects:
        points = one["points"]
        _, sizes, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
        if sizes[2] > 1e-3 * sizes[0]:
            continue
        rows, columns = np.nonzero(one["mask"])
        rays = np.column_stack([columns, rows, np.ones(len(rows))]) @ np.linalg.inv(one["intrinsics"]).T
        z = (points.mean(axis=0) @ axes[2]) / (rays @ axes[2])
        near = z < 65535 * one["step"]
        assert np.abs(one["depth"][rows, columns] - z)[near].max(initial=0) <= one["step"], one["path"]
        checked += int(near.sum())
    assert checked > 100_000


def test_no_vertex_of_a_solid_is_in_front_of_what_is_seen_of_it(objects: list[dict[str, Any]]) -> None:
    """Where depth varies around a vertex, as much again is left to what lies between the pixels' centres."""
    checked = 0
    for one in objects:
        if not one["path"].startswith("/Replicator/"):
            continue
        for (x, y), z in zip(one["pixels"], one["points"][:, 2], strict=True):
            column, row = round(float(x)), round(float(y))
            if not (1 <= column < WIDTH - 1 and 1 <= row < HEIGHT - 1):
                continue
            around = np.s_[row - 1 : row + 2, column - 1 : column + 2]
            seen = one["depth"][around][one["mask"][around]]
            if one["mask"][row, column]:
                assert z >= seen.min() - 2 * np.ptp(seen) - one["step"], one["path"]
                checked += 1
    assert checked > 300
