"""The JSON files of a BOP dataset, made from the journal, one block of scenes at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.lines import ImageLine
from replicator_dr.storage.json_numbers import copy_of, loads

TABLES = ("scene_camera", "scene_gt", "scene_gt_info")


class _Record(msgspec.Struct):
    """What the journal has of an image; the entries of its tables are passed on as they are. size: in pixels."""

    scene: str
    image: int
    size: list[int]
    scene_camera: msgspec.Raw
    scene_gt: msgspec.Raw
    scene_gt_info: msgspec.Raw


_read = msgspec.json.Decoder(_Record).decode


def write_scenes(dataset: Assembly, frames: int) -> None:
    """scene_camera.json, scene_gt.json and scene_gt_info.json of every scene. frames: of a scene, at most."""
    for _, block in groupby(dataset.lines(), key=lambda line: line.frame // frames):
        for folder, records in sorted(_by_scene(block).items()):
            for table in TABLES:
                with dataset.file(f"{folder}/{table}.json") as file:
                    file.write(b"{")
                    separator = b"\n"
                    for record in records:
                        file.write(separator + b'"%d": ' % record.image + bytes(getattr(record, table)))
                        separator = b",\n"
                    file.write(b"\n}\n")


def _by_scene(lines: Iterable[ImageLine]) -> dict[str, list[_Record]]:
    """{folder of a scene: the records of its images}."""
    found: dict[str, list[_Record]] = {}
    for line in lines:
        record = _read(line.record)
        found.setdefault(record.scene, []).append(record)
    return found


def write_camera(dataset: Assembly) -> None:
    """camera.json: the camera of the first image; scene_camera.json has every image's own."""
    first: Iterator[ImageLine] = dataset.lines()
    line = next(first, None)
    if line is None:
        return
    record = _read(line.record)
    own, size = loads(record.scene_camera), record.size
    k = own["cam_K"]
    camera = {"cx": k[2], "cy": k[5], "depth_scale": own["depth_scale"], "fx": k[0], "fy": k[4]}
    with dataset.file("camera.json") as file:
        file.write(copy_of({**camera, "width": size[0], "height": size[1]}) + b"\n")
