"""Distributions before they are nodes: what is drawn, from which seed, under which name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from replicator_dr.errors import UnsupportedError

NUMERIC = {"uniform": ("lower", "upper"), "log_uniform": ("lower", "upper"), "normal": ("mean", "std")}
"""The distributions with parameters that scale, and those parameters."""


@dataclass(frozen=True)
class Recipe:
    """A distribution of Replicator's, or one of ours.

    kind: its name. arguments: beside seed and name. A recipe that is used twice makes two nodes with one seed, which
    draw the same numbers.
    """

    kind: str
    arguments: Mapping[str, Any]
    seed: int | None = None
    name: str | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether a sample is one number."""
        if self.kind in ("shared",):
            source: Recipe = self.arguments["source"]
            return source.is_scalar and not isinstance(self.arguments["scale"], (list, tuple))
        if self.kind in ("combine", "subset"):
            return False
        values = self.arguments.get("choices") or self.arguments.get("items") or self.arguments.values()
        return all(isinstance(value, (int, float)) or value is None for value in values)

    def scaled(self, factor: float, offset: float = 0.0) -> Recipe:
        """The sample times factor plus offset, drawn from the same stream.

        UnsupportedError where no parameters do that.
        """
        if self.kind == "shared":
            scale, shift = self.arguments["scale"], self.arguments["offset"]
            changed = {"scale": _times(scale, factor), "offset": _times(shift, factor, offset)}
            return replace(self, arguments={**self.arguments, **changed})
        if self.kind == "truncated_normal":
            a = self.arguments
            bounds = [_times(a[name], factor, offset) for name in ("lower", "upper", "mean")]
            return replace(
                self,
                arguments={
                    "lower": bounds[0], "upper": bounds[1], "mean": bounds[2], "std": _times(a["std"], factor)
                },
            )  # fmt: skip
        for kind, values in (("choice", "choices"), ("sequence", "items")):
            if self.kind == kind:
                changed = {values: [_times(value, factor, offset) for value in self.arguments[values]]}
                return replace(self, arguments={**self.arguments, **changed})
        if self.kind == "combine":
            parts = [part.scaled(factor, offset) if isinstance(part, Recipe) else _times(part, factor, offset)
                     for part in self.arguments["distributions"]]  # fmt: skip
            return replace(self, arguments={**self.arguments, "distributions": parts})
        if self.kind not in NUMERIC or factor <= 0 or (self.kind == "log_uniform" and offset):
            raise UnsupportedError(
                f"{self.kind} times {factor:g} plus {offset:g} has no form in Replicator's graph; use mode: stepped"
            )
        low, high = NUMERIC[self.kind]
        shift = 0.0 if self.kind == "normal" else offset
        changed = {
            low: _times(self.arguments[low], factor, offset),
            high: _times(self.arguments[high], factor, shift),
        }
        return replace(self, arguments={**self.arguments, **changed})


def _times(value: Any, factor: float, offset: float = 0.0) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_times(part, factor, offset) for part in value)
    return value * factor + offset
