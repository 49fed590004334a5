"""What has to be rendered for whom: worked out once from the attached writers and annotators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from replicator_dr.engines.embedded.annotate import annotators
from replicator_dr.engines.embedded.loop.capture import CapturedBatch, capture
from replicator_dr.engines.embedded.loop.device_jpeg import wishes
from replicator_dr.engines.embedded.loop.neighbours import STEPS
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.engines.embedded.scene.state import FrameState, Scene

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.path_tracing import ColorTracer
    from replicator_dr.engines.embedded.loop.worker_pool import WorkerPool
    from replicator_dr.engines.embedded.runtime import Runtime
    from replicator_dr.render.renderer import Renderer


@dataclass(frozen=True)
class CapturePlan:
    """Products to render, in the pool's order, and which of them need colours, normals, measured depth, and more.

    extras: what else is made for a product, by its name; see ``annotators.AnnotatorKind``. jpegs, unseen: qualities of
    JPEG files that the device makes, by product, and the products whose colours nobody wants besides.
    """

    products: tuple[RenderProduct, ...]
    rgb: frozenset[str]
    normals: frozenset[str]
    depths: frozenset[str] = frozenset()
    extras: Mapping[str, frozenset[str]] = field(default_factory=dict)
    jpegs: Mapping[str, frozenset[int]] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()

    def capture(
        self,
        renderer: Renderer,
        scene: Scene,
        state: FrameState,
        clock: StageClock,
        seed: int,
        tracer: ColorTracer | None = None,
        on_device: bool = False,
    ) -> CapturedBatch:
        """Render a batch; with a tracer, colours are path traced. on_device: whether images stay on the device."""
        return capture(
            renderer,
            scene,
            state,
            self.products,
            rgb=self.rgb,
            normals=self.normals,
            depths=self.depths,
            extras=self.extras,
            clock=clock,
            seed=seed,
            tracer=tracer,
            on_device=on_device,
            jpegs=self.jpegs,
            unseen=self.unseen,
        )

    @property
    def steps(self) -> frozenset[int]:
        """Which neighbours of its frames a batch has to know, -1 and 1."""
        return frozenset(STEPS[name] for names in self.extras.values() for name in names if name in STEPS)

    @property
    def pixels(self) -> int:
        """Pixels of one frame, over all products."""
        return sum(product.resolution[0] * product.resolution[1] for product in self.products)


def plan_of(runtime: Runtime) -> CapturePlan:
    """The plan for everything that is attached now; products whose updates are switched off are left out."""
    wanted: list[tuple[RenderProduct, Iterable[str]]] = [
        (product, [annotator.template_name for annotator in writer.get_annotators()])
        for writer in runtime.writers
        for product in writer.render_products
    ]
    pool = runtime.products
    wanted += [(annotator.product, [annotator.template_name]) for annotator in pool.annotators if annotator.product]
    jpegs, unseen = wishes(runtime) if any(_asks_for_jpegs(writer) for writer in runtime.writers) else ({}, frozenset())
    return replace(plan_for(pool.products, wanted), jpegs=jpegs, unseen=unseen)


def _asks_for_jpegs(writer: Any) -> bool:
    return getattr(writer, "device_jpeg", None) is not None


def plan_for(products: Sequence[RenderProduct], wanted: Iterable[tuple[RenderProduct, Iterable[str]]]) -> CapturePlan:
    """The plan for pairs of a product and names of annotators. UnsupportedError for annotators there are none of."""
    rgb, normals, depths, used = set(), set(), set(), set()
    extras: dict[str, frozenset[str]] = {}
    for product, names in wanted:
        used.add(product.name)
        kinds = [annotators.kind(name) for name in names]
        if any(kind.rgb for kind in kinds):
            rgb.add(product.name)
        if any(kind.normals for kind in kinds):
            normals.add(product.name)
        if any(kind.sensor_depth for kind in kinds):
            depths.add(product.name)
        extras[product.name] = extras.get(product.name, frozenset()).union(*(kind.extra for kind in kinds))
    rendered = tuple(product for product in products if product.name in used and product.hydra_texture.updates_enabled)
    return CapturePlan(rendered, frozenset(rgb), frozenset(normals), frozenset(depths), extras)


@dataclass(frozen=True, eq=False)
class Writing:
    """What a worker has done for one writer and one batch: records to commit, or frames to hand to ``write``."""

    writer: Any
    records: list[dict[str, Any]] | None
    frames: tuple[int, ...] = ()


Firing = dict[int, tuple[int, ...]]
"""{position among the writers: frames of a batch}, for the writers that take single frames."""


def takes_batches(writer: Any) -> bool:
    """Whether a writer has the batched path, and is called for every frame."""
    return hasattr(writer, "write_batch") and hasattr(writer, "commit") and writer.writes_every_frame


def ready(writer: Any, plan: CapturePlan) -> bool:
    """Whether all render products of a writer are being rendered."""
    return all(product in plan.products for product in writer.render_products)


def write_batches(
    batch: CapturedBatch, writers: Sequence[Any], fires: Firing, processes: WorkerPool | None = None
) -> list[Writing]:
    """On a worker thread: run the batched writers; note for the others which frames are theirs."""
    written = processes.write(batch) if processes else {}
    done = []
    for position, writer in enumerate(writers):
        if position in fires:
            done.append(Writing(writer, None, fires[position]))
        elif position in written:
            done.append(Writing(writer, written[position]))
        else:
            done.append(Writing(writer, writer.write_batch(batch.of(writer.render_products))))
    batch.shared.clear()
    return done


def firing(writers: Sequence[Any], state: FrameState) -> Firing:
    """On the main thread, in the order of frames: which frames of a batch the single-frame writers take."""
    return {
        position: tuple(np.flatnonzero(writer.fires(state.frames)).tolist())
        for position, writer in enumerate(writers)
        if not takes_batches(writer)
    }


def commit(batch: CapturedBatch, done: Sequence[Writing]) -> tuple[int, int]:
    """On the main thread, in the order of frames: commit records, call ``write``. Returns images and bytes written."""
    images = size = 0
    for writing in done:
        if writing.records is not None:
            with batch.clock.measure("write"):
                writing.writer.commit(writing.records)
            images += len(writing.records)
            size += sum(int(record.get("bytes", 0)) for record in writing.records)
            continue
        own = batch.of(writing.writer.render_products)
        for index in writing.frames:
            data = own.payload(index, writing.writer.get_annotators(), writing.writer.data_structure)
            with batch.clock.measure("write"):
                writing.writer.take(data)
            images += len(own.products)
    return images, size
