"""Garbage collection that leaves alone what was there before a run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_heap() -> Iterator[None]:
    """Objects made before this block are no garbage within it, so a full collection does not walk through them.

    Modules, the stage and the scene are hundreds of thousands of objects: a walk takes 0.1 s, with the interpreter lock
    held. Where the program has objects frozen itself, nothing is changed.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
