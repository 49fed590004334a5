"""visibility: which of several things are there."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.errors import EngineError
from replicator_dr.plugins import BuildContext, RandomizerPlugin, Target
from replicator_dr.spec import Prims, Truth
from replicator_dr.spec.model import fault, faults


class Visibility(RandomizerPlugin):
    """Show some of the items: a number of them, each by chance, or as a distribution says."""

    family: ClassVar[str] = "placement"

    prims: Prims
    """What may be there."""
    visible: Truth | None = None
    """true, false, or a distribution of them."""
    probability: float | None = Field(default=None, ge=0, le=1)
    """Chance of each copy to be there."""
    count: tuple[int, int] | None = None
    """[least, most]: how many of all the copies are there, drawn evenly, and which at random."""
    weights: tuple[float, ...] | None = None
    """With count: how readily the copies of each item are taken, one weight an item; all alike by default."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [name for name in ("visible", "probability", "count") if getattr(self, name) is not None]
        found = []
        if len(given) != 1:
            message = "nothing says what is visible" if not given else f"{' and '.join(given)} exclude each other"
            found.append(fault(message, "give one of visible, probability, count"))
        if self.count is not None and not 0 <= self.count[0] <= self.count[1]:
            message = f"[{self.count[0]}, {self.count[1]}] is not [least, most]"
            found.append(fault(message, "0 <= least <= most", ("count",)))
        if self.weights is not None and self.count is None:
            found.append(fault("weights say which are taken of a count", "give count, or remove them", ("weights",)))
        if self.weights is not None and (min(self.weights, default=0) < 0 or not any(self.weights)):
            message = f"weights {list(self.weights)} cannot be drawn by"
            found.append(fault(message, "0 or more each, and not all 0", ("weights",)))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.visibility for each item; for a count, one over all copies."""
        targets = context.targets("prims")
        if self.count is not None:
            paths = [path for target in targets for path in target.paths]
            if paths:
                least, most = (min(number, len(paths)) for number in self.count)
                chosen = context.subset(least, most, one_a_copy(self.weights, targets))
                rep.modify.visibility(chosen, input_prims=paths)
            return
        for target in targets:
            if self.visible is not None:
                value = context.draw("visible", target)
            else:
                assert self.probability is not None
                value = context.chance(self.probability, target)
            rep.modify.visibility(value, input_prims=target.item)


def one_a_copy(weights: tuple[float, ...] | None, targets: list[Target]) -> tuple[float, ...] | None:
    """The weights of items as weights of all their copies. EngineError where there is not one for each item."""
    if weights is None:
        return None
    if len(weights) != len(targets):
        names = ", ".join(target.name for target in targets)
        raise EngineError(f"{len(weights)} weights for {len(targets)} items ({names}); give one an item")
    return tuple(weight for weight, target in zip(weights, targets) for _ in target.paths)
