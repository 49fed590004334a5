"""The render products of a scene, through ``rep``: the same class on both runtimes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from replicator_dr.errors import EngineError
from replicator_dr.pool.camera import camera_params
from replicator_dr.pool.identity import Entities, renumbered, spec_path
from replicator_dr.pool.layout import Sheet, View, sheets_of
from replicator_dr.pool.tables import boxes_3d, moved_home, own_rows, tight_boxes
from replicator_dr.pool.tiles import cut

if TYPE_CHECKING:
    from pxr import Usd

_SEGMENTATIONS = ("semantic_segmentation", "instance_segmentation", "instance_id_segmentation")
TILEABLE = (
    "rgb",
    "LdrColor",
    "HdrColor",
    "normals",
    "motion_vectors",
    "distance_to_camera",
    "distance_to_image_plane",
    *_SEGMENTATIONS,
    *(f"{name}_fast" for name in _SEGMENTATIONS),
)
"""The annotators that tiled products give: those with a value for each pixel."""


def is_tileable(annotator: str) -> bool:
    """Whether tiled products give an annotator."""
    return annotator in TILEABLE


class RenderProductPool:
    """Products that show a number of views: made once, reused for every run, destroyed at the end.

    rep: the runtime's. views: in the order in which their images are numbered; every view of an environment has a name
    of its own. tiled, limit: as for :func:`~replicator_dr.pool.layout.sheets_of`. root: where the spec creates things.
    """

    def __init__(
        self,
        rep: Any,
        views: Sequence[View],
        *,
        tiled: bool | None = None,
        limit: int | None = None,
        root: str = "/Replicator",
    ) -> None:
        self.views = tuple(views)
        self.sheets = sheets_of(views, tiled, limit)
        self._root = root
        self._products: list[Any] = []
        self._open = True
        try:
            for sheet in self.sheets:
                self._products.append(_product(rep, sheet))
        except BaseException:
            self.destroy()
            raise

    @property
    def products(self) -> tuple[Any, ...]:
        """One rep product for each sheet. EngineError after :meth:`destroy`."""
        if not self._open:
            raise EngineError("the render products were destroyed; make a new pool")
        return tuple(self._products)

    def set_updates(self, enabled: bool) -> None:
        """Whether the products are rendered."""
        for product in self.products:
            product.hydra_texture.set_updates_enabled(enabled)

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Products are rendered inside the block, not outside: between captures they cost nothing."""
        self.set_updates(True)
        try:
            yield
        finally:
            if self._open:
                self.set_updates(False)

    def payloads(
        self, data: Mapping[str, Any], stage: Usd.Stage, entities: Entities | None = None
    ) -> dict[int, dict[str, Any]]:
        """{environment: a writer's payload with one product for each view}.

        data: what a writer in the "renderProduct" layout was given for the pool's products. stage: what was captured,
        as it stands. entities: numbers and extents of prims; without them the runtime's own.
        """
        found: dict[tuple[int, str], dict[str, Any]] = {}
        for sheet, product in zip(self.sheets, self.products, strict=True):
            values = data["renderProducts"][_name(product)]
            for view, own in zip(sheet.views, _apart(values, sheet), strict=True):
                found[view.env, view.name] = self._of_view(own, view, sheet, stage, entities)
        payloads: dict[int, dict[str, Any]] = {}
        for view in self.views:
            payload = payloads.setdefault(view.env, {"renderProducts": {}})
            payload["renderProducts"][view.name] = found[view.env, view.name]
        return payloads

    def _of_view(
        self, values: dict[str, Any], view: View, sheet: Sheet, stage: Usd.Stage, entities: Entities | None
    ) -> dict[str, Any]:
        own: dict[str, Any] = {}
        for name, value in values.items():
            if name.startswith("instance_segmentation"):
                own[name] = renumbered(value, view, self._root, entities)
            elif name.startswith("instance_id_segmentation"):
                own[name] = renumbered(value, view, self._root, None)  # leaf prims have numbers of their own
            else:
                own[name] = own_rows(value, view, self._root) if isinstance(value, Mapping) else value
        own["camera"] = spec_path(view.camera, view, self._root) or view.camera
        own["resolution"] = view.resolution
        if not sheet.tiled:
            return moved_home(own, stage, view, self._root)
        own["camera_params"] = camera_params(stage, view.camera, view.resolution, view.origin)
        segmentation = own.get("instance_segmentation_fast") or own.get("instance_segmentation")
        if segmentation is not None:
            own["bounding_box_2d_tight_fast"] = tight_boxes(segmentation)
            own["bounding_box_3d_fast"] = boxes_3d(segmentation, stage, view, self._root, entities)
        return own

    def destroy(self) -> None:
        """Destroy the products; calling it twice is no error."""
        self._open = False
        while self._products:
            self._products.pop().destroy()

    def __enter__(self) -> RenderProductPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.destroy()


def _product(rep: Any, sheet: Sheet) -> Any:
    if sheet.tiled:
        cameras = [view.camera for view in sheet.views]
        return rep.create.render_product_tiled(cameras, sheet.tile, force_new=True, name=sheet.name)
    view = sheet.views[0]
    return rep.create.render_product(view.camera, view.resolution, force_new=True, name=sheet.name)


def _name(product: Any) -> str:
    """The last part of the product's path: its key in payloads."""
    return str(product.path).rpartition("/")[2]


def _apart(values: Mapping[str, Any], sheet: Sheet) -> list[dict[str, Any]]:
    """A product's annotators, one set for each view."""
    if not sheet.tiled:
        return [dict(values)]
    views: list[dict[str, Any]] = [{} for _ in sheet.views]
    for name, value in values.items():
        if not is_tileable(name):
            continue
        for own, data in zip(views, cut(np.asarray(value["data"]), sheet), strict=True):
            own[name] = {**value, "data": data}
    return views
