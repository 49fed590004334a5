"""The renderer: a compute rasteriser in Warp. Arrays in, arrays out; it knows no USD and no Replicator."""

from __future__ import annotations
