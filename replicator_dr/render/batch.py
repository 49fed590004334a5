"""The device half of a batch of frames seen by one camera."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import warp as wp

from replicator_dr.render.drawn import DrawnView
from replicator_dr.render.lens_pass import LensPass
from replicator_dr.render.shapes import Shapes
from replicator_dr.render.silhouette_bits import Silhouettes


@dataclass
class Batch:
    """Records and images on the device, a row of each a frame.

    casts: which parts cast shadows of which lights. pictures, normal_maps: whether a material has such. film: where
    radiance goes besides. new_maps: false where depth maps are those of the draw before. silhouettes: as in
    ``Renderer.draw``. keep: what kernels read, until they have run.
    """

    views: wp.array
    parts: wp.array
    materials: wp.array
    lights: wp.array
    shadows: wp.array
    casts: wp.array
    grounds: wp.array
    shapes: Shapes
    pictures: bool
    normal_maps: bool
    patterns: wp.array
    drawn: DrawnView
    lens: LensPass | None = None
    film: wp.array | None = None
    new_maps: bool = True
    silhouettes: Silhouettes | None = None
    keep: list[Any] = field(default_factory=list)
