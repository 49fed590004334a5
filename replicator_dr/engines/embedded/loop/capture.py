"""A batch of frames as it was rendered, with the annotators that are computed from it when asked for."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation
from replicator_dr.engines.embedded.loop.neighbours import with_flow
from replicator_dr.engines.embedded.loop.rolling import sizes_at
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.engines.embedded.scene.labels import FrameLabels, frame_labels
from replicator_dr.engines.embedded.scene.labels_filter import label_filter
from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.errors import EngineError
from replicator_dr.labels.shared import Shared
from replicator_dr.render.scene import FrameArrays, RenderedView, View

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.api.annotators import Annotator
    from replicator_dr.engines.embedded.loop.path_tracing import ColorTracer
    from replicator_dr.render.photograph import DeviceImages
    from replicator_dr.render.renderer import Renderer


@dataclass(frozen=True, eq=False)
class CapturedView:
    """What one camera of one product shows over a batch: what annotators are computed from."""

    scene: Scene
    state: FrameState
    rendered: RenderedView
    camera: int
    """Column of ``CameraArrays``."""
    on_device: DeviceImages | None = None
    """The images on the device, where they were to stay there; ``rendered`` has no colours then."""
    jpegs: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    """JPEG files of the images by quality, where the device made them."""

    def __len__(self) -> int:
        return len(self.state)

    @cached_property
    def _labels(self) -> dict[tuple[tuple[str, ...] | None, str | None], FrameLabels]:
        return {}

    def labels(self, types: Sequence[str] | None = None, predicate: str | None = None) -> FrameLabels:
        """The labels of the batch through a semantic filter; kept, since several annotators use the same."""
        key = (None if types is None else tuple(types), predicate)
        if key not in self._labels:
            self._labels[key] = frame_labels(self.scene, self.state, label_filter(types, predicate))
        return self._labels[key]


@dataclass(eq=False)
class CapturedBatch:
    """What was rendered for a run of frames.

    state: the B frames. products: what was rendered. views: the cameras of each product, by its name (one, except for
    tiled products). clock: where stage seconds are counted; annotators count themselves under "annotate". seed: the
    session's, for augmentations that draw. shared: what the writers of the batch work out together.
    """

    state: FrameState
    scene: Scene
    products: tuple[RenderProduct, ...]
    views: Mapping[str, tuple[CapturedView, ...]]
    clock: StageClock = field(default_factory=StageClock)
    seed: int = 0
    shared: Shared = field(default_factory=Shared)
    _cache: dict[tuple[Any, ...], BatchedAnnotation] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.state)

    def product(self, name: str) -> RenderProduct:
        """One of the rendered products. EngineError, with those there are, for another name."""
        for product in self.products:
            if product.name == name:
                return product
        known = ", ".join(product.name for product in self.products) or "none"
        raise EngineError(f"render product {name!r} was not captured; captured were: {known}")

    def view(self, product: str) -> CapturedView:
        """The one camera of a plain product. EngineError for a tiled one."""
        views = self.views[self.product(product).name]
        if len(views) > 1:
            raise EngineError(f"render product {product!r} is tiled: it has {len(views)} cameras, not one")
        return views[0]

    def resolution(self, product: RenderProduct) -> tuple[int, int]:
        """(width, height) [pixels] of a product's whole image in this batch."""
        if product.sizes is None:
            return product.resolution
        seen = self.views[product.name][0].rendered.view
        return seen.width, seen.height

    def of(self, products: Sequence[RenderProduct]) -> CapturedBatch:
        """The same batch as a writer of these products sees it; what was computed is shared."""
        return replace(self, products=tuple(products))

    def payload(self, index: int, annotators: Sequence[Annotator], data_structure: str) -> dict[str, Any]:
        """What a writer's ``write`` is given for one frame of the batch, in one of Replicator's layouts."""
        from replicator_dr.engines.embedded.loop.payload import payload

        return payload(self, index, annotators, data_structure)

    def annotation(self, annotator: Annotator, product: str) -> BatchedAnnotation:
        """The result of a writer's annotator for all frames of the batch, its augmentations included."""
        return annotator.compute(self, product)

    def annotator(self, name: str, product: str, **params: Any) -> BatchedAnnotation:
        """An annotator's result for all frames of the batch, computed once for each set of parameters.

        params: the annotator's ``init_params``. UnsupportedError for annotators that this runtime does not have.
        """
        from replicator_dr.engines.embedded.annotate.annotators import compute

        key = (name, product, *sorted((key, str(value)) for key, value in params.items()))
        if key not in self._cache:
            with self.clock.measure("annotate"):
                self._cache[key] = compute(name, self.product(product), self.views[product], params)
        return self._cache[key]


