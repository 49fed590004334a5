"""``rep.create.render_product`` and ``render_product_tiled``; create.py takes them over under those names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from replicator_dr.engines.embedded.products import RenderProduct, camera_path
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import EngineError, UnsupportedError

__all__ = ["render_product", "render_product_tiled"]


def render_product(
    camera: Any,
    resolution: tuple[int, int],
    force_new: bool = False,
    name: str | None = None,
    render_vars: list[str] | None = None,
) -> RenderProduct | list[RenderProduct]:
    """What one camera sees at a resolution (width, height) [pixels]; a list of cameras gives a list of products.

    camera: an item, a prim path, a Usd.Prim, or a list of these. A name is always a new product (with a suffix when
    taken); without one an equal product is reused unless ``force_new``. UnsupportedError for ``render_vars``:
    annotators say what is rendered. EngineError where there is no camera.
    """
    if render_vars is not None:
        raise UnsupportedError(
            "create.render_product: render_vars is not supported on the embedded runtime; attach the annotators wanted"
        )
    paths, several = _camera_paths(camera)
    made = [_made((path,), resolution, force_new, name, tiled=False) for path in paths]
    return made if several else made[0]


def render_product_tiled(
    cameras: Sequence[Any], tile_resolution: tuple[int, int], force_new: bool = False, name: str | None = None
) -> RenderProduct:
    """N cameras in one image: ceil(sqrt(N)) columns, filled row by row, each tile of that (width, height) [pixels]."""
    paths, _ = _camera_paths(list(cameras) if not hasattr(cameras, "paths") else cameras)
    return _made(tuple(paths), tile_resolution, force_new, name, tiled=True)


def _made(
    cameras: tuple[str, ...], size: tuple[int, int], force_new: bool, name: str | None, tiled: bool
) -> RenderProduct:
    runtime = current()
    product: RenderProduct = runtime.products.add(cameras, size, name=name, force_new=force_new, tiled=tiled)
    if product.stage is None:
        product.author(runtime.stage)
    return product


def _camera_paths(camera: Any) -> tuple[list[str], bool]:
    """Paths of the Camera prims, and whether several were asked for."""
    stage = current().stage
    if isinstance(camera, list | tuple):
        paths = [path for item in camera for path in _camera_paths(item)[0]]
        several = True
    else:
        paths = [camera_path(stage, path) for path in _prim_paths(camera)]
        several = len(paths) > 1
    if not paths:
        raise EngineError("create.render_product: there is no camera to render from; the item given holds no prims")
    return paths, several


def _prim_paths(camera: Any) -> Iterable[str]:
    if isinstance(camera, str):
        return [camera]
    if hasattr(camera, "GetPath"):
        return [str(camera.GetPath())]
    if hasattr(camera, "paths"):
        return list(camera.paths)
    raise EngineError(
        f"create.render_product: {camera!r} is no camera; give an item of create.camera, a prim path or a Usd.Prim"
    )
