"""focus: cameras that are sharp where something is."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Number, Target


class Focus(RandomizerPlugin):
    """Set the focus distance of cameras to a target, wherever it and they are; ``f_stop`` says how shallow it is.

    What counts is the distance along the optical axis. On Isaac Sim in stepped mode, as Replicator has no such node.
    Runs last.
    """

    family: ClassVar[str] = "cameras"
    order: ClassVar[int] = 4

    cameras: Cameras
    """What is focused."""
    target: Target
    """A point [m], or an item: the middle of its box."""
    offset: Number = 0.0
    """Metres behind the target, negative before it, that are sharp: autofocus errs."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.focus of our own."""
        for target in context.targets("cameras"):
            rep.randomizer.focus(
                target=context.draw("target", target),
                offset=context.draw("offset", target),
                input_prims=target.item,
            )
