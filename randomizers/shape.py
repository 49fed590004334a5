"""shape: which of several items stands for an object."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import model_validator
from typing_extensions import Self

from randomizers.visibility import one_a_copy
from replicator_dr.errors import EngineError
from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Prims
from replicator_dr.spec.model import fault, faults


class Shape(RandomizerPlugin):
    """Show one of several items at a time, so that an object changes its shape: cube, sphere, bottle, ...

    With copies, the first copies of all items are one object, the second ones another, and so on; each object draws for
    itself. An object's items are posed alike where they use a shared draw (``$place``) with ``per: frame``.
    """

    family: ClassVar[str] = "geometry"
    prims: Prims
    """The items to choose from, each with the same number of copies."""
    weights: tuple[float, ...] | None = None
    """How readily each item is taken; all alike by default."""

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        if self.weights is not None and (min(self.weights, default=0) < 0 or not any(self.weights)):
            message = f"weights {list(self.weights)} cannot be drawn by"
            raise faults([fault(message, "0 or more each, and not all 0", ("weights",))])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """A modify.visibility for each object, over the items that stand for it."""
        targets = context.targets("prims")
        counts = {target.name: len(target.paths) for target in targets}
        if len(set(counts.values())) > 1:
            found = ", ".join(f"{name} {count}" for name, count in counts.items())
            raise EngineError(f"shape: the items differ in their number of copies: {found}; give each the same count")
        one_a_copy(self.weights, targets)
        for copy, paths in enumerate(zip(*(target.paths for target in targets))):
            chosen = context.subset(1, 1, self.weights, f"shape[{copy}]")
            rep.modify.visibility(chosen, input_prims=list(paths))
