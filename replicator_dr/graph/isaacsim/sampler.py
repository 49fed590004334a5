"""The embedded graph of a spec, used inside Isaac Sim for its numbers alone: nothing is rendered with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.own import register
from replicator_dr.engines.embedded.products import camera_path
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.engines.embedded.usd.frame_layer import frame_layer
from replicator_dr.engines.embedded.usd.stage import ROOT, new_stage
from replicator_dr.errors import RequirementError
from replicator_dr.graph.build import Entry, build, views_of
from replicator_dr.graph.requirements import requirements_of
from replicator_dr.spec import Spec

if TYPE_CHECKING:
    from pxr import Sdf, Usd

    from replicator_dr.engines.embedded.evaluation import Values
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene


FIRST_WINDOW = 4
"""Frames sampled at first, so that a preview does not wait for frames that no one asks for, each a fall of objects."""
WINDOW = 64
"""Frames sampled at a time, once a run has doubled the first so often."""
REQUIRED_WINDOW = 8
"""The same where frames must meet requirements, which takes several draws and images of each."""


class Sampler:
    """A spec's graph over a stage that mirrors Kit's.

    scene_layer: what the spec creates, alone, below ``ROOT``. base: Kit's stage, which lies under it: a spec may refer
    to what stands there.
    """

    def __init__(self, spec: Spec, base: Usd.Stage) -> None:
        from pxr import Sdf

        self.scene_layer: Sdf.Layer = Sdf.Layer.CreateAnonymous("replicator_dr_scene.usda")
        self._runtime = Runtime()
        self._window: Values | None = None
        self._boxes: tuple[Values, NDArray[np.float32]] | None = None
        self._runtime.replace_stage(over(base, self.scene_layer))
        with activate(self._runtime):
            register(api)
            self.built = build(api, spec, self._runtime.stage)
            self.entries: list[Entry] = views_of(self.built)
            self._require()

    def _require(self) -> None:
        """Have frames meet the spec's conditions, on labels that the embedded renderer draws of the mirror.

        So they are those of the embedded runtime, whatever the products of Isaac Sim can tell.
        """
        self._runtime.requirements = requirements_of(self.built)
        for view in [view for _, views in self.entries for view in views] if self._runtime.requirements else ():
            camera = camera_path(self._runtime.stage, view.camera)
            self._runtime.products.add((camera,), view.resolution, name=view.name)

    @property
    def stage(self) -> Usd.Stage:
        """The mirror."""
        return self._runtime.stage

    def sample(self, frames: Sequence[int]) -> FrameState:
        """What varies at those frames."""
        with activate(self._runtime):
            return self._runtime.evaluate(np.asarray(frames, dtype=np.int64))

    def scene(self) -> Scene:
        """What stays the same."""
        with activate(self._runtime):
            return self._runtime.scene()

    def label_sets(self) -> tuple[dict[str, str], ...]:
        """Every set of labels that may occur, as the embedded runtime's writers are told."""
        return self.scene().labels.label_sets

    def frame_layer(self, frame: int) -> Sdf.Layer:
        """A frame's values as overs; the layer is reused by the next call."""
        with activate(self._runtime):
            values = self._ahead(frame)
            self._runtime.write_back(values, frame - int(values.frames[0]))
        return frame_layer(self._runtime.stage)

    def boxes(self, frame: int) -> NDArray[np.float32] | None:
        """(E, 2, 3): boxes of labelled prims in their own frames in a frame, None where they keep those at rest."""
        from replicator_dr.engines.embedded.scene.entity_boxes import entity_boxes

        with activate(self._runtime):
            scene, values = self._runtime.scene(), self._ahead(frame)
            if scene.boxes is None:
                return None
            if self._boxes is None or self._boxes[0] is not values:
                self._boxes = values, entity_boxes(scene, self._runtime.state_of(values))
        found: NDArray[np.float32] = self._boxes[1][frame - int(values.frames[0])]
        return found

    def told(self, frame: int) -> dict[str, Any]:
        """What a writer's payload says of a frame beside its pictures: draws, and executions of triggers."""
        with activate(self._runtime):
            values = self._ahead(frame)
        row = frame - int(values.frames[0])
        return {
            "trigger_outputs": {name: int(count[row]) for name, count in values.trigger_counts.items()},
            "distribution_outputs": {name: np.asarray(draw[row]).tolist() for name, draw in values.draws.items()},
        }

    def _ahead(self, frame: int) -> Values:
        """The values of a window of frames that holds ``frame``: many cost little more than one.

        Where a window goes on from the one before, it is twice as long.
        """
        known = self._window
        if known is not None and known.plan is self._runtime.plan() and frame in known.frames:
            return known
        width = 2 * len(known.frames) if known is not None and frame == known.frames[-1] + 1 else FIRST_WINDOW
        width = min(width, REQUIRED_WINDOW if self._runtime.requirements else WINDOW)
        known = self._window = self._values(frame, frame + width)
        return known

    def _values(self, first: int, end: int) -> Values:
        """The values of a range of frames, cut short where a later one cannot meet what is required."""
        try:
            return self._runtime.values(np.arange(first, end, dtype=np.int64))
        except RequirementError as error:
            if error.frame == first:
                raise
            return self._values(first, error.frame)


def over(base: Usd.Stage, scene: Sdf.Layer) -> Usd.Stage:
    """A stage of ``scene`` over what ``base`` shows; everything is authored into ``scene``."""
    from pxr import UsdGeom

    stage = new_stage(UsdGeom.GetStageUpAxis(base), UsdGeom.GetStageMetersPerUnit(base))
    stage.GetRootLayer().subLayerPaths = [scene.identifier, base.GetRootLayer().identifier]
    stage.SetEditTarget(scene)
    stage.DefinePrim(ROOT, "Scope")
    return stage
