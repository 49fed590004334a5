"""Calibration files against OpenCV's formulas: of points in space the pixels that the tools' own models give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from replicator_dr import build_graph, load_spec
from replicator_dr.errors import SpecError
from replicator_dr.labels.cameras import camera_of

FILES = Path(__file__).parent / "calibration"
Float64 = NDArray[np.float64]


def brown(points: Float64, k: Float64, d: list[float]) -> Float64:
    """cv2.projectPoints: pixels that count from the first one's centre."""
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = [*d, *[0.0] * (12 - len(d))]
    x, y = points[:, 0] / points[:, 2], points[:, 1] / points[:, 2]
    r = x * x + y * y
    radial = (1 + k1 * r + k2 * r**2 + k3 * r**3) / (1 + k4 * r + k5 * r**2 + k6 * r**3)
    u = x * radial + 2 * p1 * x * y + p2 * (r + 2 * x * x) + s1 * r + s2 * r * r
    v = y * radial + p1 * (r + 2 * y * y) + 2 * p2 * x * y + s3 * r + s4 * r * r
    return np.stack([k[0, 0] * u + k[0, 2], k[1, 1] * v + k[1, 2]], axis=-1)


def kannala(points: Float64, k: Float64, d: list[float]) -> Float64:
    """cv2.fisheye.projectPoints, and Kalibr's equi: likewise."""
    r = np.hypot(points[:, 0], points[:, 1])
    theta = np.arctan2(r, points[:, 2])
    distance = theta * (1 + d[0] * theta**2 + d[1] * theta**4 + d[2] * theta**6 + d[3] * theta**8)
    return np.stack(
        [k[0, 0] * distance * points[:, 0] / r + k[0, 2], k[1, 1] * distance * points[:, 1] / r + k[1, 2]], -1
    )


def matrix(fx: float, fy: float, cx: float, cy: float) -> Float64:
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


CASES: dict[str, tuple[Any, Any, Float64, list[float], tuple[int, int]]] = {
    "ROS plumb_bob": (
        "left.yaml", brown, matrix(430.15433, 430.60920, 311.71339, 221.06824),
        [-0.33758, 0.11161, -0.00029, -0.0003, 0.012], (640, 480)),
    "ROS rational_polynomial, a message": (
        "echoed.yaml", brown, matrix(384.5, 384.75, 319.25, 201.5),
        [6.5, 3.2, 1e-4, -2e-5, 0.12, 6.85, 5.1, 0.8], (640, 400)),
    "Kalibr radtan": (
        {"file": "camchain.yaml", "camera": "cam0"}, brown, matrix(458.654, 457.296, 367.215, 248.375),
        [-0.28, 0.07, 0.0002, 1.76e-05], (752, 480)),
    "Kalibr equi": (
        {"file": "camchain.yaml", "camera": "cam1"}, kannala, matrix(457.587, 456.134, 379.999, 255.238),
        [-0.01, 0.02, -0.003, 0.001], (752, 480)),
    "OpenCV YAML": (
        "storage.yml", brown,
        matrix(5.3591573396163199e02, 5.3591573396163199e02, 3.4228315473308373e02, 2.3557082909788173e02),
        [-2.6637260909660682e-01, -3.8588898922304653e-02, 1.7831947042852964e-03, -2.8122100441115472e-04,
         2.3839153080878486e-01], (640, 480)),
    "OpenCV XML, fisheye": (
        "storage.xml", kannala, matrix(310, 311, 401, 298.5), [-1.2e-02, 3.4e-03, -1.1e-03, 2e-04], (800, 600)),
}  # fmt: skip
EACH = pytest.mark.parametrize("case", CASES)


def spec(calibration: Any, **camera: Any) -> dict[str, Any]:
    """A camera at the origin that looks along -X at a wall, the world's Y to the right."""
    name = calibration["file"] if isinstance(calibration, dict) else calibration
    placed = str(FILES / name) if not Path(name).is_absolute() else name
    given = {**calibration, "file": placed} if isinstance(calibration, dict) else placed
    return {
        "create": {
            "wall": {
                "plane": {"scale": 40, "position": [-3, 0, 0], "rotation": [0, 90, 0]},
                "semantics": {"class": "wall"},
            },
            "eye": {"camera": {"calibration": given, **camera}},
        },
        "render_products": [{"cameras": "eye", "resolution": [64, 48]}],
    }


