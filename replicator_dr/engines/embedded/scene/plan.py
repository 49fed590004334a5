"""A compiled session: channels with their columns, the prepared effects, and the scene they vary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pxr import Usd

from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.placement.bodies import Bodies
from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.channels import (
    ANIMATION,
    CAMERA,
    DEFORM,
    FACT,
    JOINT,
    LIGHT,
    MATERIAL,
    MOTION,
    PATTERN,
    POSE,
    STATE,
    Columns,
)
from replicator_dr.engines.embedded.scene.hierarchy import Hierarchy, Tables
from replicator_dr.engines.embedded.scene.scene_bounds import Bounds
from replicator_dr.engines.embedded.scene.scene_lights import PanoramaTable
from replicator_dr.engines.embedded.scene.scene_motion import read_motion
from replicator_dr.engines.embedded.scene.scene_patterns import read_pattern
from replicator_dr.engines.embedded.scene.shaped import Shaped
from replicator_dr.engines.embedded.scene.state import Scene
from replicator_dr.engines.embedded.scene.texture_table import TextureTable
from replicator_dr.engines.embedded.skeletons.clip import Clip, read_clip
from replicator_dr.engines.embedded.skeletons.read import skeleton_of
from replicator_dr.engines.embedded.skeletons.rig import Rig
from replicator_dr.engines.embedded.triggers import Trigger
from replicator_dr.engines.embedded.usd.stage_materials import shader_of
from replicator_dr.engines.embedded.usd.stage_pose import read_pose
from replicator_dr.errors import EngineError
from replicator_dr.render.deformation import WAVELENGTH

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.effects.footprints import Footprint
    from replicator_dr.engines.embedded.scene.scene_layout import Layout

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

__all__ = ["Plan", "Tables"]


class Plan:
    """What evaluation works on. Made by ``compile.py``; constant afterwards, except for its caches.

    rest: the stage's authored values, (N, k) for each channel. layout: how tables become the renderer's arrays.
    colored: rows of materials that show display colours. painted: prims whose display colour the graph writes.
    named: distributions with a name, the trigger and the number of samples of the effect that they feed first.
    recorded: what else is recorded with a frame, by name: a channel, the columns in it, and the components. clips: the
    animations of skeletons whose pose varies, by path; rig: these skeletons, None where there are none.
    """

    scene: Scene
    layout: Layout
    rest: dict[str, Float64]
    rig: Rig | None

    def __init__(self, stage: Usd.Stage, assets: AssetCache) -> None:
        self.stage = stage
        self.assets = assets
        self.hierarchy = Hierarchy(stage)
        self.bounds = Bounds(stage, self.hierarchy, assets)
        self.textures = TextureTable(assets)
        self.panoramas = PanoramaTable()
        self.pose = Columns(POSE)
        self.visible = Columns({"visible": STATE["visible"]})
        self.binding = Columns({"binding": STATE["binding"]})
        self.labels = Columns({"labels": STATE["labels"]})
        self.lights = Columns(LIGHT)
        self.cameras = Columns(CAMERA)
        self.motion = Columns(MOTION)
        self.deform = Columns(DEFORM)
        self.deform_axis: dict[str, int] = {}
        self.animation = Columns(ANIMATION)
        self.clips: dict[str, Clip] = {}
        self.joints = Columns(JOINT)
        self.facts = Columns(FACT)
        self.materials = Columns(MATERIAL)
        self.patterns = Columns(PATTERN)
        self.colored: set[int] = set()
        self.painted: set[str] = set()
        self.label_options: dict[str, list[dict[str, tuple[str, ...]]]] = {}
        self.effects: list[Effect] = []
        self.triggers: list[Trigger] = []
        self.named: dict[str, tuple[Distribution, Trigger, int]] = {}
        self.recorded: dict[str, tuple[str, Int64, slice]] = {}
        self.bodies = Bodies()
        self.shaped: dict[str, Shaped | None] = {}
        self.ground_plans: dict[str, tuple[Float64, Footprint]] = {}
        self._base: tuple[int, Tables] | None = None

    def families(self) -> tuple[Columns, ...]:
        """All groups of columns."""
        state = (self.pose, self.visible, self.binding, self.labels)
        moved = self.motion, self.deform, self.animation, self.joints, self.facts
        return (*state, self.lights, self.cameras, *moved, self.materials, self.patterns)

    def prim(self, path: str, kind: str) -> Usd.Prim:
        """The prim at a path. Raises EngineError where there is none."""
        prim = self.stage.GetPrimAtPath(path)
        if not prim:
            raise EngineError(f"{kind}: there is no prim at {path}")
        return prim

    def pose_columns(self, paths: Sequence[str], kind: str) -> Int64:
        """Pose columns of prims, made where they are new: their poses vary from now on."""
        for path in paths:
            if path not in self.pose:
                column = self.pose.add(path, read_pose(self.prim(path, kind), kind))
                self.hierarchy.columns[path] = column
        return _columns(self.pose, paths)

    def visible_columns(self, paths: Sequence[str], kind: str) -> Int64:
        """Visibility columns of prims, made where they are new."""
        for path in paths:
            if path not in self.visible:
                attribute = self.prim(path, kind).GetAttribute("visibility")
                shown = not (attribute and attribute.Get() == "invisible")
                self.visible.add(path, {"visible": float(shown)})
        return _columns(self.visible, paths)

    def binding_columns(self, paths: Sequence[str], kind: str) -> Int64:
        """Material binding columns of prims, made where they are new; -1 at rest, which is the stage's binding."""
        for path in paths:
            if path not in self.binding:
                self.prim(path, kind)
                self.binding.add(path, {"binding": -1.0})
        return _columns(self.binding, paths)

    def motion_columns(self, paths: Sequence[str], kind: str) -> Int64:
        """Motion columns of prims, made where they are new."""
        for path in paths:
            if path not in self.motion:
                self.motion.add(path, dict(read_motion(self.prim(path, kind))))
        return _columns(self.motion, paths)

    def deform_columns(self, paths: Sequence[str], axis: int, kind: str) -> Int64:
        """Columns of the shapes of prims, made where they are new. EngineError where a prim has another axis."""
        for path in paths:
            if self.deform_axis.setdefault(path, axis) != axis:
                raise EngineError(f"{kind}: {path} is deformed along two axes; use one, or deform a part of it")
            if path not in self.deform:
                self.prim(path, kind)
                amounts, waves = np.zeros(DEFORM["deform"]), np.zeros(DEFORM["waves"])
                amounts[WAVELENGTH] = 1.0
                self.deform.add(path, {"deform": amounts, "waves": waves})
        return _columns(self.deform, paths)

    def animation_columns(self, skeletons: Sequence[str], kind: str) -> Int64:
        """Columns of the times of skeletons, made where they are new: their poses vary from now on.

        AssetError where a skeleton has no animation.
        """
        for path in skeletons:
            if path not in self.animation:
                skeleton = skeleton_of(self.prim(path, kind))
                assert skeleton is not None
                self.clips[path] = read_clip(self.stage, skeleton)
                self.animation.add(path, {"animation_time": self.clips[path].times[0]})
        return _columns(self.animation, skeletons)

    def pattern_columns(self, materials: Sequence[str], kind: str) -> Int64:
        """Pattern columns of materials, made where they are new."""
        for path in materials:
            if path not in self.patterns:
                self.patterns.add(path, read_pattern(shader_of(self.prim(path, kind))))
        return _columns(self.patterns, materials)

    def fact_column(self, name: str) -> Int64:
        """(1,): the column of a number that an effect finds out, recorded among the draws under ``name``."""
        if name not in self.facts:
            self.facts.add(name, {"fact": 0.0})
        column = _columns(self.facts, [name])
        self.recorded[name] = "fact", column, slice(0, 1)
        return column

    def watch_shapes(self, paths: Sequence[str]) -> None:
        """Keep at hand how these prims are shaped at each firing: ``shaped`` has an entry for each."""
        self.shaped.update((path, self.shaped.get(path)) for path in paths)

    def columns(self, family: Columns, paths: Sequence[str]) -> Int64:
        """Columns of prims that are known already."""
        return _columns(family, paths)

    def world(self, tables: Tables, paths: tuple[str, ...], rows: Int64 | None = None) -> Float64:
        """(R, n, 4, 4): local to world [m]."""
        anchors, offsets = self.hierarchy.group(paths)
        return self.hierarchy.worlds(tables, anchors, offsets, rows)

    def parent_world(self, tables: Tables, paths: tuple[str, ...], rows: Int64 | None = None) -> Float64:
        """(R, n, 4, 4): the frames in which the prims' own poses are written, to world [m]."""
        anchors, offsets = self.hierarchy.parent_group(paths)
        return self.hierarchy.worlds(tables, anchors, offsets, rows)

    def base(self, seed: int, make: Callable[[Plan, int], Tables]) -> Tables:
        """The tables before frame 0, made once for each seed."""
        if self._base is None or self._base[0] != seed:
            self._base = seed, make(self, seed)
        return self._base[1]

    @staticmethod
    def name_of(thing: object) -> object:
        """How a chosen thing is recorded among the draws: paths for items and prims, the value itself otherwise.

        A text that knows how it was written (a file name before it was made absolute) is recorded as written, so that
        records do not depend on where a scene is stored.
        """
        from replicator_dr.engines.embedded.targets import holds_prims, paths_of

        if isinstance(thing, str):
            return str(getattr(thing, "written", thing))
        if not holds_prims(thing):
            return thing
        paths = paths_of(thing)
        return paths[0] if len(paths) == 1 else tuple(paths)


def _columns(family: Columns, paths: Sequence[str]) -> Int64:
    return np.array([family.index[path] for path in paths], dtype=np.int64)
