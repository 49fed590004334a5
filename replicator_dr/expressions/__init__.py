"""Expressions over draws: ``2000 * warmth + 500``, ``room == "kitchen" and night > 0.5``.

A language of its own, far smaller than Python, whose grammar it borrows: text becomes a tree of a few kinds of nodes,
and nothing else is ever run. It is read once (``parse``), checked with the ranges of what it uses (``extent``), and
evaluated over whole batches (``evaluate``). Numbers are float64; angles are degrees.
"""

from __future__ import annotations

from replicator_dr.expressions.errors import ExpressionError
from replicator_dr.expressions.evaluate import evaluate
from replicator_dr.expressions.extent import Extent, Numbers, Texts, extent_of
from replicator_dr.expressions.parse import parse
from replicator_dr.expressions.tree import Tree, affine, names_in

__all__ = [
    "ExpressionError", "Extent", "Numbers", "Texts", "Tree", "affine", "evaluate", "extent_of", "names_in", "parse",
]  # fmt: skip
