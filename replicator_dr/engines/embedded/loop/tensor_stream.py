"""Frames as tensors on the device that draws them: nothing is brought to the host, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import warp as wp

from replicator_dr.engines.embedded.annotate.annotators_segmentation import instance_ids
from replicator_dr.engines.embedded.loop.capture import capture_size, column_of
from replicator_dr.engines.embedded.loop.capture_plan import CapturePlan
from replicator_dr.engines.embedded.loop.pipeline import Session
from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.engines.embedded.scene.labels import frame_labels, part_table
from replicator_dr.engines.embedded.scene.labels_filter import label_filter
from replicator_dr.engines.embedded.scene.state import FrameState
from replicator_dr.render.photograph import is_ordinary, photograph
from replicator_dr.render.scene import View
from replicator_dr.render.tensors import TensorView, tensors

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.runtime import Runtime


def tensor_stream(
    runtime: Runtime, products: tuple[RenderProduct, ...], n_frames: int, start: int, batch: int | None, rgb: bool
) -> Iterator[dict[str, Any]]:
    """{product name: TensorView, "frames": (B,) int64, "draws": {distribution: (B, n, k)}} for one batch after another.

    batch: frames drawn together; None for ``default_chunk``. rgb: whether colours are drawn. Colours of cameras with
    effects behind their lens, and path-traced ones, take a way over the host.
    """
    names = frozenset(product.name for product in products)
    plan = CapturePlan(products, names if rgb else frozenset(), frozenset())
    session = Session(runtime, plan, batch, None, alone=True)
    with closing(session.chunks(range(start, start + n_frames))) as chunks:
        for state in chunks:
            views = {product.name: _view(session, product, state, rgb) for product in products}
            yield {**views, "frames": state.frames, "draws": dict(state.draws)}


def _view(session: Session, product: RenderProduct, state: FrameState, rgb: bool) -> TensorView:
    scene, renderer, seed = session.scene, session.renderer, session.runtime.seed
    view = View(column_of(scene, product, product.cameras[0]), *capture_size(product, state, seed))
    plain = session.tracer is None and bool(is_ordinary(state.arrays, view.camera).all())
    drawn = renderer.draw(state.arrays, view, rgb=rgb and plain)
    if rgb and not plain:
        shown = photograph(renderer, state.arrays, view, session.tracer is None, False, seed, state.frames)
        colors = shown.rgb if session.tracer is None else session.tracer.rgb(state, shown)
        drawn = replace(drawn, rgb=wp.array(colors, dtype=wp.uint8, device=renderer.device))
    labels = frame_labels(scene, state, label_filter(None, None))
    ids = part_table(instance_ids(labels), scene.arrays.part_entity)
    return tensors(drawn, ids, labels.semantic, state.entity_world, state.arrays.cameras.world[:, view.camera])
