"""``register``: functions of one's own beside those of create, modify, randomizer, distribution, trigger and get."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.nodes import Node
from replicator_dr.engines.embedded.runtime import current


def attach(namespace: dict[str, Any], module: str, fn: Callable[..., Any], override: bool, fn_name: str | None) -> None:
    """Put ``fn`` into a module's namespace, checked and wrapped.

    Raises ValueError where the name is no identifier, or is taken and ``override`` is False.
    """
    name = fn.__name__ if fn_name is None else fn_name
    if not name.isidentifier():
        raise ValueError(f"{module}.register: '{name}' is not a Python identifier; give fn_name")
    if name in namespace and not override:
        raise ValueError(f"{module}.register: '{name}' exists already; give another fn_name or override=True")
    namespace[name] = wrap(fn, f"{module}.{name}")


def wrap(fn: Callable[..., Any], kind: str) -> Callable[..., ReplicatorItem]:
    """A graph function from one that returns a ReplicatorItem or a node; anything else raises TypeError."""

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> ReplicatorItem:
        result = fn(*args, **kwargs)
        if isinstance(result, ReplicatorItem):
            return result
        if isinstance(result, Node):
            return make_item(result) if result.graph is None else ReplicatorItem(result, current())
        raise TypeError(
            f"{kind}: returned {type(result).__name__}; a registered function returns a ReplicatorItem or its .node"
        )

    return call
