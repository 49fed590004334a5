"""The writer ``bop``: 6D poses in the layout of the BOP challenge, scene by scene."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.errors import OutputError, UnsupportedError
from replicator_dr.labels.content import Content
from replicator_dr.labels.depth import depth_description
from replicator_dr.labels.encoders import Encoders
from replicator_dr.labels.images import AMODAL, DEPTH, RGB, SILHOUETTE
from replicator_dr.storage.atomic import make_folder, write_file
from replicator_dr.storage.json_numbers import dumps
from writers.bop_images import gt_entries, gt_info, image_camera, masks
from writers.bop_models import Placed, model_info, models_of, ply_text
from writers.bop_symmetries import Symmetry, symmetry_keys
from writers.bop_tables import write_camera, write_scenes

MODELS = "models"


class Bop(DatasetPlugin):
    """BOP: RGB, 16-bit depth, masks of each instance, 6D poses, and the objects' models. Embedded runtime only."""

    folder: str = Field(default="train_pbr", pattern=r"^[A-Za-z0-9_-]+$")
    """The folder of the scenes, where there are no ``splits``; with them it is the split's name."""
    depth_scale: float = Field(default=0.1, gt=0.0, le=1000.0)
    """Millimetres per step of the 16-bit depth: 0.1 reaches 6.55 m, 1.0 reaches 65.5 m; beyond is stored as 0."""
    frames_per_scene: int = Field(default=1000, ge=1, le=1_000_000)
    """Frames of a scene; each camera has scenes of its own."""
    distortion: Literal["refuse", "record"] = "refuse"
    """Lenses that distort, which BOP does not know, are an error, or recorded: a key ``distortion`` beside ``cam_K``,
    with OpenCV's model and coefficients. The challenge's own tools ignore it and take such images for undistorted."""
    symmetries: dict[str, Symmetry] = {}  # noqa: RUF012 - pydantic copies it
    """Symmetries of the objects, by category: ``{can: {axes: [[0, 0, 1]]}, box: {rotations: [[0, 0, 180]]}}``."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return BopFormat(self)


@dataclass(frozen=True)
class BopFormat(DatasetFormat):
    """After thodan/bop_toolkit, docs/bop_datasets_format.md: what is the format's is said there.

    placed: {instance: the model that it shows}, known once the runtime is.
    """

    options: Bop
    placed: Mapping[int, Placed] = field(default_factory=dict)

    annotators = (RGB, DEPTH)
    optional = (AMODAL, SILHOUETTE)
    tables: ClassVar[tuple[str, ...]] = ("camera.json", "dataset_info.md")
    needs_hidden_parts: ClassVar[bool] = True

    @property
    def folders(self) -> tuple[str, ...]:  # type: ignore[override]
        """Models, and the scenes' folders."""
        return (MODELS, *(self.options.splits or (self.options.folder,)))

    @property
    def lens_refusal(self) -> str:
        """BOP knows no distortion; it can be recorded beside what it knows."""
        if self.options.distortion == "record":
            return ""
        return "BOP cannot describe it: write without one, in another format, or with distortion: record"

    def opened(self, writer: Any, folder: Path, categories: Sequence[str] | None) -> DatasetFormat:
        """Write the models. UnsupportedError where the runtime cannot give them."""
        if not hasattr(writer, "rigid_objects") or categories is None:
            raise UnsupportedError(
                "bop needs the meshes of the scene, which only the embedded runtime gives; use --engine embedded, or "
                "another writer"
            )
        models, placed = models_of(writer.rigid_objects(), self.options.label_type, categories)
        make_folder(folder / MODELS)
        for model in models:
            write_file(folder / MODELS / f"obj_{model.number:06d}.ply", ply_text(model))
        keys = {name: symmetry_keys(one) for name, one in self.options.symmetries.items()}
        infos = {str(one.number): model_info(one, keys.get(one.category, {})) for one in models}
        write_file(folder / MODELS / "models_info.json", (dumps(infos) + "\n").encode())
        names = {str(one.number): one.category for one in models}
        write_file(folder / MODELS / "categories.json", (dumps(names) + "\n").encode())
        return replace(self, placed=placed)

    def warm_up(self, encoders: Encoders) -> None:
        """As every format; and masks."""
        super().warm_up(encoders)
        encoders.mask_files(["1"], 1, 1, self.options.compression)

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """RGB, depth, and a mask for each instance."""
        own, scene = self.options, self._scene(image)
        number = self._number(image)
        depth = image.batch.depth("png16", own.depth_scale, own.compression)
        return {
            f"{scene}/rgb/{number:06d}.png": image.batch.rgb(own.compression)[image.index],
            f"{scene}/depth/{number:06d}.png": depth.files[image.index],
            **{f"{scene}/{name}": content for name, content in masks(image, number, own.compression).items()},
        }

    def record(self, image: LabelledImage) -> Any:
        """The image's entries in the tables of its scene."""
        return {
            "scene": self._scene(image),
            "image": self._number(image),
            "size": [image.camera.width, image.camera.height],
            "scene_camera": image_camera(image, self.options.depth_scale),
            "scene_gt": gt_entries(image, self.placed),
            "scene_gt_info": gt_info(image, self.options.depth_scale, self.options.compression),
        }

    def _scene(self, image: LabelledImage) -> str:
        """The folder of an image's scene: each camera has one for every so many frames."""
        scene = image.frame // self.options.frames_per_scene * image.products + image.position
        return f"{image.split or self.options.folder}/{scene:06d}"

    def _number(self, image: LabelledImage) -> int:
        return image.frame % self.options.frames_per_scene

    def adopt(self, folder: Path, shards: Sequence[Path]) -> None:
        """Models are the same in all parts. OutputError where they are not."""
        make_folder(folder / MODELS)
        wanted = {path.name: path.read_bytes() for path in sorted((shards[0] / MODELS).iterdir())}
        for shard in shards[1:]:
            found = {path.name: path.read_bytes() for path in sorted((shard / MODELS).iterdir())}
            if found != wanted:
                raise OutputError(f"{shard} has other models than {shards[0]}: its assets differ; make both alike")
        for name in wanted:
            shutil.copyfile(shards[0] / MODELS / name, folder / MODELS / name)

    def assemble(self, dataset: Assembly) -> None:
        """The tables of every scene, camera.json, and what the numbers mean."""
        write_scenes(dataset, self.options.frames_per_scene)
        write_camera(dataset)
        self._describe(dataset)

    def _describe(self, dataset: Assembly) -> None:
        """What the numbers mean, and the models."""
        with dataset.file("dataset_info.md") as file:
            file.write(_DATASET_INFO.encode())
        for path in sorted((dataset.folder / MODELS).iterdir()):
            dataset.keep(f"{MODELS}/{path.name}")

    def description(self) -> dict[str, Any]:
        """The unit of depth."""
        return depth_description("png16", self.options.depth_scale)


_DATASET_INFO = """# Dataset in the BOP format

See https://github.com/thodan/bop_toolkit/blob/master/docs/bop_datasets_format.md. Particulars:

- Masks come from exact instance ids: visibility needs no tolerance of depth.
- `cam_K` counts pixels from the first pixel's centre, as OpenCV does.
- Poses are of the models in `models/`, whose origin is the centre of their box; millimetres.
- `scene_gt.json` lists the instances of which at least one pixel is seen, by instance id.
- Boxes are `[x, y, x_max - x_min, y_max - y_min]`, as bop_toolkit has them. `bbox_obj` and `px_count_all` count up to
  one width and height of the image beyond each border.
- `models/categories.json` names the category of each model.
"""
