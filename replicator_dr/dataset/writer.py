"""The rep Writer of every dataset format: folder, journal and manifest; what the files hold is the format's affair.

It uses the ordinary ``write(data)`` contract, so it runs on Isaac Sim and on the embedded runtime alike. On the latter
it is also called with whole batches on several threads; both ways go through the same job.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from replicator_dr.dataset.assembly import assemble
from replicator_dr.dataset.folder import DatasetFolder, Places, identity
from replicator_dr.dataset.job import DatasetJob, Record, TimedBatch
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.errors import OutputError, UnsupportedError
from replicator_dr.labels.encoders import NativeEncoders, NumpyEncoders
from replicator_dr.labels.images import CAMERA, COVERAGE, DEPTH, LABELS, SEGMENTATION
from replicator_dr.rep import inside_isaac_sim
from replicator_dr.storage.categories import TOP, supercategories


class DatasetWriter:
    """Writes one dataset folder; see docs/dataset.md. It becomes a rep Writer together with the runtime's BasicWriter.

    output_dir: the folder; a relative one lies below the current working directory. dataset_info: plain JSON about the
    run (``name``, ``seed``, ``spec``, ``spec_hash``, ``versions``) for the manifest; runs with the same ``spec_hash``
    and settings may share a folder. fields: those of the plugin.
    """

    plugin: ClassVar[type[DatasetPlugin]]
    version: ClassVar[str]
    data_structure = "renderProduct"

    def __init__(self, output_dir: str, dataset_info: Mapping[str, Any] | None = None, **fields: Any) -> None:
        self.backend = None  # files and folder are this writer's own affair: no metadata.txt
        options = self.plugin(output_dir=output_dir, **fields)
        self.output_dir = Path(output_dir).expanduser()
        self._options = options
        self._format = options.format()
        self._overwrite = options.overwrite
        self._info = dict(dataset_info or {})
        self._categories: list[str] | None = None if options.categories is None else list(options.categories)
        self._supercategories: dict[str, str] = {}
        self._folder: DatasetFolder | None = None
        self._job: DatasetJob | None = None
        self._token = uuid.uuid4().hex
        self._next_frame = 0
        # Tiled products on Isaac Sim do not say how much of an object is hidden.
        self.needs_plain_products = options.min_visible_fraction > 0 or self._format.needs_hidden_parts
        self.device_jpeg = options.device_jpeg
        self.annotators = self._wanted()

    def _wanted(self) -> list[Any]:
        """Annotators of the format's images, and of label records.

        On the embedded runtime they let labels of all types through, so that writers share them whatever type names
        their categories. Kit numbers instances by the labels that pass, so there it is that type alone.
        """
        from replicator_dr.rep import rep  # the runtime that is active now

        params = {"semanticTypes": [self._options.label_type]} if inside_isaac_sim() else {}
        known = rep.AnnotatorRegistry.get_registered_annotators()
        own = dict.fromkeys((*self._format.annotators, *(() if COVERAGE in known else (DEPTH,))))
        wanted = [rep.annotators.get(name) for name in own]
        optional = [name for name in (COVERAGE, *self._format.optional) if name in known]
        for name in (*LABELS, *optional):
            colorless = {"colorize": False} if name == SEGMENTATION else {}
            labels = {} if name == CAMERA else {**params, **colorless}
            wanted.append(rep.annotators.get(name, init_params=labels) if labels else rep.annotators.get(name))
        return wanted

    def prepare(self) -> None:
        """Take the folder, before anything is rendered. OutputError where it cannot be written to or is not ours."""
        if self._folder is not None:
            return
        if self.device_jpeg is not None and inside_isaac_sim():
            raise UnsupportedError("jpeg_encoder: nvjpeg works on the embedded runtime alone; use jpeg_encoder: cpu")
        if hasattr(self, "label_sets"):
            known = supercategories(self.label_sets(), self._options.label_type)
            if self._categories is None:
                self._categories = list(known)
            elif known and not set(known).intersection(self._categories):
                raise OutputError(
                    f"nothing in the scene is labelled {' or '.join(map(repr, self._categories))}, so nothing would be "
                    f"annotated; categories are some of: {', '.join(known)}"
                )
            self._supercategories = {name: above for name, above in known.items() if above != TOP}
        if self._categories is None and self._format.names_classes:
            raise OutputError(
                f"the files of {self.plugin.kind()} number the categories, and this runtime does not know them before "
                "it has rendered: name them with `categories`"
            )
        if self._format.lens_refusal and hasattr(self, "lens_models"):
            for product, model in self.lens_models().items():
                self._format.refuse_lens(product, model)
        header = {
            "format": self.plugin.format_name(),
            "name": self._info.get("name"),
            # Without a spec nobody can tell whether two runs belong together: each is a dataset of its own.
            "identity": identity(
                self.plugin.format_name(), self._options.settings(), self._info.get("spec_hash") or self._token
            ),
            "categories": self._categories,
            **({"supercategories": self._supercategories} if self._supercategories else {}),
        }
        own = self._format
        folder = DatasetFolder(self.output_dir, header, own.folders, own.tables, overwrite=self._overwrite)
        try:
            self._format = own.opened(self, folder.path, self._categories)
        except BaseException:
            folder.close()
            raise
        self._folder = folder
        self._overwrite = False  # a second run of this writer continues its own dataset

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

    def batch_job(self) -> DatasetJob:
        """What ``write_batch`` does, apart from this writer: it can be sent to another process."""
        if self._job is None:
            self._job = DatasetJob(
                Places(self._open().path.absolute()),
                self._format,
                self._options.rules(),
                self._options.divided(),
                NumpyEncoders() if inside_isaac_sim() else NativeEncoders(),
                tuple(self.get_annotators()),
                tuple(self._categories or ()),
            )
        return self._job

    def get_annotators(self) -> list[Any]:
        """The runtime's BasicWriter has this."""
        annotators: list[Any] = super().get_annotators()  # type: ignore[misc]
        return annotators

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
        """Make the files about the whole dataset of everything committed so far."""
        if self._folder is None:
            return
        folder, self._folder, self._job = self._folder, None, None
        folder.close()
        info = {
            "format": self.plugin.format_name(),
            "writer": {"name": self.plugin.kind(), "version": self.version, **self._options.settings()},
            **self._format.description(),
            **self._info,
        }
        names = self._categories, self._options.divided().names, self._supercategories
        assemble(folder.path, self._format, info, *names)

    def _open(self) -> DatasetFolder:
        if self._folder is None:
            raise OutputError(f"the dataset {self.output_dir} is not open; attach the writer and capture a frame first")
        return self._folder


def writer_class(plugin: type[DatasetPlugin]) -> type[Any]:
    """The rep Writer of a plugin, on the runtime that is active: one class, named after it and ``Writer``."""
    from replicator_dr.rep import rep

    return _bound(plugin, rep.BasicWriter)


@cache
def _bound(plugin: type[DatasetPlugin], base: type[Any]) -> type[Any]:
    members = {"plugin": plugin, "version": plugin.version, "__doc__": plugin.__doc__, "__module__": plugin.__module__}
    return type(f"{plugin.__name__}Writer", (DatasetWriter, base), members)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
