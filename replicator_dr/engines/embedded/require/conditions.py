"""Conditions on frames: what is measured of each labelled object in each image, and how far it is from its bounds.

B frames, V views (a camera at a size), E labelled objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.require.label_images import Seen
from replicator_dr.engines.embedded.scene.entity_boxes import entity_boxes
from replicator_dr.engines.embedded.scene.state import FrameState, LabelTables, Scene
from replicator_dr.errors import EngineError
from replicator_dr.optics.outside import outside_share
from replicator_dr.render.scene import EntityTable, SceneArrays

Float64 = NDArray[np.float64]


POSES = ("distance", "camera_clear", "view_clear")
"""What is measured without an image."""


@dataclass(frozen=True)
class Condition:
    """One thing that is required of a frame.

    name: ``require[0].visible_fraction``. where: file, line and column; empty where it was not read from a file. asked:
    what it asks for, in words. kind: a key of IMAGES, "count", "draws" or one of POSES. prims: paths, each of which
    stands for the labelled prims at and below it; None for all there are. least, most: bounds of the value, infinite
    for none. cameras: paths of the Camera prims that are asked. any_prim, any_view: whether one is enough. min_pixels:
    visible pixels from which an object is counted. draws: of the kind "draws", the truth of a frame's draws.
    """

    name: str
    where: str
    asked: str
    kind: str
    prims: tuple[str, ...] | None
    cameras: tuple[str, ...]
    least: float
    most: float
    any_prim: bool = False
    any_view: bool = False
    min_pixels: int = 1
    draws: Distribution | None = None

    @property
    def place(self) -> str:
        """Where it stands, and its name."""
        return f"{self.where} {self.name}".strip()

    @property
    def needs_images(self) -> bool:
        """Whether it is asked of rendered labels; others follow from poses and shapes alone, or from draws."""
        return self.kind not in (*POSES, "draws")

    def entities(self, labels: LabelTables) -> NDArray[np.intp]:
        """Rows of the labelled prims that it is about. EngineError where there are none."""
        if self.draws is not None:
            return np.zeros(0, np.intp)
        chosen = None if self.prims is None else set(self.prims)
        rows = [row for row, path in enumerate(labels.entity_paths) if chosen is None or at_or_below(path, chosen)]
        if not rows:
            raise EngineError(
                f"{self.place}: none of its prims has a label; give them semantics, such as {{class: part}}"
            )
        return np.array(rows, np.intp)


def at_or_below(path: str, chosen: set[str]) -> bool:
    """Whether a prim, or one above it, is among those chosen."""
    while path:
        if path in chosen:
            return True
        path = path.rpartition("/")[0]
    return False


@dataclass(frozen=True)
class Judged:
    """One condition over B frames, (B,), or K of them, (B, K).

    off: float64, how far the value that decides lies outside the bounds, 0 where the condition is met, inf where there
    is no object to meet it, nan where it was not asked. value: float64, that value; nan where there is none.
    """

    off: Float64
    value: Float64

    def put(self, rows: NDArray[np.intp] | slice, column: int, one: Judged) -> None:
        """Set one of K conditions in some frames."""
        self.off[rows, column], self.value[rows, column] = one.off, one.value


def present(scene: SceneArrays, state: FrameState) -> NDArray[np.bool_]:
    """(B, E) bool: labelled objects of which anything is drawn in the frame, wherever it stands."""
    owned = scene.part_entity >= 0
    drawn = np.zeros((len(state), scene.entities), np.bool_)
    rows, parts = np.nonzero(state.arrays.part_drawn[:, owned])
    drawn[rows, scene.part_entity[owned][parts]] = True
    return drawn & (state.entity_labels >= 0)


def judge(condition: Condition, values: Float64, there: NDArray[np.bool_]) -> Judged:
    """Compare what was measured with the bounds.

    values: (B, V, N), of the condition's cameras and prims. there: (B, N) bool, the prims that the frame has; others
    neither meet a condition nor fail it. For a count, N = 1. What each prim or camera must meet is decided by the worst
    of them, what any of them may meet by the best; each comes before any.
    """
    off = np.maximum(np.maximum(condition.least - values, values - condition.most), 0.0)
    absent = np.broadcast_to(~there[:, None, :], off.shape)
    off = np.where(absent, np.inf if condition.any_prim else -np.inf, off)
    values = np.where(absent, np.nan, values)
    axes = [(1, condition.any_view), (2, condition.any_prim)]
    for axis, best in sorted(axes, key=lambda entry: not entry[1]):
        decides = (off.argmin if best else off.argmax)(axis=axis, keepdims=True)
        off, values = (np.take_along_axis(array, decides, axis=axis) for array in (off, values))
    return Judged(np.maximum(off[:, 0, 0], 0.0), values[:, 0, 0])


def of_draws(condition: Condition, seed: int, moment: NDArray[np.int64]) -> Judged:
    """A condition on the draws of (B,) moments: 0 off where it is met, 1 where it is not."""
    assert condition.draws is not None
    met = condition.draws.sample(seed, moment, 1, None)[:, 0, 0] != 0.0
    return Judged(np.where(met, 0.0, 1.0), np.full(len(moment), np.nan))


# size: (B, 1, 2) float64, width and height of the images [pixels].


def visible_fraction(table: EntityTable, size: Float64) -> Float64:  # noqa: ARG001 - all measures are called alike
    """(B, E): visible by amodal pixels, 0 for objects outside the image."""
    return table.visible / np.maximum(table.amodal, 1)


def visible_pixels(table: EntityTable, size: Float64) -> Float64:  # noqa: ARG001
    """(B, E): pixels that show the object."""
    return table.visible.astype(np.float64)


def truncation(table: EntityTable, size: Float64) -> Float64:
    """(B, E): share of the box around the projection that lies outside the image; 1 for what is not in view at all."""
    extent = np.nan_to_num(table.extent.astype(np.float64), posinf=0.0, neginf=0.0)
    in_view = np.isfinite(table.extent).all(axis=-1)
    return np.where(in_view, outside_share(extent, size), 1.0)


IMAGES: Mapping[str, Callable[[EntityTable, Float64], Float64]] = MappingProxyType(
    {"visible_fraction": visible_fraction, "pixels": visible_pixels, "truncation": truncation}
)
"""What is measured in images, a value for each object."""


def measured(condition: Condition, seen: Seen, rows: NDArray[np.intp], there: NDArray[np.bool_]) -> Float64:
    """(B, N) values of one image for a condition. rows: its prims. there: (B, len(rows)) bool."""
    table = seen.table
    if condition.kind == "count":
        counted = (table.visible[:, rows] >= condition.min_pixels) & there
        return counted.sum(axis=1, keepdims=True).astype(np.float64)
    return IMAGES[condition.kind](table, seen.size[:, None])[:, rows]


def distances(scene: Scene, state: FrameState, rows: NDArray[np.intp], camera: int) -> Float64:
    """(B, N) [m]: from a camera to the middle of each object's box. rows: the prims."""
    middle = np.ones((len(state), len(rows), 4))
    middle[..., :3] = entity_boxes(scene, state)[:, rows].astype(np.float64).mean(axis=2)
    world = np.einsum("bnj,bnjk->bnk", middle, state.entity_world[:, rows])[..., :3]
    eye = state.arrays.cameras.world[:, camera, 3, :3]
    return np.linalg.norm(world - eye[:, None, :], axis=-1)
