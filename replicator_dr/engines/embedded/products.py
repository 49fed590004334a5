"""Render products: which cameras look, at which resolution, under which name; and the pool that holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from pxr import Usd

    from replicator_dr.engines.embedded.api.annotators import Annotator
    from replicator_dr.engines.embedded.loop.capture import CapturedBatch
    from replicator_dr.engines.embedded.loop.orchestration import Orchestration
    from replicator_dr.engines.embedded.loop.path_tracing import ColorTracer, PathTracing
    from replicator_dr.engines.embedded.scene.state import Scene
    from replicator_dr.render.path.tracer import PathTracer
    from replicator_dr.render.renderer import Renderer

ROOT = "/Render/HydraTextures"
DEFAULT_NAME = "Replicator"


@dataclass
class HydraTexture:
    """What ``RenderProduct.hydra_texture`` gives; named after Kit's object of the same use."""

    camera: str
    render_product_path: str
    width: int
    height: int
    updates_enabled: bool = True

    def set_updates_enabled(self, enabled: bool) -> None:
        """Whether the product is rendered; while it is not, its writers are not called either."""
        self.updates_enabled = bool(enabled)

    def get_camera_path(self) -> str:
        """Path of the camera prim; of the first one for tiled products."""
        return self.camera

    def get_render_product_path(self) -> str:
        """Path of the product's prim."""
        return self.render_product_path


@dataclass(eq=False)
class RenderProduct:
    """One render product.

    name: last part of ``path``. cameras: paths of Camera prims, one, or those of the tiles in row-major order. tile:
    (width, height) of one tile [pixels]; the whole image for a plain product. tiled: made by render_product_tiled.
    stage: where its prim stands, None before ``author``. sizes: a distribution of (width, height) from which a plain
    product draws its size at each frame, ``tile`` being the largest; None where that is the size.
    """

    name: str
    cameras: tuple[str, ...]
    tile: tuple[int, int]
    pool: ProductPool
    tiled: bool = False
    stage: Usd.Stage | None = None
    sizes: Any = None
    hydra_texture: HydraTexture = field(init=False)

    def __post_init__(self) -> None:
        self.hydra_texture = HydraTexture(self.cameras[0], self.path, *self.resolution)

    @property
    def path(self) -> str:
        """Path of the product's prim on the stage."""
        return f"{ROOT}/{self.name}"

    @property
    def columns(self) -> int:
        """Tiles in a row: the smallest square that holds them all."""
        return math.ceil(math.sqrt(len(self.cameras)))

    @property
    def resolution(self) -> tuple[int, int]:
        """(width, height) of the whole image [pixels]."""
        rows = math.ceil(len(self.cameras) / self.columns)
        return self.tile[0] * self.columns, self.tile[1] * rows

    def destroy(self) -> None:
        """Take the product out of the pool, and its prim off the stage; it is not rendered any more."""
        self.pool.remove(self)
        if self.stage is not None:
            self.stage.RemovePrim(self.path)
            self.stage = None

    def author(self, stage: Usd.Stage) -> None:
        """Put the product's prim on the stage, where exports and scripts find it."""
        from pxr import Gf, UsdRender

        prim = UsdRender.Product.Define(stage, self.path)
        prim.CreateResolutionAttr(Gf.Vec2i(*self.resolution))
        prim.CreateCameraRel().SetTargets(list(self.cameras))
        self.stage = stage


@dataclass(frozen=True, eq=False)
class LastCapture:
    """The frame that ``Annotator.get_data`` gives: ``index`` of a captured batch."""

    batch: CapturedBatch
    index: int


