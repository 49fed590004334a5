"""What an evaluated graph hands on: the compiled scene, its label tables, and the state of a batch of frames.

B = frames of a batch, C = cameras, E = labelled entities, P = parts (see ``render/scene.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.pool.identity import uid
from replicator_dr.render.moment import Moment
from replicator_dr.render.scene import FrameArrays, SceneArrays
from replicator_dr.render.skin import Skin


@dataclass(frozen=True)
class LabelTables:
    """Which prims can be told apart in the images, and which labels they may carry.

    prim_paths: leaf prims, the rows that ``SceneArrays.part_prim`` points to. entity_paths: labelled prims, the rows of
    ``part_entity``, in the order of a stage traversal. entity_bounds: (E, 2, 3) float32 [m], minimum and maximum of the
    entity's visible geometry at rest, in the entity prim's local frame; zeros where it has none. label_sets: distinct
    labels, lower case, ``{type: "a"}`` or ``{type: "a,b"}``, inherited ones joined; ``FrameState.entity_labels`` points
    here.
    """

    prim_paths: tuple[str, ...]
    entity_paths: tuple[str, ...]
    entity_bounds: NDArray[np.float32]
    label_sets: tuple[dict[str, str], ...]

    @cached_property
    def entity_uids(self) -> tuple[int, ...]:
        """The labelled prims' identities, see ``pool.identity.uid``."""
        return tuple(uid(path) for path in self.entity_paths)


@dataclass(frozen=True)
class KeypointSet:
    """Keypoints that objects of a kind have. skeleton: bones, as pairs of numbers in names."""

    names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class KeypointTables:
    """The Q keypoints of all labelled prims, one object after the other.

    entity: (Q,) row of the labelled prim. of_set, index: (Q,) which of ``sets``, and which keypoint of it. holder: (Q,)
    column of ``FrameState.keypoint_world``, the frame of point, (Q, 3). tolerance: (Q,) in that frame, nan where none
    is authored; share: (Q,) instead of it, in the labelled prim's frame. parts, entities: (U, P) and (U, E) bool, what
    belongs to each of the U prims that have keypoints, labelled things below it too; owner: (Q,) row of them. body:
    (Q,) the body that the keypoint is deformed with, -1 = none; to_body: (Q, 4, 4) from the holder's frame to its.
    """

    sets: tuple[KeypointSet, ...]
    entity: NDArray[np.int32]
    of_set: NDArray[np.int32]
    index: NDArray[np.int32]
    holder: NDArray[np.int32]
    point: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    share: NDArray[np.float64]
    parts: NDArray[np.bool_]
    entities: NDArray[np.bool_]
    owner: NDArray[np.int32]
    body: NDArray[np.int32]
    to_body: NDArray[np.float64]


@dataclass(frozen=True)
class BoxTables:
    """Boxes of N pairs of a labelled prim and a part at or below it, for prims whose box is not the same in all frames.

    entity, part: (N,). box: (N, 2, 3) float64, of the part at rest in the entity's frame. cloud: (M,), the pairs whose
    parts are deformed; to_entity: (M, 4, 4), from the bodies' frames to the entities' at rest. points, skins: M of
    them, the parts' vertices (V, 3) float32 and what joints do to them. cloud_moves: (M,), which of them move in the
    entity's frame besides. rigid: (L,), the pairs whose parts only move there; rigid_points: L of them, (V, 3) float32.
    """

    entity: NDArray[np.int32]
    part: NDArray[np.int32]
    box: NDArray[np.float64]
    cloud: NDArray[np.int32]
    to_entity: NDArray[np.float64]
    points: tuple[NDArray[np.float32], ...]
    skins: tuple[Skin | None, ...]
    cloud_moves: NDArray[np.bool_]
    rigid: NDArray[np.int32]
    rigid_points: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class Scene:
    """The constant half of a compiled stage.

    camera_paths: (C,) Camera prims, the columns of ``CameraArrays``. keypoints: None where nothing labelled has any.
    pairs: (left, right) columns of stereo pairs. boxes: None where all labelled prims keep their boxes.
    """

    arrays: SceneArrays
    labels: LabelTables
    camera_paths: tuple[str, ...]
    keypoints: KeypointTables | None = None
    pairs: tuple[tuple[int, int], ...] = ()
    boxes: BoxTables | None = None


@dataclass(frozen=True)
class FrameState:
    """What varies, for a batch of B frames.

    frames: (B,) int64, their numbers. arrays: what the renderer needs. entity_world: (B, E, 4, 4) float64, local to
    world of each labelled prim, for row vectors. entity_labels: (B, E) int32, row of ``LabelTables.label_sets``, -1
    where the prim carries no label in that frame. draws: samples of each distribution that has a name, (B, n, k)
    float64, or (B, n) object arrays where it chooses among paths or other things; a distribution that feeds nothing is
    absent. trigger_counts: executions of each trigger up to and including the frame, (B,) int64; 0 = not yet fired.
    keypoint_world: (B, n, 4, 4) float64, local to world of each prim that holds keypoints. neighbours: where everything
    stands one frame earlier (-1) and later (1), where it was asked for.
    """

    frames: NDArray[np.int64]
    arrays: FrameArrays
    entity_world: NDArray[np.float64]
    entity_labels: NDArray[np.int32]
    draws: dict[str, NDArray[Any]]
    trigger_counts: dict[str, NDArray[np.int64]]
    keypoint_world: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0, 4, 4)))
    neighbours: Mapping[int, Moment] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frames)
