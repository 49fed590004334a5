"""CocoDepthWriter: RGB, depth and COCO annotations from annotator payloads.

It uses the ordinary ``write(data)`` contract, so it runs on Isaac Sim and on the embedded runtime alike. On the latter
it is also called with whole batches on several threads; both ways go through the same job.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from replicator_dr.errors import OutputError
from replicator_dr.rep import rep
from replicator_dr.storage.png import DEFAULT_LEVEL
from writers.coco_assembly import assemble
from writers.coco_job import CocoJob, Record, TimedBatch
from writers.coco_objects import ObjectRules, category_of
from writers.dataset_folder import FORMAT, DatasetFolder, Places, identity

# Which class this is depends on the runtime, so type checkers cannot know it.
_BasicWriter: Any = rep.BasicWriter


class CocoDepthWriter(_BasicWriter):
    """Writes one dataset folder; see docs/dataset.md for its layout.

    output_dir: the folder; a relative one lies below the current working directory. dataset_info: plain JSON about the
    run (``name``, ``seed``, ``spec``, ``spec_hash``, ``versions``) for the manifest; runs with the same ``spec_hash``
    and settings may share a folder. The other arguments are the fields of ``CocoDepth``.
    """

    version = "1.0.0"
    data_structure = "renderProduct"

    def __init__(
        self,
        output_dir: str,
        depth: str = "png16",
        depth_scale: float = 1.0,
        sensor_depth: bool = False,
        segmentation: str = "rle",
        label_type: str = "class",
        categories: Sequence[str] | None = None,
        min_pixels: int = 1,
        min_visible_fraction: float = 0.0,
        compression: int = DEFAULT_LEVEL,
        frame_padding: int = 6,
        overwrite: bool = False,
        dataset_info: Mapping[str, Any] | None = None,
    ) -> None:
        self.backend = None  # files and folder are this writer's own affair: no metadata.txt
        self.output_dir = Path(output_dir).expanduser()
        self._settings = {
            "depth": depth,
            "depth_scale": depth_scale,
            "segmentation": segmentation,
            "label_type": label_type,
            "categories": None if categories is None else list(categories),
            "min_pixels": min_pixels,
            "min_visible_fraction": min_visible_fraction,
            "compression": compression,
            "frame_padding": frame_padding,
            # Named only where it is asked for: datasets without it can be continued.
            **({"sensor_depth": True} if sensor_depth else {}),
        }
        self._rules = ObjectRules(
            label_type=label_type,
            polygons=segmentation == "polygon",
            min_pixels=min_pixels,
            min_visible_fraction=min_visible_fraction,
            categories=None if categories is None else frozenset(categories),
        )
        self._depth, self._depth_scale = depth, depth_scale
        self._level, self._padding = compression, frame_padding
        self._overwrite = overwrite
        self._info = dict(dataset_info or {})
        self._categories: list[str] | None = None if categories is None else list(categories)
        self._folder: DatasetFolder | None = None
        self._job: CocoJob | None = None
        self._token = uuid.uuid4().hex
        self._next_frame = 0
        # Tiled products on Isaac Sim do not say how much of an object is hidden.
        self.needs_plain_products = min_visible_fraction > 0
        labels = {"semanticTypes": [label_type]}
        self.annotators = [
            rep.annotators.get("rgb"),
            rep.annotators.get("distance_to_image_plane"),
            rep.annotators.get("camera_params"),
            rep.annotators.get("instance_segmentation_fast", init_params={**labels, "colorize": False}),
            rep.annotators.get("bounding_box_2d_loose_fast", init_params=dict(labels)),
            rep.annotators.get("bounding_box_3d_fast", init_params=dict(labels)),
        ]
        if sensor_depth:
            self.annotators.append(rep.annotators.get("sensor_depth"))
        if "coverage" in rep.AnnotatorRegistry.get_registered_annotators():
            self.annotators.append(rep.annotators.get("coverage", init_params=dict(labels)))

    def prepare(self) -> None:
        """Take the folder, before anything is rendered. OutputError where it cannot be written to or is not ours."""
        if self._folder is not None:
            return
        header = {
            "format": FORMAT,
            "name": self._info.get("name"),
            # Without a spec nobody can tell whether two runs belong together: each is a dataset of its own.
            "identity": identity(self._settings, self._info.get("spec_hash") or self._token),
        }
        self._folder = DatasetFolder(self.output_dir, header, overwrite=self._overwrite)
        self._overwrite = False  # a second run of this writer continues its own dataset
        if self._categories is None and hasattr(self, "label_sets"):
            found = {category_of(labels, self._rules.label_type) for labels in self.label_sets()}
            self._categories = sorted(name for name in found if name is not None)

    def write(self, data: Mapping[str, Any]) -> None:
        """Write and commit one frame."""
        self.prepare()
        # The embedded runtime says which frame this is; Kit does not, there frames are counted.
        frame = int(data.get("frame", self._next_frame))
        self._next_frame = frame + 1
        records = self.batch_job().one(data, frame)
        try:
            self.commit(records)
        except BaseException:
            self.discard(records)
            raise

    def write_batch(self, batch: TimedBatch) -> list[Record]:
        """Write the images of a batch and give their records, to be committed; safe on several threads at once."""
        return self.batch_job()(batch)

    def batch_job(self) -> CocoJob:
        """What ``write_batch`` does, apart from this writer: it can be sent to another process."""
        if self._job is None:
            self._job = CocoJob(
                Places(self._open().path.absolute()),
                self._rules,
                self._depth,
                self._depth_scale,
                self._level,
                self._padding,
                tuple(self.get_annotators()),
            )
        return self._job

    def commit(self, records: Sequence[Record]) -> None:
        """Append records to the journal: from here on their images are part of the dataset."""
        self._open().journal.append_lines([record["line"] for record in records])

    def discard(self, records: Sequence[Record]) -> None:
        """Delete the files of records that will not be committed, except those that were there before."""
        folder = self._open()
        committed = folder.committed()
        for record in records:
            if record["id"] not in committed:
                _delete(folder.path / name for name in record["sha256"])

    def on_final_frame(self) -> None:
        """Make annotations.json and manifest.json of everything committed so far."""
        if self._folder is None:
            return
        folder, self._folder, self._job = self._folder, None, None
        folder.close()
        info = {
            "format": FORMAT,
            "writer": {"name": "coco_depth", "version": self.version, **self._settings},
            "depth": self._depth_description(),
            **self._info,
        }
        assemble(folder.path, info, self._categories)

    def _open(self) -> DatasetFolder:
        if self._folder is None:
            raise OutputError(f"the dataset {self.output_dir} is not open; attach the writer and capture a frame first")
        return self._folder

    def _depth_description(self) -> dict[str, Any] | None:
        if self._depth == "none":
            return None
        kind = {"kind": "along the optical axis"}
        if self._depth == "npy":
            return {**kind, "format": "float32 npy", "metres_per_unit": 1.0, "no_measurement": "inf"}
        return {
            **kind,
            "format": "uint16 png",
            "metres_per_unit": float(np.round(self._depth_scale / 1000, 12)),
            "no_measurement": 0,
        }


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


rep.WriterRegistry.register(CocoDepthWriter)
