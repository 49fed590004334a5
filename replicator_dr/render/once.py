"""What is known of a mesh is worked out once, however many scenes show it, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from replicator_dr.render.scene import Mesh

T = TypeVar("T")


def once_a_mesh(work: Callable[[Mesh], T]) -> Callable[[Mesh], T]:
    """``work``, whose results are kept as long as their mesh lives; a mesh is not changed once it was asked about."""
    known: WeakKeyDictionary[Mesh, T] = WeakKeyDictionary()

    @wraps(work)
    def asked(mesh: Mesh) -> T:
        if mesh not in known:
            known[mesh] = work(mesh)
        return known[mesh]

    return asked
