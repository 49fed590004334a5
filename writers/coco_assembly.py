"""annotations.json and manifest.json, made from the journal one record at a time: memory does not grow with a set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from replicator_dr.storage.atomic import AtomicFile, WrittenFile, atomic_file
from replicator_dr.storage.journal import entries
from replicator_dr.storage.json_numbers import copy_of, dumps
from writers.dataset_folder import ANNOTATIONS, JOURNAL, MANIFEST

CONVENTIONS = {
    "bbox": "[x, y, width, height] pixels of the visible mask; width = x_max - x_min + 1",
    "bbox_amodal": "the same for the mask that would be seen if nothing were in front, inside the image",
    "visible_fraction": "area / area_amodal",
    "truncation": "share of the box around the projected object that lies outside the image",
    "pose": "camera from object: p_camera = rotate(quaternion, scale * p_object) + translation; quaternion w x y z; "
    "metres; camera axes x right, y down, z forward",
    "bbox_3d": "min and max in the object's frame, scale applied [m]; image_points: its corners in pixels, for x_min "
    "y_min z_min, x_min y_min z_max, x_min y_max z_min, ... x_max y_max z_max; null behind the camera",
    "depth_range": "nearest and farthest visible depth along the optical axis [m]",
    "camera": "intrinsics: 3x3, pixel i covers i to i + 1; camera_from_world and world_from_camera: 4x4 for column "
    "vectors, camera axes x right, y down, z forward; world Z up; metres",
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
    tally = _Tally()
    with atomic_file(folder / ANNOTATIONS, durable=True) as file:
        file.write((dumps({"info": _info(info), "licenses": []})[:-1] + ',"images":[').encode())
        _write_list(file, (record["image"] for record in tally.counted(entries(journal))))
        ids = category_ids(declared, tally.categories)
        file.write(b'],"annotations":[')
        _write_list(file, chain.from_iterable(_annotations(record, ids) for record in entries(journal)))
        categories = [{"id": number, "name": name, "supercategory": "object"} for name, number in ids.items()]
        file.write(('],"categories":' + dumps(categories) + "}\n").encode())
        written = WrittenFile(folder / ANNOTATIONS, file.size, file.sha256, replaced=False)
    counts = tally.counts()
    _write_manifest(folder, {**info, "counts": counts, "frames": tally.ranges()}, written)
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


def _annotations(record: Mapping[str, Any], ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for annotation in record["annotations"]:
        head = {"id": annotation.pop("id"), "image_id": annotation.pop("image_id")}
        yield {**head, "category_id": ids[annotation.pop("category")], **annotation}


def _write_list(file: AtomicFile, items: Iterable[Mapping[str, Any]]) -> None:
    separator = b"\n"
    for item in items:
        file.write(separator + copy_of(item))
        separator = b",\n"


def _write_manifest(folder: Path, head: Mapping[str, Any], annotations: WrittenFile) -> None:
    """The manifest: what is known, and the checksum of each file."""
    with atomic_file(folder / MANIFEST, durable=True) as file:
        file.write((dumps(dict(head))[:-1] + ',"sha256":{').encode())
        file.write(f'\n"{ANNOTATIONS}":"{annotations.sha256}"'.encode())
        for record in entries(folder / JOURNAL):
            for name, checksum in record["sha256"].items():
                file.write(f",\n{dumps(name)}:{dumps(checksum)}".encode())
        file.write(b"\n}}\n")


class _Tally:
    """Counts over the journal's records, which come by ascending image id, so also by ascending frame."""

    def __init__(self) -> None:
        self._images = self._annotations = self._empty = self._missed = self._beyond = 0
        self._by_category: Counter[str] = Counter()
        self._ranges: list[list[int]] = []

    def counted(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The same records, counted on the way."""
        for record in records:
            self._images += 1
            self._annotations += len(record["annotations"])
            self._empty += not record["annotations"]
            self._by_category.update(annotation["category"] for annotation in record["annotations"])
            self._missed += record["depth_missed"]
            self._beyond += record["depth_beyond"]
            frame = record["image"]["frame"]
            if self._ranges and frame <= self._ranges[-1][1] + 1:
                self._ranges[-1][1] = max(frame, self._ranges[-1][1])
            else:
                self._ranges.append([frame, frame])
            yield record

    def counts(self) -> dict[str, Any]:
        """What the manifest says."""
        return {
            "frames": sum(last - first + 1 for first, last in self._ranges),
            "images": self._images,
            "images_without_objects": self._empty,
            "annotations": self._annotations,
            "annotations_by_category": dict(sorted(self._by_category.items())),
            "depth_pixels_without_surface": self._missed,
            "depth_pixels_beyond_range": self._beyond,
        }

    @property
    def categories(self) -> Iterable[str]:
        """The names that occur."""
        return self._by_category.keys()

    def ranges(self) -> list[list[int]]:
        """[[first, last], ...] of the frames, ascending."""
        return self._ranges
