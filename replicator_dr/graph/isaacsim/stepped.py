"""Stepped mode: draws of ours, applied to Kit's stage frame by frame.

The embedded graph says what each frame is; its values are authored over what the spec created, and Replicator captures
one frame. So the numbers are those of the embedded runtime, a run may start at any frame, and environments side by side
show several frames at once: frame t * num_envs + e is environment e at tick t.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.usd.stage import ROOT
from replicator_dr.engines.isaacsim.environments import Environment, clone, environments, global_lights
from replicator_dr.engines.isaacsim.layers import Overlay, mirror
from replicator_dr.engines.isaacsim.older_labels import add_older_labels, labelled_in
from replicator_dr.engines.isaacsim.versions import Release
from replicator_dr.errors import EngineError
from replicator_dr.graph.isaacsim.kit_session import KitSession, Shown
from replicator_dr.graph.isaacsim.sampler import Sampler
from replicator_dr.graph.renderer import set_renderer
from replicator_dr.pool.identity import Entities
from replicator_dr.pool.layout import View
from replicator_dr.spec import Spec
from replicator_dr.spec.existing import Existing

if TYPE_CHECKING:
    from typing import Any

    from pxr import Usd

    from replicator_dr.engines.embedded.scene.state import FrameState, Scene

_ALONE = Environment(0, "", (0.0, 0.0, 0.0))


class SteppedSession(KitSession):
    """A spec on Isaac Sim, frame by frame."""

    mode = "stepped"

    def __init__(self, spec: Spec, stage: Usd.Stage, release: Release) -> None:
        super().__init__(spec, stage, release)
        shared = [name for name, item in spec.create.items() if isinstance(item, Existing)]
        if spec.num_envs > 1 and shared:
            raise EngineError(
                f"create.{shared[0]} stands on the stage, once for all environments; create it in the spec, or use "
                "num_envs: 1"
            )
        self._sampler = Sampler(spec, stage)
        set_renderer(self.core, spec.renderer)
        self._places = environments(spec.num_envs, spec.env_spacing) if spec.num_envs > 1 else (_ALONE,)
        self._overlay = self._show_scene()
        self._boxes: dict[int, NDArray[np.float32]] = {}

    def _show_scene(self) -> Overlay:
        """Put what the spec creates on Kit's stage, once for each environment."""
        from pxr import Sdf, UsdGeom

        scene = self._sampler.scene_layer
        if self._places != (_ALONE,):
            scene = Sdf.Layer.CreateAnonymous("replicator_dr_envs.usda")
            lights = global_lights(self._sampler.stage, ROOT)
            unit = UsdGeom.GetStageMetersPerUnit(self.stage)
            clone(self._sampler.scene_layer, ROOT, scene, self._places, lights, unit)
        overlay = Overlay(self.stage, scene)
        if not self.release.labels_api:
            add_older_labels(self.stage, scene, self.stage.Traverse())
        return overlay

    def attach(self, writers: Sequence[Any]) -> None:
        """As for both modes; the writers learn which labels may occur, as on the embedded runtime."""
        for writer in writers:
            writer.label_sets = self._sampler.label_sets
        super().attach(writers)

    def views(self) -> list[tuple[bool | None, list[View]]]:
        """Each environment's copies of the spec's views."""
        return [
            (entry.tiled, [_view_in(view, place) for place in self._places for view in views])
            for entry, views in self._sampler.entries
        ]

    def entities(self) -> Entities:
        """As the embedded runtime numbers them."""
        labels = self._sampler.scene().labels
        return Entities(labels.entity_paths, labels.entity_bounds, self._boxes)

    def show(self, frames: Sequence[int]) -> Shown:
        """Author the frames' values, each in its environment."""
        from pxr import Sdf

        told = []
        for row, frame in enumerate(frames):
            place = self._places[frame % self.width]
            values = self._sampler.frame_layer(frame)
            if (boxes := self._sampler.boxes(frame)) is not None:
                self._boxes[place.index] = boxes
            told.append(self._sampler.told(frame))
            with Sdf.ChangeBlock():
                mirror(values, ROOT, self._overlay.frame, place.path or ROOT)
                if row == 0:
                    for path in [prim.path for prim in values.rootPrims if prim.path != Sdf.Path(ROOT)]:
                        mirror(values, str(path), self._overlay.frame, str(path))
        if not self.release.labels_api:
            add_older_labels(self.stage, self._overlay.frame, labelled_in(self.stage, self._overlay.frame))
        return told

    def sample(self, frames: Sequence[int]) -> FrameState:
        """Evaluate the graph."""
        return self._sampler.sample(frames)

    def scene(self) -> Scene:
        """The compiled stage."""
        return self._sampler.scene()

    def close(self) -> None:
        """As for both modes; what was created leaves the stage."""
        super().close()
        self._overlay.remove()


def _view_in(view: View, place: Environment) -> View:
    """The view's copy in an environment."""
    if not place.path:
        return view
    if not view.camera.startswith(f"{ROOT}/"):
        message = f"camera {view.camera} stands on the stage, not in the environments"
        raise EngineError(f"{message}; create it in the spec, or use num_envs: 1")
    camera = place.path + view.camera.removeprefix(ROOT)
    return View(view.name, camera, view.resolution, place.index, place.path, place.origin)
