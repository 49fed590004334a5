"""What a writer's ``write(data)`` is given: the three layouts of Replicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from replicator_dr.engines.embedded.annotate.annotators_camera import FRAMES_PER_SECOND
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.api.annotators import Annotator
    from replicator_dr.engines.embedded.loop.capture import CapturedBatch

LAYOUTS = ("legacy", "renderProduct", "annotator")


def payload(batch: CapturedBatch, index: int, annotators: Sequence[Annotator], layout: str) -> dict[str, Any]:
    """One frame of a batch for a writer with these annotators, in its ``data_structure``.

    Beside Replicator's keys stands ``frame``, the frame's number, which Kit does not tell. EngineError for an unknown
    layout.
    """
    fill = {"legacy": _legacy, "renderProduct": _by_product, "annotator": _by_annotator}.get(layout)
    if fill is None:
        raise EngineError(f"data_structure is {layout!r}; it is one of {', '.join(LAYOUTS)}")
    state = batch.state
    data: dict[str, Any] = {
        "trigger_outputs": {name: int(count[index]) for name, count in state.trigger_counts.items()},
        "distribution_outputs": {name: np.asarray(draw[index]).tolist() for name, draw in state.draws.items()},
        "reference_time": (int(state.frames[index]), FRAMES_PER_SECOND),
        "named_outputs": {},
        "swhFrameNumber": 0,
        "frame": int(state.frames[index]),
    }
    with batch.clock.measure("annotate"):
        fill(data, batch, index, annotators)
    return data


def _legacy(data: dict[str, Any], batch: CapturedBatch, index: int, annotators: Sequence[Annotator]) -> None:
    single = len(batch.products) == 1
    for product in batch.products:
        data[f"rp_{product.name}"] = {"camera": product.cameras[0], "resolution": batch.resolution(product)}
        for annotator in annotators:
            key = annotator.name if single else f"{annotator.name}-{product.name}"
            data[key] = annotator.compute(batch, product.name).legacy(index)


def _by_product(data: dict[str, Any], batch: CapturedBatch, index: int, annotators: Sequence[Annotator]) -> None:
    data["renderProducts"] = {
        product.name: {
            "camera": product.cameras[0],
            "resolution": batch.resolution(product),
            **{annotator.name: annotator.compute(batch, product.name).flat(index) for annotator in annotators},
        }
        for product in batch.products
    }


def _by_annotator(data: dict[str, Any], batch: CapturedBatch, index: int, annotators: Sequence[Annotator]) -> None:
    data["annotators"] = {
        **{
            annotator.name: {
                product.name: annotator.compute(batch, product.name).flat(index) for product in batch.products
            }
            for annotator in annotators
        },
        "camera": {product.name: product.cameras[0] for product in batch.products},
        "resolution": {product.name: batch.resolution(product) for product in batch.products},
    }
