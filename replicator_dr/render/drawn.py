"""What a view shows, on the device that drew it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.host_memory import fetched, new_image
from replicator_dr.render.labels import EntityCounts
from replicator_dr.render.scene import EntityTable, RenderedView, View, entity_words


@dataclass(frozen=True)
class DrawnView:
    """All that one view shows over B frames, as Warp arrays; shapes, units and meaning as in scene.RenderedView.

    Warp's arrays are tensors for others without a copy (``wp.to_torch``, ``wp.to_dlpack``). On CUDA the work may be
    under way still: it is ordered before all that is done later on the same stream.

    counts, extent: of the labelled entities, see labels.EntityCounts and scene.EntityTable; boxes hold minima, x, y,
    -x, -y. intrinsics: (B, 4) float64, on the host. distance: None for plain pinholes. amodal: (B, H, W, words) int64,
    triangles: (B, H, W) int32, the triangle at the pixel's centre, -1 = none; None where they were not asked for.
    """

    view: View
    intrinsics: NDArray[np.float64]
    depth: wp.array
    part: wp.array
    counts: EntityCounts
    extent: wp.array
    rgb: wp.array | None
    normals: wp.array | None
    distance: wp.array | None = None
    amodal: wp.array | None = None
    triangles: wp.array | None = None

    def fetch(self, colors: bool = True) -> RenderedView:
        """The same as NumPy arrays, which belong to the caller. colors: whether they are fetched, too."""
        names = ("depth", "part", *(("rgb",) if colors else ()), "normals", "distance", "amodal")
        images = {name: image for name in names if (image := getattr(self, name)) is not None}
        on_host = fetched([*images.values(), *self._tables()])
        shown = dict(zip(images, on_host, strict=False))
        return RenderedView(
            view=self.view, intrinsics=self.intrinsics, **shown, entities=_entity_table(on_host[len(images) :])
        )

    def fetch_entities(self) -> EntityTable:
        """What each labelled entity covers, as NumPy arrays; the images stay where they are."""
        return _entity_table(fetched(self._tables()))

    def _tables(self) -> list[wp.array]:
        counts = self.counts
        return [counts.visible, counts.amodal, counts.visible_box, counts.amodal_box, counts.depth_min,
                counts.depth_max, self.extent]  # fmt: skip


def _entity_table(tables: list[NDArray[Any]]) -> EntityTable:
    visible, amodal, visible_box, amodal_box, nearest, farthest, extent = tables
    extent = extent[:, : visible.shape[1]].copy()
    extent[..., 2:] *= -1.0
    return EntityTable(
        visible=visible,
        amodal=amodal,
        visible_box=_box(visible_box, visible),
        amodal_box=_box(amodal_box, amodal),
        depth_min=nearest,
        depth_max=farthest,
        extent=extent,
    )


def new_drawn_view(
    view: View,
    intrinsics: NDArray[np.float64],
    entities: int,
    device: wp.Device,
    rgb: bool,
    normals: bool,
    distance: bool = False,
    amodal: bool = False,
    triangles: bool = False,
) -> DrawnView:
    """Arrays to draw into, with entities that nothing shows yet."""
    words = entity_words(entities)
    batch, image = len(intrinsics), (len(intrinsics), view.height, view.width)

    def full(shape: tuple[int, ...], dtype: type, value: float) -> wp.array:
        return wp.full(shape, value, dtype=dtype, device=device)

    counts = EntityCounts()
    counts.visible = full((batch, entities), wp.int32, 0)
    counts.amodal = full((batch, entities), wp.int32, 0)
    counts.visible_box = full((batch, entities, 4), wp.int32, 1 << 30)
    counts.amodal_box = full((batch, entities, 4), wp.int32, 1 << 30)
    counts.depth_min = full((batch, entities), wp.float32, np.inf)
    counts.depth_max = full((batch, entities), wp.float32, -np.inf)
    return DrawnView(
        view=view,
        intrinsics=intrinsics,
        depth=new_image(image, wp.float32, device),
        part=new_image(image, wp.int32, device),
        counts=counts,
        # Warp cannot slice an array without elements, and a scene may have nothing labelled.
        extent=full((batch, max(entities, 1), 4), wp.float32, np.inf),
        rgb=new_image((*image, 4), wp.uint8, device) if rgb else None,
        normals=new_image((*image, 4), wp.float32, device) if normals else None,
        distance=new_image(image, wp.float32, device) if distance else None,
        amodal=new_image((*image, words), wp.int64, device) if amodal else None,
        triangles=new_image(image, wp.int32, device) if triangles else None,
    )


def _box(minima: NDArray[np.int32], pixels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Minima of x, y, -x, -y to inclusive boxes; (0, 0, -1, -1) where there are no pixels."""
    box = minima.copy()
    box[..., 2:] *= -1
    box[pixels == 0] = (0, 0, -1, -1)
    return box
