"""The writer ``bop_webdataset``: 6D poses in the layout of the BOP challenge, as tar files of samples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.shards import Span, part_name, shards_of, spans_of, write_shards
from replicator_dr.labels.content import Content
from replicator_dr.labels.encoders import Encoders
from replicator_dr.storage.json_numbers import dumps, line
from writers.bop import Bop, BopFormat
from writers.bop_images import gt_entries, gt_info, image_camera
from writers.image_files import ColorOptions, colors
from writers.webdataset import tar_end, tar_members


class BopWebdataset(Bop, ColorOptions):
    """BOP as tar files: a sample an image, with RGB, 16-bit depth, poses and masks. Embedded runtime only."""

    samples_per_shard: int = Field(default=1000, ge=1, le=1000)
    """Images of a shard at most; BOP allows 1000."""

    def format(self) -> BopWebdatasetFormat:
        """The format with these options."""
        return BopWebdatasetFormat(self)


@dataclass(frozen=True)
class BopWebdatasetFormat(BopFormat):
    """After thodan/bop_toolkit, bop_toolkit_lib/dataset/bop_webdataset.py: members and their keys are said there."""

    options: BopWebdataset

    tables: ClassVar[tuple[str, ...]] = ("*/shard-[0-9]*.tar", "*/key_to_shard.json", "shards.json", "dataset_info.md")
    keeps_files: ClassVar[bool] = False

    @property
    def folders(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of BOP, and that of the samples before they stand in a shard."""
        return (*super().folders, "parts")

    def warm_up(self, encoders: Encoders) -> None:
        """As BOP; and runs."""
        super().warm_up(encoders)
        encoders.run_texts(["1"])

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """The sample, as it stands in its shard."""
        own, key = self.options, self._key(image)
        depth = image.batch.depth("png16", own.depth_scale, own.compression)
        members = {
            f"rgb.{own.image_format}": colors(image.batch, own)[image.index].data,
            "depth.png": depth.files[image.index].data,
            "camera.json": line(image_camera(image, own.depth_scale)),
            "gt.json": line(gt_entries(image, self.placed)),
            "gt_info.json": line(gt_info(image, own.depth_scale, own.compression)),
            "mask.json": _masks(image, image.batch.amodal_run_texts()),
            "mask_visib.json": _masks(image, image.batch.run_texts()),
        }
        return {part_name(image.id): Content(tar_members(key, members))}

    def record(self, image: LabelledImage) -> Any:
        """The name of the sample."""
        return self._key(image)

    def _key(self, image: LabelledImage) -> str:
        """Scene and image, as BOP numbers them."""
        return f"{Path(self._scene(image)).name}_{self._number(image):06d}"

    def assemble(self, dataset: Assembly) -> None:
        """The shards, which take the samples in; for each folder of them, which shard has which sample."""
        own = self.options
        write_shards(
            dataset,
            own.samples_per_shard,
            lambda split, number, count: f"{split or own.folder}/shard-{number:06d}.tar",
            self.tables[:1],
            tar_end,
        )
        keys = {found.id: found.value for found in dataset.lines()}
        places: dict[str, dict[str, int]] = defaultdict(dict)
        for shard in shards_of(dataset.folder):
            folder, _, name = shard.file.rpartition("/")
            number = int(name.removeprefix("shard-").removesuffix(".tar"))
            places[folder].update((keys[image], number) for image in shard.ids)
        for folder, shard_of in places.items():
            with dataset.file(f"{folder}/key_to_shard.json") as file:
                file.write(dumps(shard_of).encode() + b"\n")
        self._describe(dataset)

    def spans(self, folder: Path) -> Mapping[str, Span]:
        """Where the samples lie in the shards."""
        return spans_of(folder, shards_of(folder))


def _masks(image: LabelledImage, runs: Sequence[bytes]) -> bytes:
    """{place in gt.json: run lengths}, uncompressed: not every reader knows the compressed form."""
    size = b"[%d,%d]" % (image.camera.height, image.camera.width)
    own = [runs[row] for row in image.rows.tolist()]
    masks = (b'"%d":{"counts":%s,"size":%s}' % (place, counts, size) for place, counts in enumerate(own))
    return b"{%s}" % b",".join(masks)
