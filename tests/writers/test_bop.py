"""BOP datasets of a rendered scene: models, poses and masks against plain projection and the files of each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from replicator_dr import build_graph
from replicator_dr.errors import OutputError, UnsupportedError
from writers.bop_models import diameter
from writers.bop_symmetries import Symmetry, symmetry_keys

FRAMES = 6
SPEC: dict[str, Any] = {
    "name": "rigid",
    "create": {
        "boxes": {"cube": {"count": 2, "size": 0.5}, "semantics": {"class": "box"}},
        "slab": {"cube": {"scale": [0.8, 0.4, 0.1]}, "semantics": {"class": "box"}},
        "cone": {"cone": {"size": 0.5}, "semantics": {"class": "cone"}},
        "floor": {"plane": {"scale": 8, "position": [0, 0, -1.2]}},
        "left": {"camera": {"position": [0, -4, 1], "look_at": [0, 0, 0]}},
        "right": {"camera": {"position": [2, -4, 1], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": ["boxes", "slab", "cone"],
                        "position": {"uniform": [[-2.2, -1, -1], [2.2, 1, 1]]},
                        "rotation": {"uniform": [[-180, -180, -180], [180, 180, 180]]},
                    }
                }
            ],
        }
    ],
    "render_products": [
        {"cameras": "left", "resolution": [160, 120]},
        {"cameras": "right", "resolution": [96, 72]},
    ],
    "writers": [{"bop": {"frames_per_scene": 4, "symmetries": {"cone": {"axes": [[0, 0, 2]]}}}}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bop") / "set"
    with build_graph(SPEC, device="cpu") as graph:
        graph.run(FRAMES, output_dir=path)
    return path


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def pictures(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def instances(folder: Path) -> list[tuple[Path, int, int, dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """(scene, image, instance, its pose, its counts, the camera) of every instance."""
    found = []
    for scene in sorted((folder / "train_pbr").iterdir()):
        cameras, poses, infos = (read(scene / f"{name}.json") for name in ("scene_camera", "scene_gt", "scene_gt_info"))
        assert list(cameras) == list(poses) == list(infos)
        for image in poses:
            assert len(poses[image]) == len(infos[image])
            for number, (pose, info) in enumerate(zip(poses[image], infos[image])):
                found.append((scene, int(image), number, pose, info, cameras[image]))
    assert len(found) > 20
    return found


def test_each_camera_has_scenes_of_its_own(folder: Path) -> None:
    sizes = {}
    for scene in sorted((folder / "train_pbr").iterdir()):
        images = sorted((scene / "rgb").iterdir())
        assert [path.name for path in images] == [f"{int(name):06d}.png" for name in read(scene / "scene_gt.json")]
        sizes[scene.name] = (Image.open(images[0]).size, len(images))
    assert sizes == {
        "000000": ((160, 120), 4), "000001": ((96, 72), 4), "000002": ((160, 120), 2), "000003": ((96, 72), 2),
    }  # fmt: skip
    camera = read(folder / "camera.json")
    assert (camera["width"], camera["height"], camera["depth_scale"]) == (160, 120, 0.1)


def test_models_are_millimetres_around_the_centre_of_their_box(folder: Path) -> None:
    infos = read(folder / "models" / "models_info.json")
    names = read(folder / "models" / "categories.json")
    assert list(infos) == ["1", "2", "3"]
    assert list(names.values()) == ["box", "box", "cone"]
    for number, size in (("1", (500, 500, 500)), ("2", (800, 400, 100))):
        info = infos[number]
        assert [info[f"size_{axis}"] for axis in "xyz"] == pytest.approx(size, abs=1e-2)
        assert info["diameter"] == pytest.approx(np.linalg.norm(size), abs=1e-2)
    for number, info in infos.items():
        mesh = trimesh.load(folder / "models" / f"obj_{int(number):06d}.ply", process=False)
        assert mesh.bounds[0] == pytest.approx(-mesh.bounds[1], abs=1e-5)
        assert mesh.bounds[0] == pytest.approx([info[f"min_{axis}"] for axis in "xyz"], abs=1e-5)
        assert np.ptp(mesh.bounds, axis=0) == pytest.approx([info[f"size_{axis}"] for axis in "xyz"], abs=1e-5)
        assert info["diameter"] == pytest.approx(pdist(mesh.vertices).max(), abs=1e-4)
        # Normals point outwards, as triangles do.
        outward = (mesh.face_normals * mesh.triangles_center).sum(axis=1)
        assert (outward > 0).all()
        stored = mesh.vertex_normals[mesh.faces].mean(axis=1)
        assert ((stored * mesh.face_normals).sum(axis=1) > 0.5).all()
    assert infos["3"]["symmetries_continuous"] == [{"axis": [0.0, 0.0, 1.0], "offset": [0.0, 0.0, 0.0]}]


def test_models_project_to_their_masks(folder: Path) -> None:
    reach: list[float] = []
    for scene, image, number, pose, info, camera in instances(folder):
        model = trimesh.load(folder / "models" / f"obj_{pose['obj_id']:06d}.ply", process=False)
        turn, place = np.reshape(pose["cam_R_m2c"], (3, 3)), np.array(pose["cam_t_m2c"])
        assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-6)
        points = model.vertices @ turn.T + place
        seen = points @ np.reshape(camera["cam_K"], (3, 3)).T
        pixels = seen[:, :2] / seen[:, 2:]
        x, y, width, height = info["bbox_obj"]
        # All of these shapes are convex: the box of their vertices is theirs. A pixel is covered where its centre is,
        # so no covered one lies outside; a sharp corner may reach a little over a pixel farther.
        low, high = pixels.min(axis=0) - [x, y], pixels.max(axis=0) - [x + width, y + height]
        assert (low < 0.01).all()
        assert (high > -0.01).all()
        assert max(-low.min(), high.max()) < 2.0
        reach.append(max(-low.min(), high.max()))
        mask = pictures(scene / "mask_visib" / f"{image:06d}_{number:06d}.png") > 0
        depth = pictures(scene / "depth" / f"{image:06d}.png").astype(np.float64) * camera["depth_scale"]
        assert points[:, 2].min() - 0.2 <= depth[mask].min()
        assert depth[mask].max() <= points[:, 2].max() + 0.2
    assert np.median(reach) < 1.0


def test_depth_lies_on_the_models(folder: Path) -> None:
    """Pixels taken back to the model's frame by camera, depth and pose lie on its surface."""
    worst = []
    for scene, image, number, pose, _, camera in instances(folder)[:12]:
        mask = pictures(scene / "mask_visib" / f"{image:06d}_{number:06d}.png") > 0
        depth = pictures(scene / "depth" / f"{image:06d}.png").astype(np.float64) * camera["depth_scale"]
        rows, columns = np.nonzero(mask)
        z = depth[rows, columns]
        (fx, _, cx), (_, fy, cy), _ = np.reshape(camera["cam_K"], (3, 3))
        points = np.stack([(columns - cx) * z / fx, (rows - cy) * z / fy, z], axis=1)
        own = (points - pose["cam_t_m2c"]) @ np.reshape(pose["cam_R_m2c"], (3, 3))
        model = trimesh.load(folder / "models" / f"obj_{pose['obj_id']:06d}.ply", process=False)
        _, away, _ = trimesh.proximity.closest_point_naive(model, own)
        worst.append(away.max())
    assert max(worst) < 0.2, "millimetres; a step of depth is 0.1"


