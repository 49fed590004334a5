"""The writer ``basic_writer``: the files of Replicator's own BasicWriter, for tools that read those."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from pydantic import Field, model_validator

from replicator_dr.plugins import WriterPlugin
from replicator_dr.rep import inside_isaac_sim
from replicator_dr.spec.model import fault, faults


class BasicWriter(WriterPlugin):
    """Replicator's BasicWriter: a file of each annotator for each frame; options have its names and defaults.

    It keeps no journal: runs over other frames into the same folder add their files, the same frames replace theirs.
    """

    rgb: bool = False
    """Colours, as images."""
    bounding_box_2d_tight: bool = False
    """Boxes of visible pixels: an array, labels, prims."""
    bounding_box_2d_loose: bool = False
    """Boxes of whole objects inside the image, likewise."""
    bounding_box_3d: bool = False
    """Boxes in space, likewise."""
    semantic_segmentation: bool = False
    """Classes, as PNG, and what its colours or numbers mean."""
    instance_segmentation: bool = False
    """Labelled objects, likewise."""
    instance_id_segmentation: bool = False
    """Prims, likewise."""
    distance_to_camera: bool = False
    """Distance from the camera [m], as an array."""
    distance_to_image_plane: bool = False
    """Depth along the optical axis [m], as an array."""
    occlusion: bool = False
    """Which share of each object others hide, as an array."""
    normals: bool = False
    """Normals, as an image."""
    motion_vectors: bool = False
    """How each pixel has moved since the previous frame [pixels], as an array."""
    camera_params: bool = False
    """Cameras, as JSON."""
    pointcloud: bool = False
    """Points of labelled prims, their colours, normals, classes and instances, as arrays."""
    pointcloud_include_unlabelled: bool = False
    """Points of the other prims, too."""
    skeleton_data: bool = False
    """Skeletons: on Isaac Sim only."""
    semantic_types: tuple[str, ...] | None = None
    """The types of label that count; ``class`` by default."""
    semantic_filter_predicate: str | None = None
    """Instead of those, Replicator's filter, such as ``class:box|mug``."""
    image_output_format: Literal["png", "jpg", "jpeg"] = "png"
    """Of colours and normals."""
    colorize_semantic_segmentation: bool = True
    """Classes as colours rather than 16-bit numbers."""
    colorize_instance_segmentation: bool = True
    """Objects likewise."""
    colorize_instance_id_segmentation: bool = True
    """Prims likewise."""
    colorize_depth: bool = False
    """Pictures beside the arrays of distances."""
    frame_padding: int = Field(default=4, ge=1, le=12)
    """Digits of the frame number in file names."""
    use_common_output_dir: bool = False
    """With several render products, ``<annotator>/<product>_<file>`` rather than ``<product>/<annotator>/<file>``."""

    @model_validator(mode="after")
    def _something_is_written(self) -> BasicWriter:
        found = []
        if not any(getattr(self, name) for name in _ANNOTATORS):
            found.append(fault("nothing is written", f"switch on some of: {', '.join(_ANNOTATORS)}"))
        if self.semantic_types is not None and self.semantic_filter_predicate is not None:
            found.append(fault("semantic_types and semantic_filter_predicate exclude each other", "give one"))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> Any:
        """The runtime's own writer, initialised."""
        # Kit does not say which frame it is: there files are numbered as they come.
        if inside_isaac_sim():
            writer = rep.WriterRegistry.get("BasicWriter")
        else:
            kind: Any = _by_frame(rep.BasicWriter)
            writer = kind.__new__(kind)  # as the registry does it: arguments come with initialize
        options = self.model_dump(exclude={"output_dir"}, exclude_none=True)
        if self.semantic_types is not None:
            options["semantic_types"] = list(self.semantic_types)
        # Relative folders of Replicator's writers lie elsewhere.
        writer.initialize(output_dir=str(Path(self.output_dir).expanduser().absolute()), **options)
        return writer


_ANNOTATORS = (
    "rgb", "bounding_box_2d_tight", "bounding_box_2d_loose", "bounding_box_3d", "semantic_segmentation",
    "instance_segmentation", "instance_id_segmentation", "distance_to_camera", "distance_to_image_plane", "occlusion",
    "normals", "motion_vectors", "camera_params", "pointcloud", "skeleton_data",
)  # fmt: skip


@cache
def _by_frame(base: type[Any]) -> type[Any]:
    """The same writer with files numbered by frame, so that a run may be continued, or made in parts."""

    def write(self: Any, data: Mapping[str, Any]) -> None:
        self._frame_id = int(data["frame"])
        base.write(self, data)

    return type(base.__name__, (base,), {"write": write, "__doc__": base.__doc__, "__module__": __name__})
