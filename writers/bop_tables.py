"""The JSON files of a BOP dataset, made from the journal, one block of scenes at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.lines import ImageLine
from replicator_dr.storage.json_numbers import copy_of

TABLES = ("scene_camera", "scene_gt", "scene_gt_info")


def write_scenes(dataset: Assembly, frames: int) -> None:
    """scene_camera.json, scene_gt.json and scene_gt_info.json of every scene. frames: of a scene, at most."""
    for _, block in groupby(dataset.lines(), key=lambda line: line.frame // frames):
        for folder, records in sorted(_by_scene(block).items()):
            for table in TABLES:
                with dataset.file(f"{folder}/{table}.json") as file:
                    file.write(b"{")
                    separator = b"\n"
                    for record in records:
                        file.write(separator + b'"%d": ' % record["image"] + copy_of(record[table]))
                        separator = b",\n"
                    file.write(b"\n}\n")


def _by_scene(lines: Iterable[ImageLine]) -> dict[str, list[dict[str, Any]]]:
    """{folder of a scene: the records of its images}."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        record = line.value
        found.setdefault(record["scene"], []).append(record)
    return found


def write_camera(dataset: Assembly) -> None:
    """camera.json: the camera of the first image; scene_camera.json has every image's own."""
    first: Iterator[ImageLine] = dataset.lines()
    line = next(first, None)
    if line is None:
        return
    record = line.value
    k, size = record["scene_camera"]["cam_K"], record["size"]
    camera = {"cx": k[2], "cy": k[5], "depth_scale": record["scene_camera"]["depth_scale"], "fx": k[0], "fy": k[4]}
    with dataset.file("camera.json") as file:
        file.write(copy_of({**camera, "width": size[0], "height": size[1]}) + b"\n")