def test_masks_and_counts_agree(folder: Path) -> None:
    beyond = hidden = 0
    for scene, image, number, _, info, _ in instances(folder):
        whole, seen = (pictures(scene / kind / f"{image:06d}_{number:06d}.png") for kind in ("mask", "mask_visib"))
        assert set(np.unique(seen)) <= {0, 255} >= set(np.unique(whole))
        assert whole.dtype == np.uint8
        assert (whole[seen > 0] == 255).all()
        assert info["px_count_visib"] == (seen > 0).sum() > 0
        depth = pictures(scene / "depth" / f"{image:06d}.png")
        assert info["px_count_valid"] == ((whole > 0) & (depth > 0)).sum()
        assert info["px_count_all"] >= (whole > 0).sum()
        assert info["visib_fract"] == pytest.approx(info["px_count_visib"] / info["px_count_all"], abs=1e-6)
        rows, columns = np.nonzero(seen)
        assert info["bbox_visib"] == [columns.min(), rows.min(), np.ptp(columns), np.ptp(rows)]
        beyond += info["px_count_all"] > (whole > 0).sum()
        hidden += (whole > 0).sum() > (seen > 0).sum()
    assert beyond > 0
    assert hidden > 0


def test_objects_that_change_their_size_are_refused(tmp_path: Path) -> None:
    spec = json.loads(json.dumps(SPEC))
    spec["triggers"][0]["randomize"][0]["pose"]["size"] = {"uniform": [0.2, 0.6]}
    with (
        build_graph(spec, device="cpu") as graph,
        pytest.raises(OutputError, match=r"has the scale .* in frame 1 and .* in frame 0: BOP's poses have no scale"),
    ):
        graph.run(3, output_dir=tmp_path / "set", batch=1)


