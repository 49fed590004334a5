"""Seeds from names: what a distribution draws depends on the spec's seed and on its place in the spec, on nothing else.

A place is made of names (the entry's name or kind, the field, the item), never of positions in a list or of the order
of calls, so that adding or removing one thing leaves the draws of all others as they are.
"""

from __future__ import annotations

import hashlib

SEEDS = 2**31 - 1
"""Seeds lie in 1 .. SEEDS: what a signed 32-bit input of a graph node holds, without 0, which means "no seed"."""


def seed_of(spec_seed: int, *place: str) -> int:
    """The seed of a place: BLAKE2b of the spec's seed and the names, stable over runs, machines and versions."""
    return 1 + _digest(spec_seed, *place) % SEEDS


def fraction(seed: int, index: int) -> float:
    """A number in [0, 1) for choices that are made once, while the graph is built. index: counts the choices."""
    return (_digest(seed, str(index)) >> 11) * 2.0**-53


def _digest(seed: int, *place: str) -> int:
    text = "\x1f".join([str(seed), *place])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
