"""The frames before and after those of a batch: what moves between them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.errors import EngineError
from replicator_dr.render.moment import Moment
from replicator_dr.render.scene import CameraArrays, RenderedView

if TYPE_CHECKING:
    from replicator_dr.render.renderer import Renderer

PREVIOUS, NEXT = "previous", "next"
"""What annotators ask for (``AnnotatorKind.extra``)."""
STEPS = {PREVIOUS: -1, NEXT: 1}


def with_neighbours(
    state: FrameState, evaluate: Callable[[NDArray[np.int64]], FrameState], steps: Iterable[int]
) -> FrameState:
    """The same state with ``neighbours``; frame 0 is its own previous one.

    Frames are a function of their numbers: what a run begins or ends with changes nothing. Only frames that the state
    lacks are evaluated.
    """
    wanted = {step: np.maximum(state.frames + step, 0) for step in steps}
    if not wanted:
        return state
    numbers, moment = state.frames, _moment(state)
    missing = np.setdiff1d(np.concatenate(list(wanted.values())), numbers)
    if len(missing):
        further = evaluate(missing)
        numbers = np.concatenate([numbers, missing])
        moment = _joined(moment, _moment(further))
    order = np.argsort(numbers, kind="stable")
    rows = {step: order[np.searchsorted(numbers, frames, sorter=order)] for step, frames in wanted.items()}
    return replace(state, neighbours={step: moment[row] for step, row in rows.items()})


def _moment(state: FrameState) -> Moment:
    return Moment(state.arrays.world, state.arrays.cameras, state.arrays.deform)


def _neighbour(state: FrameState, name: str) -> Moment:
    if STEPS[name] not in state.neighbours:
        raise EngineError(f"the {name} frame was not evaluated with this batch; use with_neighbours() before capturing")
    return state.neighbours[STEPS[name]]


def with_flow(
    rendered: RenderedView, state: FrameState, scene: Scene, wanted: Container[str], renderer: Renderer
) -> RenderedView:
    """The same view with flow_back, where "previous" is wanted, and flow and scene_flow, where "next" is."""
    if PREVIOUS not in wanted and NEXT not in wanted:
        return rendered
    from replicator_dr.render.flow import flow
    from replicator_dr.render.flow_shapes import seen_shapes

    now, transform, device = _moment(state), scene.arrays.part_transform, renderer.device
    shapes = seen_shapes(renderer, state.arrays, rendered.view)
    if PREVIOUS in wanted:
        back = flow(now, _neighbour(state, PREVIOUS), rendered, transform, device, shapes)
        rendered = replace(rendered, flow_back=back.pixels)
    if NEXT in wanted:
        ahead = flow(now, _neighbour(state, NEXT), rendered, transform, device, shapes)
        rendered = replace(rendered, flow=ahead.pixels, scene_flow=ahead.points)
    return rendered


def _joined(first: Moment, second: Moment) -> Moment:
    cameras = {
        name: np.concatenate([value, getattr(second.cameras, name)]) for name, value in vars(first.cameras).items()
    }
    deform = None
    if first.deform is not None and second.deform is not None:
        deform = first.deform + second.deform
    return Moment(np.concatenate([first.world, second.world]), CameraArrays(**cameras), deform)
