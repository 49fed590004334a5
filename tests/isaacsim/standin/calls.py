"""Calls: checked against the interface, noted down, carried out."""

from __future__ import annotations

import hashlib
import inspect
import re
import weakref
from collections.abc import Callable as Function
from pathlib import Path
from typing import Any

from pxr import Usd

from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.products import RenderProduct
from tests.isaacsim.standin.faults import StandinFault
from tests.isaacsim.standin.manifest import Callable, version
from tests.isaacsim.standin.types import fits

REPOSITORY = str(Path(__file__).parents[3])
_LONG = 24
"""Lists beyond this length are shortened in listings."""
_CONVERTED = re.compile(r".*/meshes/[0-9a-f]{32}/")
"""Where converted meshes are kept."""
_LAYER = re.compile(r"ReplicatorDr_\d+")
"""Layers are numbered over a process."""
_SEEDED = ("distribution.", "randomizer.")
_UNSEEDED = ("distribution.combine",)


class Calls:
    """The calls of a session. release: of the core, (1, 12, 27). faults: objections, kept even where one is caught."""

    def __init__(self, release: tuple[int, ...]) -> None:
        self.release = release
        self.faults: list[str] = []
        self.open = True
        self._lines: list[str] = []
        # Weakly: a session over many runs must not hold their products.
        self._made: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()

    def object_to(self, message: str) -> StandinFault:
        """Note a fault; to be raised."""
        self.faults.append(message)
        return StandinFault(message)

    def listing(self) -> str:
        """One call a line, in order; ``%3`` is what call 3 gave."""
        return "\n".join(f"%{number} = {line}" for number, line in enumerate(self._lines)) + "\n"

    def made(self, item: object) -> bool:
        """Whether a call gave it."""
        return item in self._made

    def checked(self, entry: Callable, function: Function[..., Any] | None) -> Function[..., Any]:
        """The callable as users see it."""

        def call(*args: Any, **kwargs: Any) -> Any:
            given = self._bound(entry, args, kwargs)
            number = len(self._lines)
            shown = ", ".join(f"{name}={self._shown(value)}" for name, value in given.items())
            self._lines.append(f"{entry.name}({shown})")
            if function is None:
                raise NotImplementedError(f"the stand-in cannot carry out {entry.name}")
            result = function(*args, **kwargs)
            if isinstance(result, (ReplicatorItem, RenderProduct)):
                self._made[result] = number
            return result

        call.__name__ = entry.name.rpartition(".")[2]
        call.__signature__ = entry.signature  # type: ignore[attr-defined]
        return call

    def _bound(self, entry: Callable, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if not self.open:
            raise self.object_to(f"{entry.name} was called after the app was closed")
        if entry.since and self.release < version(entry.since):
            raise self.object_to(f"{entry.name} came with {entry.since}; this is {self._name()}")
        try:
            bound = entry.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise self.object_to(f"{entry.name}{entry.signature}: {error}") from None
        given: dict[str, Any] = {}
        for name, value in bound.arguments.items():
            kind = entry.signature.parameters[name].kind
            given.update(value if kind is inspect.Parameter.VAR_KEYWORD else {name: value})
        for name, value in given.items():
            if name in entry.later and self.release < version(entry.later[name]):
                raise self.object_to(f"{entry.name}: {name} came with {entry.later[name]}; this is {self._name()}")
            words = entry.types.get(name)
            if words is not None and not fits(value, words):
                raise self.object_to(f"{entry.name}: {name} is {value!r}; it takes {words}")
        self._check_seed(entry, given)
        return given

    def _check_seed(self, entry: Callable, given: dict[str, Any]) -> None:
        """Without a seed, or with 0, streams depend on the order in which nodes were made."""
        if entry.name.startswith(_SEEDED) and entry.name not in _UNSEEDED and "seed" in entry.signature.parameters:
            seed = given.get("seed")
            if not isinstance(seed, int) or seed <= 0:
                raise self.object_to(f"{entry.name}: seed is {seed!r}; give a number above 0")

    def _shortened(self, parts: list[str]) -> str:
        """The first few of a long list, and a sum over all."""
        digest = hashlib.sha256(" ".join(parts).encode()).hexdigest()[:8]
        return f"[{', '.join(parts[:3])}, ... {len(parts)} in all, {digest}]"

    def _name(self) -> str:
        return ".".join(map(str, self.release))

    def _shown(self, value: Any) -> str:
        if isinstance(value, (ReplicatorItem, RenderProduct)) and value in self._made:
            return f"%{self._made[value]}"
        if isinstance(value, Usd.Prim):
            return f"<{value.GetPath()}>"
        if isinstance(value, str):
            text = _CONVERTED.sub("<meshes>/", value.replace(REPOSITORY, "<repo>"))
            return repr(_LAYER.sub("ReplicatorDr_<n>", text))
        if isinstance(value, (list, tuple)):
            if len(value) > _LONG:
                return self._shortened([self._shown(part) for part in value])
            inner = ", ".join(self._shown(part) for part in value)
            return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key!r}: {self._shown(part)}" for key, part in value.items()) + "}"
        if isinstance(value, float):
            return f"{value:.6g}"
        if isinstance(value, (int, type(None))):
            return repr(value)
        return f"<{getattr(value, '__name__', type(value).__name__)}>"