def points() -> Float64:
    """In front of a camera, OpenCV's axes, within 25 degrees of its axis."""
    rng = np.random.default_rng(3)
    angle, around = np.radians(rng.uniform(1, 25, 200)), rng.uniform(0, 2 * np.pi, 200)
    ray = np.stack([np.sin(angle) * np.cos(around), np.sin(angle) * np.sin(around), np.cos(angle)], axis=-1)
    return np.asarray(ray * rng.uniform(0.5, 5, (200, 1)))


@EACH
def test_points_fall_on_the_pixels_of_the_tool_s_own_model(case: str) -> None:
    calibration, model, k, d, size = CASES[case]
    document = spec(calibration)
    document["render_products"][0]["resolution"] = list(size)
    with build_graph(document) as graph:
        (camera,) = graph.captures([0], lambda batch: camera_of(batch.annotator("camera_params", "eye").info(0)))
    seen = camera.project(points())
    # The image's corner is half a pixel from the centre of its first pixel.
    assert np.abs(seen - 0.5 - model(points(), k, d)).max() < 1e-4


@EACH
def test_opencv_agrees(case: str) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    _, model, k, d, _ = CASES[case]
    away = np.zeros((3, 1))
    if model is kannala:
        found = cv2.fisheye.projectPoints(points()[:, None], away, away, k, np.array(d))[0]
    else:
        found = cv2.projectPoints(points()[:, None], away, away, k, np.array(d))[0]
    assert np.abs(found.reshape(-1, 2) - model(points(), k, d)).max() < 1e-6


@EACH
def test_the_image_shows_what_the_model_says(case: str) -> None:
    """A dot in space is seen in its pixel."""
    calibration, model, k, d, size = CASES[case]
    document = spec(calibration)
    document["render_products"][0]["resolution"] = list(size)
    ray, place = np.array([[0.3, -0.22, 1.0]]), [-2.0, 0.6, 0.44]
    document["create"]["dot"] = {"sphere": {"scale": 0.03, "position": place}, "semantics": {"class": "dot"}}
    with build_graph(document) as graph:
        (batch,) = graph.frames(1, annotators=("bounding_box_2d_tight",))
    table = batch["eye"]["bounding_box_2d_tight"][0]
    boxes = table["data"] if isinstance(table, dict) else table
    box = min(boxes, key=lambda row: int(row["x_max"]) - int(row["x_min"]))
    middle = [(int(box[f"{axis}_min"]) + int(box[f"{axis}_max"])) / 2 for axis in "xy"]
    assert np.abs(middle - model(ray, k, d)[0]).max() < 0.8


def test_datasets_have_the_file_s_intrinsics(tmp_path: Path) -> None:
    document = spec("left.yaml")
    document["render_products"][0]["resolution"] = [640, 480]
    document["writers"] = [{"coco_depth": {"output_dir": str(tmp_path / "set")}}]
    with build_graph(document) as graph:
        graph.run(1)
    (image,) = json.loads((tmp_path / "set" / "annotations.json").read_text())["images"]
    held = yaml.safe_load((FILES / "left.yaml").read_text())
    k = np.array(held["camera_matrix"]["data"]).reshape(3, 3)
    k[:2, 2] += 0.5
    camera = image["camera"]
    assert np.allclose(camera["intrinsics"], k, rtol=0, atol=2e-5)
    found = [camera["distortion"][name] for name in ("k1", "k2", "p1", "p2", "k3")]
    # USD's schema of lenses holds floats of 32 bits.
    assert found == [float(np.float32(number)) for number in held["distortion_coefficients"]["data"]]


