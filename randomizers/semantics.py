"""semantics: labels that vary."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Prims
from replicator_dr.spec import Semantics as Labels


class Semantics(RandomizerPlugin):
    """Give items other labels while the trigger is active."""

    family: ClassVar[str] = "labels"

    prims: Prims
    """What is labelled."""
    semantics: Labels
    """Labels, such as ``{class: mug}``."""
    mode: Literal["add", "replace", "clear"] = "replace"
    """add to the labels there are, replace those of the same types, or clear all first."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.semantics for each item."""
        labels = {kind: list(values) if len(values) > 1 else values[0] for kind, values in self.semantics.items()}
        for target in context.targets("prims"):
            rep.modify.semantics(labels, input_prims=target.item, mode=self.mode)
