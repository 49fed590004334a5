"""A stand-in session: installed while a block runs, and checked for what was left behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.runtime import Runtime, activate, current
from tests.isaacsim.standin.calls import Calls
from tests.isaacsim.standin.core import make_core
from tests.isaacsim.standin.faults import StandinFault
from tests.isaacsim.standin.kit import App, Settings, UsdContext, make_kit
from tests.isaacsim.standin.manifest import callables

RELEASES: dict[str, tuple[int, int, int]] = {"4.5": (1, 11, 35), "5.1": (1, 12, 27), "6.0": (1, 13, 27)}
"""Isaac Sim, and the omni.replicator.core in it."""


@dataclass
class Standin:
    """What tests look at."""

    name: str
    calls: Calls
    app: App
    context: UsdContext
    settings: Settings
    core: Any

    def runtime_now(self) -> Runtime:
        """The embedded session that carries calls out; a new stage brings a new one."""
        return current()

    def listing(self) -> str:
        """The calls so far."""
        return self.calls.listing()

    def close(self) -> None:
        """The app ends: calls from here on are faults."""
        self.calls.open = False


@contextmanager
def isaac_sim(name: str) -> Iterator[Standin]:
    """Isaac Sim of that release is running inside the block. Raises StandinFault at its end for what was left."""
    calls = Calls(RELEASES[name])
    modules, app, context, settings = make_kit(calls)
    modules.update(make_core(calls))
    core = modules["omni.replicator.core"]
    modules["omni.replicator"].core = core  # type: ignore[attr-defined]
    modules["omni"].replicator = modules["omni.replicator"]  # type: ignore[attr-defined]
    with _installed(modules), _published_inputs(calls), activate(Runtime()):
        standin = Standin(name, calls, app, context, settings, core)
        yield standin
        left = current()
        problems = list(calls.faults)
        problems += [f"render product {product.path} was never destroyed" for product in left.products.products]
        problems += [f"writer {type(writer).__name__} was never detached" for writer in left.writers]
        problems += [f"annotator {annotator.name} was never detached" for annotator in left.products.annotators]
        if problems:
            raise StandinFault("\n".join(problems))


@contextmanager
def _installed(modules: dict[str, Any]) -> Iterator[None]:
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            sys.modules.pop(name, None)
            parent, _, last = name.rpartition(".")
            if module is not None:
                sys.modules[name] = module
                # "import a.b as c" looks at the package's attribute.
                if parent in sys.modules:
                    setattr(sys.modules[parent], last, module)


@contextmanager
def _published_inputs(calls: Calls) -> Iterator[None]:
    """``set_input`` of what calls gave knows a node's arguments, and nothing of the embedded runtime's own."""
    original = ReplicatorItem.set_input

    def set_input(self: ReplicatorItem, name: str, value: object) -> None:
        entry = callables().get(self.node.kind)
        if calls.made(self) and entry is not None and name not in entry.signature.parameters:
            raise calls.object_to(f"{self.node.kind} has no input {name!r}")
        original(self, name, value)

    ReplicatorItem.set_input = set_input  # type: ignore[method-assign]
    try:
        yield
    finally:
        ReplicatorItem.set_input = original  # type: ignore[method-assign]
