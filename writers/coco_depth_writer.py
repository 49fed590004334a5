"""CocoDepthWriter: RGB, depth and COCO annotations from annotator payloads.

It uses the ordinary ``write(data)`` contract, so it runs on Isaac Sim and on the embedded runtime alike. On the latter
it is also called with whole batches on several threads; both ways go through the same code, image by image.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from replicator_dr.errors import OutputError
from replicator_dr.rep import rep
from replicator_dr.storage.atomic import WrittenFile, write_file
from replicator_dr.storage.json_numbers import plain
from replicator_dr.storage.npy import encode_npy
from replicator_dr.storage.png import DEFAULT_LEVEL, encode_png, encode_png_rgb
from writers.coco_assembly import assemble
from writers.coco_camera import camera_of
from writers.coco_objects import ObjectRules, annotations_of, category_of
from writers.dataset_folder import FORMAT, DatasetFolder, identity
from writers.depth_image import StoredDepth, store_depth

Record = dict[str, Any]


class _Clock(Protocol):
    def measure(self, stage: str) -> AbstractContextManager[None]:
        """Count the block's time under a stage."""


class _NoClock:
    def measure(self, stage: str) -> AbstractContextManager[None]:
        return nullcontext()


class _Batch(Protocol):
    """What this writer asks of a captured batch."""

    clock: _Clock

    def __len__(self) -> int: ...

    def payload(self, index: int, annotators: Sequence[Any], data_structure: str) -> Mapping[str, Any]:
        """One frame as ``write`` gets it."""


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
        fresh: list[Path] = []
        try:
            self.commit(self._records(data, _NoClock(), fresh))
        except BaseException:
            _delete(fresh)
            raise

    def write_batch(self, batch: _Batch) -> list[Record]:
        """Write the images of a batch and give their records, to be committed; safe on several threads at once."""
        annotators = self.get_annotators()
        records: list[Record] = []
        fresh: list[Path] = []
        try:
            for index in range(len(batch)):
                records += self._records(batch.payload(index, annotators, self.data_structure), batch.clock, fresh)
        except BaseException:
            _delete(fresh)
            raise
        return records

    def commit(self, records: Sequence[Record]) -> None:
        """Append records to the journal: from here on their images are part of the dataset."""
        self._open().journal.append(records)

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
        folder, self._folder = self._folder, None
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

    def _records(self, data: Mapping[str, Any], clock: _Clock, fresh: list[Path]) -> list[Record]:
        """Write one frame's files; those that are new are noted in ``fresh``, also when a later one fails."""
        products = data["renderProducts"]
        # The embedded runtime says which frame this is; Kit does not, there frames are counted.
        frame = int(data.get("frame", self._next_frame))
        self._next_frame = frame + 1
        # In full precision: what was drawn can be fed back.
        draws = plain(dict(sorted((data.get("distribution_outputs") or {}).items())))
        return [
            self._record(frame, frame * len(products) + position + 1, name, values, draws, clock, fresh)
            for position, (name, values) in enumerate(products.items())
        ]

    def _record(
        self,
        frame: int,
        image_id: int,
        product: str,
        values: Mapping[str, Any],
        draws: Any,
        clock: _Clock,
        fresh: list[Path],
    ) -> Record:
        with clock.measure("annotate"):
            camera = camera_of(values["camera_params"])
            annotations = annotations_of(image_id, values, camera, self._rules)
        with clock.measure("encode"):
            stem = f"{product}/{frame:0{self._padding}}"
            stored, files = self._encode(stem, values)
        with clock.measure("write"):
            folder = self._open()
            written: list[WrittenFile] = []
            for name, content in files.items():
                written.append(write_file(folder.place(name), content))
                if not written[-1].replaced:
                    fresh.append(written[-1].path)
        image = {
            "id": image_id,
            "width": camera.width,
            "height": camera.height,
            "file_name": f"rgb/{stem}.png",
            **({"depth_file_name": next(reversed(files))} if self._depth != "none" else {}),
            "frame": frame,
            "product": product,
            "camera": camera.record(),
            "draws": draws,
        }
        return {
            "id": image_id,
            "bytes": sum(file.size for file in written),
            "sha256": {name: file.sha256 for name, file in zip(files, written, strict=True)},
            "depth_missed": stored.missed,
            "depth_beyond": stored.beyond,
            "image": image,
            "annotations": annotations,
        }

    def _encode(self, stem: str, values: Mapping[str, Any]) -> tuple[StoredDepth, dict[str, bytes]]:
        """The depth as stored, and {file name: content}, RGB first."""
        rgb = np.asarray(values["rgb"]["data"])
        files = {f"rgb/{stem}.png": encode_png_rgb(rgb, self._level)}
        depth = np.asarray(values["distance_to_image_plane"]["data"], np.float32)
        stored = store_depth(depth, self._depth_scale)
        if self._depth == "png16":
            files[f"depth/{stem}.png"] = encode_png(stored.pixels, self._level)
        elif self._depth == "npy":
            files[f"depth/{stem}.npy"] = encode_npy(depth)
            stored = StoredDepth(stored.pixels, stored.missed, 0)
        return stored, files


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


rep.WriterRegistry.register(CocoDepthWriter)
