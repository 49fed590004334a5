"""How colour images are made."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from replicator_dr.spec.model import Model


class Renderer(Model):
    """How colour images are made; labels and depth do not depend on it."""

    mode: Literal["raster", "path_traced"] = "raster"
    """``raster``: fast, with direct light and shadows (RTX Real-Time on Isaac Sim); ``path_traced``: with light that
    bounces, soft shadows and depth of field, and with noise (RTX Interactive on Isaac Sim)."""
    samples_per_pixel: int = Field(default=64, ge=1, le=65536)
    """Light paths followed for each pixel of a path-traced image; noise halves with four times as many."""
    max_bounces: int = Field(default=4, ge=0, le=64)
    """How often light of a path-traced image is scattered on its way to what the camera sees; 0 is direct light."""