class ProductPool:
    """The render products of a session, in order of creation, and what is attached to them.

    annotators: attached ones. captured: the last captured frame, None before the first. device: the Warp device that
    renders; None takes the first CUDA device, else the CPU. orchestration: the orchestrator's state, once it is used.
    """

    def __init__(self) -> None:
        self.products: list[RenderProduct] = []
        self.annotators: list[Annotator] = []
        self.captured: LastCapture | None = None
        self.device: str | None = None
        self.orchestration: Orchestration | None = None
        self._renderer: tuple[Scene, str, Renderer] | None = None
        self._tracer: tuple[Scene, str, PathTracer] | None = None

    def renderer(self, scene: Scene) -> Renderer:
        """The renderer of a compiled scene; kept, and made again when the scene or the device has changed."""
        device = self._device()
        if self._renderer is None or self._renderer[0] is not scene or self._renderer[1] != device:
            from replicator_dr.engines.embedded.loop.kernels import import_kernels
            from replicator_dr.render.renderer import Renderer

            import_kernels()
            self._renderer = scene, device, Renderer(scene.arrays, device)
        return self._renderer[2]

    def color_tracer(self, scene: Scene, how: PathTracing | None, seed: int) -> ColorTracer | None:
        """What makes the colour images instead of the renderer, None where ``how`` is; kept like the renderer."""
        if how is None:
            return None
        from replicator_dr.engines.embedded.loop.path_tracing import ColorTracer
        from replicator_dr.render.path.tracer import PathTracer

        device = self._device()
        if self._tracer is None or self._tracer[0] is not scene or self._tracer[1] != device:
            self._tracer = scene, device, PathTracer(scene.arrays, device)
        return ColorTracer(self._tracer[2], how, seed)

    def _device(self) -> str:
        from replicator_dr.render.start import start_warp

        start_warp()
        return _checked_device(self.device) if self.device else _default_device()

    def add(
        self,
        cameras: tuple[str, ...],
        tile: tuple[int, int],
        *,
        name: str | None = None,
        force_new: bool = False,
        tiled: bool = False,
    ) -> RenderProduct:
        """A product; without a name an equal one is reused unless ``force_new``, with a name it is always new.

        Names that are taken get a suffix: Replicator, Replicator_01, ... EngineError for a size below one pixel.
        """
        size = (int(tile[0]), int(tile[1]))
        if min(size) < 1:
            raise EngineError(f"the resolution is {size[0]} x {size[1]} pixels; give (width, height), both 1 or more")
        if name is None and not force_new:
            for product in self.products:
                if (product.cameras, product.tile, product.tiled) == (cameras, size, tiled):
                    return product
        product = RenderProduct(self._free_name(name or DEFAULT_NAME), cameras, size, self, tiled)
        self.products.append(product)
        return product

    def _free_name(self, stem: str) -> str:
        taken = {product.name for product in self.products}
        if stem not in taken:
            return stem
        return next(name for count in range(1, len(taken) + 2) if (name := f"{stem}_{count:02d}") not in taken)

    def remove(self, product: RenderProduct) -> None:
        """Forget a product; one that is not there is no error, as destroying twice is none."""
        self.products = [other for other in self.products if other is not product]

    def find(self, path_or_name: str) -> RenderProduct:
        """The product at a prim path, or of that name. EngineError, with those that exist, where there is none."""
        for product in self.products:
            if path_or_name in (product.path, product.name):
                return product
        known = ", ".join(product.path for product in self.products) or "none"
        raise EngineError(f"there is no render product {path_or_name!r}; there are: {known}")


def _default_device() -> str:
    import warp as wp

    return "cuda:0" if wp.is_cuda_available() else "cpu"


def _checked_device(device: str) -> str:
    """The device, if this machine has it, else EngineError with those that there are."""
    import warp as wp

    known = [str(one.alias) for one in wp.get_devices()]
    # Asking Warp for "cuda" where there is none makes it complain in native code first.
    if device not in known and not (device == "cuda" and wp.is_cuda_available()):
        raise EngineError(f"there is no device {device!r} here; devices are: {', '.join(known)}")
    return device


def camera_path(stage: Usd.Stage, path: str) -> str:
    """The Camera prim at ``path``, or the first one below it (cameras stand under a wrapper). EngineError if none."""
    from pxr import Usd, UsdGeom

    prim = stage.GetPrimAtPath(path)
    if not prim:
        raise EngineError(f"there is no prim {path} to render from; give a camera")
    for candidate in Usd.PrimRange(prim):
        if candidate.IsA(UsdGeom.Camera):
            return str(candidate.GetPath())
    raise EngineError(f"{path} is a {prim.GetTypeName() or 'prim'} without a camera in it; give a camera")