def test_a_file_is_what_its_numbers_are() -> None:
    numbers = {"fx": 430.15433, "fy": 430.6092, "cx": 312.21339, "cy": 221.56824, "resolution": [640, 480],
               "lens": {"model": "opencv_pinhole", "k1": -0.33758, "k2": 0.11161, "p1": -0.00029, "p2": -0.0003,
                        "k3": 0.012}}  # fmt: skip
    document = spec("left.yaml")
    written = spec("left.yaml")
    written["create"]["eye"] = {"camera": numbers}
    one, other = load_spec(document), load_spec(written)
    assert one.create["eye"] == other.create["eye"]


def test_without_distortion_it_is_a_pinhole(tmp_path: Path) -> None:
    text = (FILES / "left.yaml").read_text().replace("[-0.33758, 0.11161, -0.00029, -0.0003, 0.012]", "[0, 0, 0, 0, 0]")
    (tmp_path / "plain.yaml").write_text(text)
    camera = load_spec(spec(str(tmp_path / "plain.yaml"))).create["eye"]
    assert camera.lens is None  # type: ignore[union-attr]


BROKEN = {
    "a model": ("distortion_model: plumb_bob", "distortion_model: fov", r"left\.yaml:8: the distortion model 'fov' is"),
    "a count": ("-0.0003, 0.012]", "-0.0003]\n#", None),
    "too few": ("-0.00029, -0.0003, 0.012]", "1]", r"left\.yaml:12: expected 0 or 4 or 5 numbers, got 3"),
    "a skew": ("data: [430.15433, 0.0,", "data: [430.15433, 1.5,", r"left\.yaml:5: the skew is 1\.5"),
    "no matrix": ("camera_matrix", "matrix", r"left\.yaml:1: there is no camera_matrix"),
    "a word": ("[430.15433,", "[many,", r"left\.yaml:7: expected a number, got 'many'"),
    "a negative": ("[430.15433,", "[-430,", r"left\.yaml:5: fx and fy are -430 and 430\.609"),
    "no size": ("image_width", "wide", r"does not say the size of the image"),
    "no YAML": ("image_width: 640", "image_width: [", r"left\.yaml:\d+: not valid YAML"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_faults_name_file_line_and_remedy(name: str, tmp_path: Path) -> None:
    old, new, message = BROKEN[name]
    text = (FILES / "left.yaml").read_text()
    assert old in text
    (tmp_path / "left.yaml").write_text(text.replace(old, new))
    document = spec(str(tmp_path / "left.yaml"))
    if message is None:
        load_spec(document)
        return
    with pytest.raises(SpecError, match=message) as caught:
        load_spec(document)
    assert ";" in str(caught.value)


@pytest.mark.parametrize(
    ("calibration", "message"),
    [
        ("camchain.yaml", "the chain has 2 cameras: cam0, cam1; say which"),
        ({"file": "camchain.yaml", "camera": "cam7"}, "there is no camera 'cam7'; cameras: cam0, cam1"),
        ({"file": "left.yaml", "camera": "cam0"}, "the file is of one camera; leave out camera"),
    ],
)
def test_cameras_of_a_chain_are_named(calibration: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        load_spec(spec(calibration))


@pytest.mark.parametrize(
    "camera", [{"fx": 300}, {"lens": {"model": "opencv_pinhole"}}, {"focal_length": 20}, {"resolution": [640, 480]}]
)
def test_numbers_and_a_file_exclude_each_other(camera: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"exclude each other|has a resolution of its own"):
        load_spec(spec("left.yaml", **camera))


def test_a_size_may_be_given_where_the_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "left.yaml").write_text((FILES / "left.yaml").read_text().replace("image_", "picture_"))
    camera = load_spec(spec(str(tmp_path / "left.yaml"), resolution=[640, 480])).create["eye"]
    assert camera.resolution == (640, 480)  # type: ignore[union-attr]


def test_names_start_from_the_file_that_holds_them(tmp_path: Path) -> None:
    document = spec("left.yaml")
    document["create"]["eye"]["camera"]["calibration"] = "sub/left.yaml"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "left.yaml").write_text((FILES / "left.yaml").read_text())
    (tmp_path / "scene.yaml").write_text(yaml.safe_dump(document))
    assert load_spec(tmp_path / "scene.yaml").create["eye"].fx == 430.15433  # type: ignore[union-attr]
