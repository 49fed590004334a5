"""``omni.replicator.core`` as a module: what the interface names, carried out by the embedded implementation."""

from __future__ import annotations

import asyncio
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.api.writers import EVERY_FRAME
from replicator_dr.engines.embedded.api.writers import Writer as EmbeddedWriter
from replicator_dr.engines.embedded.loop.orchestration import Status
from tests.isaacsim.standin.calls import Calls
from tests.isaacsim.standin.manifest import callables

OWN_ANNOTATORS = frozenset(
    {
        "amodal_bits", "amodal_segmentation", "coverage", "disparity", "draws", "keypoints", "optical_flow",
        "panoptic_segmentation", "scene_flow", "silhouette",
    }
)  # fmt: skip
"""What the embedded implementation has beyond NVIDIA's."""
_BLOCKING = ("step", "run_until_complete", "wait_until_complete")


def make_core(calls: Calls) -> dict[str, ModuleType]:
    """{module name: module} of ``omni.replicator.core`` and what is below it."""
    root = "omni.replicator.core"
    modules = {root: _Module(root, calls)}
    for name, entry in callables().items():
        parts = name.split(".")
        if entry.kind == "class" or any(part[0].isupper() for part in parts[:-1] if part not in _REGISTRIES):
            continue
        function = _embedded(parts)
        if parts[0] == "orchestrator":
            function = _orchestrated(parts[1], function, calls)
        if name.endswith("get_registered_annotators"):
            function = _without_own(function)
        if name == "annotators.get":
            function = _no_own(function, calls)
        home = modules[root]
        for part in parts[:-1]:
            if not hasattr_quietly(home, part):
                inner = SimpleNamespace() if part in _REGISTRIES else _Module(f"{home.__name__}.{part}", calls)
                setattr(home, part, inner)
                if isinstance(inner, ModuleType):
                    modules[inner.__name__] = inner
            home = getattr(home, part)
        setattr(home, parts[-1], calls.checked(entry, function))
    core = modules[root]
    core.Writer = _kit_writer(EmbeddedWriter)  # type: ignore[attr-defined]
    core.BasicWriter = _kit_writer(api.BasicWriter)  # type: ignore[attr-defined]
    core.orchestrator.Status = Status  # type: ignore[attr-defined]
    return modules


_REGISTRIES = ("WriterRegistry", "AnnotatorRegistry")


class _Module(ModuleType):
    """A module in which a name that is not published is a fault."""

    def __init__(self, name: str, calls: Calls) -> None:
        super().__init__(name)
        self.__dict__["_calls"] = calls
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        calls: Calls = self.__dict__["_calls"]
        message = f"{self.__name__} has no {name}"
        # Asking whether something is there is no fault, so this is an AttributeError like any other.
        raise AttributeError(message) if calls.open else calls.object_to(f"{message}; and the app is closed")


def hasattr_quietly(home: Any, name: str) -> bool:
    """Whether a module or namespace has a name of its own."""
    return name in vars(home)


def _embedded(parts: list[str]) -> Any:
    """The embedded function of that name, None where there is none."""
    home: Any = api
    for part in parts:
        home = getattr(home, part, None)
        if home is None:
            return None
    return home


def _orchestrated(name: str, function: Any, calls: Calls) -> Any:
    """Blocking forms refuse to work inside a running event loop, as Kit's do."""
    if name not in _BLOCKING or function is None:
        return function

    def blocking(*args: Any, **kwargs: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return function(*args, **kwargs)
        raise calls.object_to(f"orchestrator.{name} blocks Kit's event loop; await orchestrator.{name}_async")

    return blocking


def _without_own(function: Any) -> Any:
    return lambda *args, **kwargs: [name for name in function(*args, **kwargs) if name not in OWN_ANNOTATORS]


def _no_own(function: Any, calls: Calls) -> Any:
    def get(name: str, *args: Any, **kwargs: Any) -> Any:
        if name in OWN_ANNOTATORS:
            raise calls.object_to(f"there is no annotator {name!r}")
        return function(name, *args, **kwargs)

    return get


class _Absent:
    """A method that Kit's writers lack; an instance may have an attribute of its own under that name."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        raise AttributeError("Kit's writers have no such method")


def _kit_writer(base: type[Any]) -> type[Any]:
    class KitWriter(base):
        """A writer as Kit treats it: one frame at a time, and no word about which frame it is."""

        writes_every_frame = False
        label_sets = _Absent()

        def fires(self, frames: Any) -> Any:
            return np.ones(len(frames), np.bool_) if self._trigger == EVERY_FRAME else super().fires(frames)

        def take(self, data: dict[str, Any]) -> None:
            super().take({key: value for key, value in data.items() if key != "frame"})

    KitWriter.__name__ = base.__name__
    return KitWriter
