"""annotations.json and manifest.json, made from the journal one record at a time: memory does not grow with a set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from replicator_dr.storage.atomic import AtomicFile, WrittenFile, atomic_file
from replicator_dr.storage.journal import index, lines
from replicator_dr.storage.json_numbers import dumps
from writers.coco_records import ImageRecord, Tally, annotation_text, image_text, read_record
from writers.dataset_folder import ANNOTATIONS, JOURNAL, MANIFEST

CONVENTIONS = {
    "bbox": "[x, y, width, height] pixels of the visible mask; width = x_max - x_min + 1",
    "bbox_amodal": "the same for the mask that would be seen if nothing were in front, inside the image",
    "visible_fraction": "area / area_amodal",
    "truncation": "share of the box around the projected object that lies outside the image",
    "pose": "camera from object: p_camera = rotate(quaternion, scale * p_object) + translation; quaternion w x y z; "
    "metres; camera axes x right, y down, z forward",
    "bbox_3d": "min and max in the object's frame, scale applied [m]; image_points: its corners in pixels, for x_min "
    "y_min z_min, x_min y_min z_max, x_min y_max z_min, ... x_max y_max z_max; null behind the camera and where its "
    "lens does not see",
    "depth_range": "nearest and farthest visible depth along the optical axis [m]",
    "camera": "intrinsics: 3x3, pixel i covers i to i + 1; camera_from_world and world_from_camera: 4x4 for column "
    "vectors, camera axes x right, y down, z forward; world Z up; metres; distortion: OpenCV's model and coefficients, "
    "absent for pinholes",
}


def category_ids(declared: Sequence[str] | None, found: Iterable[str]) -> dict[str, int]:
    """{name: id from 1}: the declared categories in their order, then others that were found, by name."""
    names = list(declared or ())
    names += sorted(set(found) - set(names))
    return {name: number for number, name in enumerate(names, start=1)}


def assemble(folder: Path, info: Mapping[str, Any], declared: Sequence[str] | None) -> dict[str, Any]:
    """Write annotations.json and manifest.json from the journal.

    info: what is known about the dataset beside the images; it goes into the manifest. declared: category names in the
    order of their ids; others that occur come after them. Returns the counts. OutputError when the disk does not take
    the files; the old ones stay then.
    """
    journal = folder / JOURNAL
    offsets = index(journal)
    tally = Tally()

    def records() -> Iterator[ImageRecord]:
        return map(read_record, lines(journal, offsets.values()))

    with atomic_file(folder / ANNOTATIONS, durable=True) as file:
        file.write((dumps({"info": _info(info), "licenses": []})[:-1] + ',"images":[').encode())
        _write_list(file, ([image_text(record)] for record in tally.counted(records())))
        ids = category_ids(declared, tally.categories)
        file.write(b'],"annotations":[')
        _write_list(file, ([annotation_text(one, ids) for one in record.annotations] for record in records()))
        categories = [{"id": number, "name": name, "supercategory": "object"} for name, number in ids.items()]
        file.write(('],"categories":' + dumps(categories) + "}\n").encode())
        written = WrittenFile(folder / ANNOTATIONS, file.size, file.sha256, replaced=False)
    counts = tally.counts()
    _write_manifest(
        folder, {**info, "counts": counts, **tally.required(), "frames": tally.ranges()}, written, records()
    )
    return counts


def _info(info: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "description": str(info.get("description") or info.get("name") or "synthetic dataset"),
        "version": "1.0",
        "url": "",
        "contributor": "replicator_dr",
        "seed": info.get("seed"),
        "spec_hash": info.get("spec_hash"),
        "depth": info.get("depth"),
        "conventions": CONVENTIONS,
    }


def _write_list(file: AtomicFile, groups: Iterable[Sequence[bytes]]) -> None:
    separator = b"\n"
    for group in groups:
        if group:
            file.write(separator + b",\n".join(group))
            separator = b",\n"


def _write_manifest(
    folder: Path, head: Mapping[str, Any], annotations: WrittenFile, records: Iterable[ImageRecord]
) -> None:
    """The manifest: what is known, and the checksum of each file."""
    with atomic_file(folder / MANIFEST, durable=True) as file:
        file.write((dumps(dict(head))[:-1] + ',"sha256":{').encode())
        file.write(f'\n"{ANNOTATIONS}":"{annotations.sha256}"'.encode())
        for record in records:
            texts = (f",\n{dumps(name)}:{dumps(checksum)}" for name, checksum in record.sha256.items())
            file.write("".join(texts).encode())
        file.write(b"\n}}\n")