def capture(
    renderer: Renderer,
    scene: Scene,
    state: FrameState,
    products: Sequence[RenderProduct],
    *,
    rgb: Container[str] | None = None,
    normals: Container[str] = (),
    depths: Container[str] = (),
    extras: Mapping[str, Container[str]] = MappingProxyType({}),
    clock: StageClock | None = None,
    seed: int = 0,
    tracer: ColorTracer | None = None,
    on_device: bool = False,
    jpegs: Mapping[str, frozenset[int]] = MappingProxyType({}),
    unseen: Container[str] = (),
) -> CapturedBatch:
    """Render every camera of every product for a batch of frames.

    rgb, normals, depths: names of the products that are shaded (None = all), whose normals are kept, and that measure
    depth as their cameras' sensors do; labels and true depth are there always. extras: what else is made for a product,
    by its name: "amodal", "silhouette", "previous", "next". tracer: makes the colours instead of the renderer.
    on_device: whether images stay on the renderer's device, colours there alone. jpegs, unseen: qualities of JPEG files
    that the device makes, by product, and the products whose colours nobody wants besides. Safe to call from several
    threads. EngineError for a product whose camera has left the stage.
    """
    from replicator_dr.engines.embedded.loop.device_jpeg import encoded, with_colors
    from replicator_dr.render.depth_sensor import measure
    from replicator_dr.render.photograph import photograph, photograph_on_device, put_on_device
    from replicator_dr.render.silhouette import with_silhouettes

    clock = clock or StageClock()
    views: dict[str, tuple[CapturedView, ...]] = {}
    with clock.measure("render"):
        for product in products:
            captured = []
            for path in product.cameras:
                camera = column_of(scene, product, path)
                view = View(camera, *capture_size(product, state, seed))
                shaded = rgb is None or product.name in rgb
                drawn = shaded and tracer is None
                measured = product.name in depths
                shown = measured or product.name in normals
                extra = extras.get(product.name, ())
                amodal = "amodal" in extra
                wanted = (renderer, state.arrays, view, drawn, shown, seed, state.frames, amodal)
                qualities = jpegs.get(product.name, frozenset()) if shaded else frozenset()
                stays = on_device or bool(qualities)
                rendered, images = photograph_on_device(*wanted) if stays else (photograph(*wanted), None)
                if "silhouette" in extra:
                    rendered = with_silhouettes(renderer, state.arrays, rendered)
                rendered = with_flow(rendered, state, scene, extra, renderer)
                if measured:
                    depth = measure(state.arrays, rendered, seed, state.frames, renderer.device)
                    rendered = replace(rendered, sensor_depth=depth)
                if shaded and tracer is not None:
                    rendered = replace(rendered, rgb=tracer.rgb(state, rendered))
                    images = put_on_device(rendered, renderer.device) if stays else None
                files = encoded(images, qualities) if images is not None else {}
                if not on_device:
                    rendered, images = with_colors(rendered, images, product.name not in unseen), None
                captured.append(CapturedView(scene, state, rendered, camera, images, files))
            views[product.name] = tuple(captured)
    return CapturedBatch(state, scene, tuple(products), views, clock, seed)


def capture_size(product: RenderProduct, state: FrameState, seed: int) -> tuple[int, int]:
    """(width, height) of each camera's image, the same in all frames of the batch."""
    width, height = np.unique(sizes_at(product, state.frames, seed), axis=0).squeeze(0).tolist()
    return width, height


def column_of(scene: Scene, product: RenderProduct, path: str) -> int:
    """Column of ``CameraArrays`` of a product's camera. EngineError for a camera that has left the stage."""
    if path not in scene.camera_paths:
        known = ", ".join(scene.camera_paths) or "none"
        raise EngineError(
            f"render product {product.name!r} looks through {path}, which is not on the stage; cameras are: {known}"
        )
    return scene.camera_paths.index(path)


def frames_of(state: FrameState, frames: slice | NDArray[np.intp]) -> FrameState:
    """The same state for some of the frames (views for a slice, copies for rows)."""
    arrays: FrameArrays = state.arrays[frames]
    return FrameState(
        frames=state.frames[frames],
        arrays=arrays,
        entity_world=state.entity_world[frames],
        entity_labels=state.entity_labels[frames],
        draws={name: draw[frames] for name, draw in state.draws.items()},
        trigger_counts={name: count[frames] for name, count in state.trigger_counts.items()},
        keypoint_world=state.keypoint_world[frames],
        neighbours={step: moment[frames] for step, moment in state.neighbours.items()},
    )
