"""The language: YAML with positions in, a frozen :class:`Spec` out."""
from __future__ import annotations
