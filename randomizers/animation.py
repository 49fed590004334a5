"""animation: at which moment of its animation a character is seen."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Number, Prims


class Animation(RandomizerPlugin):
    """Show assets with skeletons (UsdSkel) at other times of their animation: each copy draws for itself.

    Meshes, keypoints at joints and all other labels follow. Without this entry they stand in the animation's first
    pose. On Isaac Sim in stepped mode, which authors the pose of each frame.
    """

    family: ClassVar[str] = "geometry"

    prims: Prims
    """What is animated."""
    time: Number | None = None
    """Seconds on the asset's time line, held at the ends of the animation; by default even over all of it."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.animation for each item."""
        for target in context.targets("prims"):
            rep.randomizer.animation(
                time=None if self.time is None else context.draw("time", target),
                seed=context.seed("share", target),
                record=None if self.time is not None else context.record_name("time", target),
                input_prims=target.item,
            )
