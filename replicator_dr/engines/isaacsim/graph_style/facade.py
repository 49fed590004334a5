"""The module ``rep`` that a spec's graph is built with in graph mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from replicator_dr.engines.isaacsim.graph_style.realise import Realiser
from replicator_dr.engines.isaacsim.graph_style.recipes import Recipe
from replicator_dr.engines.isaacsim.graph_style.sizes import by_extent
from replicator_dr.engines.isaacsim.versions import Release
from replicator_dr.errors import UnsupportedError

if TYPE_CHECKING:
    from pxr import Usd


class GraphStyle:
    """omni.replicator.core with our distributions and without its open questions; other names are its own."""

    def __init__(self, core: Any, release: Release, *, stage: Usd.Stage) -> None:
        self._core = core
        self.release = release
        realiser = Realiser(core.distribution)
        self.distribution = _Distributions()
        self.create = _Create(core.create, realiser)
        self.modify = _Modify(core.modify, realiser, stage)
        self.randomizer = _Randomizer(core.randomizer, realiser)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)


# Randomizers that only our sampler has, and what they are called in the language.
_OURS = {
    "place_on_surface": "scatter_2d with exact collisions, zones, cameras or turns",
    "place_in_volume": "scatter_3d with zones, cameras, turns, or an error where there is no room",
    **{name: name for name in ("poisson_disk", "grid", "along_path", "stack", "pack")},
}


class _Distributions:
    """Gives recipes."""

    def uniform(self, lower: Any, upper: Any, *, seed: int, name: str | None = None) -> Recipe:
        return Recipe("uniform", {"lower": lower, "upper": upper}, seed, name)

    def log_uniform(self, lower: Any, upper: Any, *, seed: int, name: str | None = None) -> Recipe:
        return Recipe("log_uniform", {"lower": lower, "upper": upper}, seed, name)

    def normal(self, mean: Any, std: Any, *, seed: int, name: str | None = None) -> Recipe:
        return Recipe("normal", {"mean": mean, "std": std}, seed, name)

    def truncated_normal(
        self, lower: Any, upper: Any, mean: Any, std: Any, *, seed: int, name: str | None = None
    ) -> Recipe:
        return Recipe("truncated_normal", {"lower": lower, "upper": upper, "mean": mean, "std": std}, seed, name)

    def choice(
        self,
        choices: Any,
        weights: Any = None,
        *,
        seed: int,
        with_replacements: bool = True,
        name: str | None = None,
    ) -> Recipe:
        arguments = {"choices": choices, "weights": weights, "with_replacements": with_replacements}
        return Recipe("choice", arguments, seed, name)

    def sequence(self, items: Any, ordered: bool = True, *, seed: int, name: str | None = None) -> Recipe:
        return Recipe("sequence", {"items": items, "ordered": ordered}, seed, name)

    def combine(self, distributions: Any, name: str | None = None) -> Recipe:
        return Recipe("combine", {"distributions": distributions}, None, name)

    def subset(self, least: int, most: int, weights: Any = None, *, seed: int, name: str | None = None) -> Recipe:
        return Recipe("subset", {"least": least, "most": most, "weights": weights}, seed, name)

    def shared(
        self, source: Recipe, *, per: str, interval: int, scale: Any, offset: Any, name: str | None = None
    ) -> Recipe:
        arguments = {"source": source, "per": per, "interval": interval, "scale": scale, "offset": offset}
        return Recipe("shared", arguments, source.seed, name)


class _Realising:
    """The functions of one of Replicator's modules, taking recipes."""

    _three: tuple[str, ...] = ("scale",)

    def __init__(self, module: Any, realiser: Realiser) -> None:
        self._module = module
        self._realiser = realiser

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._module, name, None)
        if function is None or getattr(function, "ours", False):
            raise UnsupportedError(f"{name}: Replicator's graph has no form for it; use mode: stepped")

        def call(*args: Any, **kwargs: Any) -> Any:
            count = self._count(kwargs)
            values = [self._realiser.value(value, count) for value in args]
            named = {
                key: (self._realiser.three if key in self._three else self._realiser.value)(value, count)
                for key, value in kwargs.items()
            }
            return function(*values, **named)

        return call

    def _count(self, kwargs: dict[str, Any]) -> int:
        """How many prims a call is about."""
        prims = kwargs.get("input_prims")
        if prims is None:
            return int(kwargs.get("count") or 1)
        return len(_paths(prims))


class _Create(_Realising):
    """Replicator's create."""


class _Randomizer(_Realising):
    """Replicator's randomizer."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in _OURS:
            raise UnsupportedError(f"{_OURS[name]}: Replicator's graph cannot say it; use mode: stepped")
        return super().__getattr__(name)

    def scatter_2d(self, **kwargs: Any) -> Any:
        """As Replicator's; the result refuses what Replicator's node has no input for."""
        return _Scattered(_Realising.__getattr__(self, "scatter_2d")(**kwargs))


class _Scattered:
    """What scatter_2d gives."""

    def __init__(self, item: Any) -> None:
        self._item = item

    def set_input(self, name: str, value: Any) -> None:
        """``stand`` is ours: Replicator puts origins onto surfaces."""
        if name == "stand":
            raise UnsupportedError(
                "scatter_2d: Replicator puts an item's origin onto the surface and has no input that lets it stand "
                "there; use stand: false, or mode: stepped"
            )
        self._item.set_input(name, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._item, name)


class _Modify(_Realising):
    """Replicator's modify."""

    def __init__(self, module: Any, realiser: Realiser, stage: Usd.Stage) -> None:
        super().__init__(module, realiser)
        self._stage = stage

    def pose(self, *, size: Any = None, input_prims: Any = None, **kwargs: Any) -> Any:
        """modify.pose. A size becomes a scale, by a call for each extent that the prims have."""
        make = _Realising.__getattr__(self, "pose")
        item = make(**kwargs, input_prims=input_prims) if kwargs else None
        if size is None:
            return item
        if isinstance(size, (list, tuple)) or (isinstance(size, Recipe) and not size.is_scalar):
            raise UnsupportedError(
                "size with three numbers: Replicator stretches an item to fill it, this language scales it evenly; "
                "use one number, or mode: stepped"
            )
        for position, (extent, paths) in enumerate(by_extent(self._stage, _paths(input_prims)).items()):
            if isinstance(size, Recipe):
                # A stream of its own for each call: equal seeds would give equal sizes.
                scale: Any = replace(size.scaled(1.0 / extent), seed=_shifted(size.seed, position))
            else:
                scale = size / extent
            item = make(scale=scale, input_prims=paths)
        return item


def _shifted(seed: int | None, position: int) -> int | None:
    return None if seed is None else (seed + 7919 * position - 1) % (2**31 - 1) + 1


def _paths(prims: Any) -> Sequence[str]:
    """The paths of the prims that an argument stands for."""
    if isinstance(prims, str):
        return [prims]
    if isinstance(prims, (list, tuple)):
        return [path for part in prims for path in _paths(part)]
    if hasattr(prims, "GetPath"):
        return [str(prims.GetPath())]
    return [str(prim.GetPath()) for prim in prims.get_output_prims()["prims"]]
