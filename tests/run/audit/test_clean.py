"""Faultless datasets raise no alarm, whatever their format and lens."""

from __future__ import annotations

from pathlib import Path

import pytest

from replicator_dr.run.audit import Status, audit
from tests.run.audit.conftest import SPEC, write_dataset
from tests.run.audit.written import Written, fired, fires_exactly, largest, project_anew


@pytest.mark.parametrize("quick", [False, True])
def test_sixty_four_frames(clean: Path, quick: bool) -> None:
    report = audit(clean, quick=quick)
    assert fired(report) == {}
    assert report.images == report.of == 64
    assert {result.status for result in report.results} <= {Status.PASSED, Status.NOTED}, "nothing is left out"


def test_threads_do_not_change_what_is_found(clean: Path) -> None:
    one, several = (audit(clean, workers=workers).to_json() for workers in (1, 5))
    assert one["checks"] == several["checks"]


PLAIN = "eye: {camera: {focal_length: 24}}"
FISHEYE = (
    "eye: {camera: {lens: {model: opencv_fisheye, k1: -0.02, k2: 0.004}, fx: 60, fy: 61, cx: 82, cy: 59, "
    "resolution: [160, 120]}}"
)
BROWN = (
    "eye: {camera: {lens: {model: opencv_pinhole, k1: -0.2, k2: 0.05, p1: 0.002}, fx: 150, fy: 149, cx: 79, cy: 62, "
    "resolution: [160, 120]}}"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("output_dir: out", "output_dir: out, depth: npy"),
        ("output_dir: out", "output_dir: out, depth_scale: 0.1"),
        ("output_dir: out", "output_dir: out, depth: none"),
        ("output_dir: out", "output_dir: out, segmentation: polygon"),
        ("output_dir: out", "output_dir: out, image_format: jpg, splits: {train: 0.5, val: 0.5}"),
        (PLAIN, "eye: {camera: {focal_length: 24, depth_sensor: {stereo: {}}}}"),
        (PLAIN, FISHEYE),
        (PLAIN, BROWN),
        (PLAIN, "eye: {camera: {count: 2, focal_length: 24}}"),
        ("on_frame: {}", "on_frame: {interval: 3}"),
    ],
    ids=["npy", "tenths", "no depth", "polygons", "splits", "sensor", "fisheye", "brown", "two cameras", "interval"],
)
def test_other_formats_and_cameras(tmp_path: Path, old: str, new: str) -> None:
    assert old in SPEC
    text = SPEC.replace(old, new)
    if "depth_sensor" in new:
        text = text.replace("output_dir: out", "output_dir: out, sensor_depth: true")
    folder = write_dataset(tmp_path, text, 12)
    report = audit(folder)
    assert fired(report) == {}
    assert (report.images > 12) == ("count: 2" in new)


@pytest.mark.slow
def test_a_thousand_frames(tmp_path: Path) -> None:
    report = audit(write_dataset(tmp_path, SPEC, 1000))
    assert fired(report) == {}
    assert report.images == 1000


@pytest.mark.parametrize("lens", [FISHEYE, BROWN])
def test_a_lens_that_was_forgotten(tmp_path: Path, lens: str) -> None:
    written = Written(write_dataset(tmp_path, SPEC.replace(PLAIN, lens), 3))
    with written.labels() as labels:
        del labels["images"][1]["camera"]["distortion"]
    found = fired(audit(written.folder))
    assert found["image_points"] == found["pose_depth"] == {2}


def test_a_pose_beside_its_mask_where_there_is_no_depth(tmp_path: Path) -> None:
    written = Written(write_dataset(tmp_path, SPEC.replace("output_dir: out", "output_dir: out, depth: none"), 3))
    with written.labels() as labels:
        one = largest(labels, 2)
        one["pose"]["translation"][0] += 0.1
        project_anew(one, labels["images"][1])
    fires_exactly(written.folder, "mask_in_box", 2)
    skipped = {result.name for result in audit(written.folder).results if result.status is Status.SKIPPED}
    assert skipped == {"mask_depth", "depth_range", "pose_depth"}