def test_lenses_that_distort_are_refused(tmp_path: Path) -> None:
    spec = json.loads(json.dumps(SPEC))
    calibrated = {"fx": 150, "fy": 150, "cx": 80, "cy": 60, "resolution": [160, 120]}
    spec["create"]["left"]["camera"] |= {**calibrated, "lens": {"model": "opencv_pinhole", "k1": -0.1}}
    with build_graph(spec, device="cpu") as graph, pytest.raises(UnsupportedError, match="BOP cannot describe"):
        graph.run(1, output_dir=tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_models_project_to_their_boxes_through_a_lens_that_is_recorded(tmp_path: Path) -> None:
    spec = json.loads(json.dumps(SPEC))
    calibrated = {"fx": 150, "fy": 150, "cx": 80, "cy": 60, "resolution": [160, 120]}
    lens = {"model": "opencv_pinhole", "k1": -0.12, "k2": 0.02, "p1": 0.004, "p2": -0.003}
    spec["create"]["left"]["camera"] |= {**calibrated, "lens": lens}
    spec["render_products"] = spec["render_products"][:1]
    spec["writers"] = [{"bop": {"distortion": "record", "depth_scale": 0.1}}]
    with build_graph(spec, device="cpu") as graph:
        graph.run(FRAMES, output_dir=tmp_path / "set")
    seen = 0
    for scene, image, number, pose, info, camera in instances(tmp_path / "set"):
        given = {key: value for key, value in camera["distortion"].items() if key != "model"}
        wanted = {key: value for key, value in lens.items() if key != "model"}
        assert {key: value for key, value in given.items() if value} == pytest.approx(wanted, rel=1e-6)
        model = trimesh.load(tmp_path / "set" / "models" / f"obj_{pose['obj_id']:06d}.ply", process=False)
        # The box of a lens's picture is that of its surface, not of its corners alone: edges bend.
        points = trimesh.remesh.subdivide_to_size(model.vertices, model.faces, 10)[0]
        turned = points @ np.reshape(pose["cam_R_m2c"], (3, 3)).T + pose["cam_t_m2c"]
        x, y = (turned[:, :2] / turned[:, 2:]).T
        square = x * x + y * y
        radial = 1 + lens["k1"] * square + lens["k2"] * square**2
        bent = np.stack([
            x * radial + 2 * lens["p1"] * x * y + lens["p2"] * (square + 2 * x * x),
            y * radial + lens["p1"] * (square + 2 * y * y) + 2 * lens["p2"] * x * y,
        ], axis=1)  # fmt: skip
        (fx, _, cx), (_, fy, cy), _ = np.reshape(camera["cam_K"], (3, 3))
        pixels = bent * [fx, fy] + [cx, cy]
        left, top, width, height = info["bbox_obj"]
        if left < 0 or top < 0 or left + width > 159 or top + height > 119:
            continue  # far outside the picture this lens's formula folds back
        seen += 1
        # As above: a sharp corner may reach a little over a pixel beyond the last covered pixel's centre.
        assert (pixels >= np.array([left, top]) - 2).all()
        assert (pixels <= np.array([left + width, top + height]) + 2).all()
        assert (pixels.min(axis=0) < np.array([left, top]) + 0.01).all()
        assert (pixels.max(axis=0) > np.array([left + width, top + height]) - 0.01).all()
        mask = pictures(scene / "mask_visib" / f"{image:06d}_{number:06d}.png") > 0
        depth = pictures(scene / "depth" / f"{image:06d}.png").astype(np.float64) * camera["depth_scale"]
        assert turned[:, 2].min() - 0.1 <= depth[mask].min()
        assert depth[mask].max() <= turned[:, 2].max() + 0.1
    assert seen >= 8


def test_splits_are_folders(tmp_path: Path) -> None:
    spec = json.loads(json.dumps(SPEC))
    spec["writers"] = [{"bop": {"splits": {"train": 0.5, "test": 0.5}, "frames_per_scene": 8}}]
    with build_graph(spec, device="cpu") as graph:
        graph.run(8, output_dir=tmp_path / "set")
    made = sorted(path.relative_to(tmp_path / "set").as_posix() for path in (tmp_path / "set").rglob("scene_gt.json"))
    assert made == [f"{part}/00000{scene}/scene_gt.json" for part in ("test", "train") for scene in (0, 1)]


def test_the_diameter_is_that_of_all_pairs() -> None:
    rng = np.random.default_rng(3)
    for shape in (rng.normal(size=(800, 3)), rng.uniform(-1, 1, (700, 3)), rng.normal(size=(900, 3)) * [9, 1, 1]):
        assert diameter(shape) == pytest.approx(pdist(shape).max(), rel=1e-12)
    sphere = shape / np.linalg.norm(shape, axis=1, keepdims=True)
    assert diameter(sphere) == pytest.approx(pdist(sphere).max(), rel=1e-12)


def test_symmetries_are_matrices_for_column_vectors() -> None:
    keys = symmetry_keys(Symmetry(rotations=((30.0, -50.0, 110.0),)))
    (found,) = keys["symmetries_discrete"]
    wanted = np.eye(4)
    wanted[:3, :3] = Rotation.from_euler("xyz", [30, -50, 110], degrees=True).as_matrix()
    assert np.reshape(found, (4, 4)) == pytest.approx(wanted, abs=1e-7)
    assert "symmetries_continuous" not in keys


NO_SHAPE = {
    "is sheared, which a pose cannot express": (
        {"lid": {"cube": {"parent": "slab", "rotation": [0, 0, 30], "scale": 0.5}, "semantics": {"class": "lid"}}},
        [],
    ),
    "holds /Replicator/slab/lid/Cube, which moves in it": (
        {"lid": {"cube": {"parent": "slab", "position": [0, 0, 1], "scale": 0.5}}},
        [{"pose": {"prims": "lid", "position": {"uniform": [[0, 0, 1], [0, 0, 2]]}}}],
    ),
    "is deformed from frame to frame": ({}, [{"deform": {"prims": "slab", "twist": {"uniform": [0, 40]}}}]),
}


@pytest.mark.parametrize("message", NO_SHAPE)
def test_objects_without_a_shape_of_their_own_are_refused(message: str, tmp_path: Path) -> None:
    spec = json.loads(json.dumps(SPEC))
    items, randomize = NO_SHAPE[message]
    spec["create"] |= items
    spec["triggers"][0]["randomize"] += randomize
    with build_graph(spec, device="cpu") as graph, pytest.raises(UnsupportedError, match=message):
        graph.run(1, output_dir=tmp_path / "set")


def test_what_has_no_extent_has_no_model(tmp_path: Path) -> None:
    spec = json.loads(json.dumps(SPEC))
    spec["create"]["dot"] = {"cube": {"scale": 0}, "semantics": {"class": "dot"}}
    with build_graph(spec, device="cpu") as graph:
        graph.run(1, output_dir=tmp_path / "set")
    assert "dot" not in json.loads((tmp_path / "set" / "models" / "categories.json").read_text()).values()
