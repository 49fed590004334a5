"""What every loader's objects are turned into, and what a frame truly shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.plugins import WriterPlugin
from tests.conformance.awkward import category_of

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Seen:
    """An object in an image. box: left, top, right, bottom edges [pixels]. mask: (H, W).

    whole_box: the same of the whole object inside the image, hidden or not. Loaders leave out what they do not have.
    """

    category: str
    box: Box | None = None
    mask: NDArray[np.bool_] | None = None
    whole_box: Box | None = None
    path: str = ""


Frames = dict[int, list[Seen]]
"""By the frame's number; frames that show nothing are there too."""


def bounds(mask: NDArray[np.bool_]) -> Box:
    """The edges of a mask's box."""
    rows, columns = np.nonzero(mask)
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


@dataclass
class Truth:
    """What the runtime's own annotators show. ids: (H, W) instances by frame, paths: of these by frame."""

    ids: dict[int, NDArray[np.uint32]] = field(default_factory=dict)
    paths: dict[int, dict[int, str]] = field(default_factory=dict)
    depth: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    loose: dict[int, dict[str, Box]] = field(default_factory=dict)

    def frames(self) -> Frames:
        """The objects that have a category, by the scene's table."""
        return {number: self._objects(number) for number in sorted(self.ids)}

    def _objects(self, number: int) -> list[Seen]:
        found = []
        for instance, path in self.paths[number].items():
            mask = self.ids[number] == instance
            if (category := category_of(path)) is not None and mask.any():
                found.append(Seen(category, bounds(mask), mask, self.loose[number][path], path))
        return found


class WatchTruth(WriterPlugin):
    """A writer of the run that keeps in memory what annotators give."""

    truth: ClassVar[Truth]

    def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> Any:
        truth = Truth()
        type(self).truth = truth

        class Watch(rep.Writer):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                registry = rep.annotators
                self.annotators = [
                    registry.get("instance_segmentation", init_params={"colorize": False}),
                    registry.get("distance_to_image_plane"),
                    registry.get("bounding_box_2d_loose"),
                ]

            def write(self, data: dict[str, Any]) -> None:
                frame = int(data["frame"])
                seen = data["instance_segmentation"]
                truth.ids[frame] = np.array(seen["data"])
                tables = {int(key): str(path) for key, path in seen["info"]["idToLabels"].items()}
                truth.paths[frame] = {key: path for key, path in tables.items() if path.startswith("/")}
                truth.depth[frame] = np.array(data["distance_to_image_plane"])
                boxes = data["bounding_box_2d_loose"]
                truth.loose[frame] = {
                    str(path): (float(row["x_min"]), float(row["y_min"]), row["x_max"] + 1.0, row["y_max"] + 1.0)
                    for path, row in zip(boxes["info"]["primPaths"], boxes["data"], strict=True)
                }

        return Watch()
