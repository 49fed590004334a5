"""Labels of frames without their colours: what conditions on images are asked of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.loop.capture import column_of, frames_of
from replicator_dr.engines.embedded.loop.rolling import alike, sizes_at
from replicator_dr.engines.embedded.scene.state import FrameState
from replicator_dr.render.scene import EntityTable, View

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.products import RenderProduct
    from replicator_dr.engines.embedded.scene.state import Scene
    from replicator_dr.render.renderer import Renderer


@dataclass(frozen=True)
class Seen:
    """What one camera of a product shows over B frames.

    camera: path of the Camera prim. size: (B, 2) float64, width and height [pixels]. table: of the labelled objects.
    """

    camera: str
    size: NDArray[np.float64]
    table: EntityTable


def label_images(
    renderer: Renderer,
    scene: Scene,
    state: FrameState,
    products: Sequence[RenderProduct],
    seed: int,
    chunk: int,
    pool: Executor,
) -> list[Seen]:
    """Draw every camera of the products without colours, ``chunk`` frames at a time on the threads of ``pool``.

    The tables are those of the images that are written: both come from the same samples.
    """
    chunks = list(_chunks(products, state, seed, chunk))
    views = [(product, path, sizes_at(product, state.frames, seed)) for product in products for path in product.cameras]

    def draw(camera: int, size: NDArray[np.int64], rows: slice) -> EntityTable:
        view = View(camera, int(size[rows.start, 0]), int(size[rows.start, 1]))
        return renderer.draw(frames_of(state, rows).arrays, view, rgb=False).fetch_entities()

    work = [
        [pool.submit(draw, column_of(scene, product, path), size, rows) for rows in chunks]
        for product, path, size in views
    ]
    return [
        Seen(path, size.astype(np.float64), _joined([future.result() for future in futures]))
        for (_, path, size), futures in zip(views, work, strict=True)
    ]


def _chunks(products: Sequence[RenderProduct], state: FrameState, seed: int, chunk: int) -> Iterator[slice]:
    for run in alike(products, state.frames, seed):
        for begin in range(run.start, run.stop, chunk):
            yield slice(begin, min(begin + chunk, run.stop))


def _joined(tables: Sequence[EntityTable]) -> EntityTable:
    columns = {
        field.name: np.concatenate([getattr(table, field.name) for table in tables]) for field in fields(EntityTable)
    }
    return EntityTable(**columns)
