"""Which prims a call means: items, paths, prims, or lists of these, resolved to paths when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.nodes import unique
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import EngineError


def paths_of(value: object) -> list[str]:
    """Paths of an item, a path, a prim, or a list of these; without repetition, in order."""
    if value is None:
        return []
    if isinstance(value, ReplicatorItem):
        return unique(value.paths)
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple, set)):
        return unique([path for part in value for path in paths_of(part)])
    get_path = getattr(value, "GetPath", None)
    return [str(get_path() if get_path is not None else value)]


def holds_prims(value: object) -> bool:
    """Whether a value names prims (rather than being numbers or a distribution)."""
    if isinstance(value, ReplicatorItem):
        return value.node.paths() is not None
    if isinstance(value, (list, tuple)):
        return bool(value) and all(holds_prims(part) for part in value)
    return isinstance(value, str) or hasattr(value, "GetPath") or type(value).__name__ == "Path"


def targets(kind: str, input_prims: object) -> Callable[[], list[str]]:
    """The prims that a call acts on: ``input_prims``, else those of the innermost ``with item:``.

    Raises EngineError when there are neither.
    """
    value: Any = input_prims
    if value is None:
        contexts = current().contexts
        if not contexts:
            raise EngineError(f"{kind}: no prims to act on; call it inside 'with item:' or give input_prims=")
        value = contexts[-1]
    if isinstance(value, ReplicatorItem) and value.node.paths() is None:
        raise EngineError(f"{kind}: {value!r} holds no prims; give a prim, a group or a get.* result")
    return lambda: paths_of(value)
