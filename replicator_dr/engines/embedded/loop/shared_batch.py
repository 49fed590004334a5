"""A captured batch in two parts: its images in shared memory, and all else that annotators need as a small message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.loop.capture import CapturedBatch, CapturedView, frames_of
from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.render.scene import EntityTable, RenderedView

_ALIGNMENT = 64


@dataclass(frozen=True)
class Place:
    """Where an array lies in shared memory. offset [bytes]."""

    offset: int
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class SharedView:
    """A ``CapturedView``: the fields of its ``RenderedView``, images as their places, and its JPEG files."""

    camera: int
    fields: Mapping[str, Any]
    jpegs: Mapping[int, Sequence[bytes]]


@dataclass(frozen=True)
class SharedBatch:
    """The message about a batch. products: names. size: of the shared memory that the images take [bytes]."""

    state: FrameState
    views: Mapping[str, tuple[SharedView, ...]]
    seed: int
    size: int


def labelled(scene: Scene) -> Scene:
    """The same scene without what only the renderer needs: small enough to be sent."""
    return replace(scene, arrays=replace(scene.arrays, meshes=(), textures=(), environments=()))


def plain(product: RenderProduct) -> RenderProduct:
    """The same product away from its pool and stage."""
    bare = RenderProduct(product.name, product.cameras, product.tile, None, product.tiled)  # type: ignore[arg-type]
    # Their size is that of the images; all that counts is that it changes.
    bare.sizes = None if product.sizes is None else True
    return bare


def described(batch: CapturedBatch, frames: slice) -> tuple[SharedBatch, list[tuple[Place, NDArray[Any]]]]:
    """The message about some frames of a batch, and the images that are to be copied to their places."""
    images: list[tuple[Place, NDArray[Any]]] = []
    end = 0

    def placed(image: NDArray[Any]) -> Place:
        nonlocal end
        place = Place(end, image.shape, image.dtype.str)
        end = -(-(end + image.nbytes) // _ALIGNMENT) * _ALIGNMENT
        images.append((place, image))
        return place

    def field(value: Any) -> Any:
        if isinstance(value, EntityTable):
            return EntityTable(**{name: column[frames] for name, column in vars(value).items()})
        if not isinstance(value, np.ndarray):
            return value
        return placed(value[frames]) if value.ndim > 2 else value[frames]

    views = {
        product.name: tuple(
            SharedView(
                view.camera,
                {name: field(value) for name, value in vars(view.rendered).items()},
                {quality: files[frames] for quality, files in view.jpegs.items()},
            )
            for view in batch.views[product.name]
        )
        for product in batch.products
    }
    return SharedBatch(_for_labels(frames_of(batch.state, frames)), views, batch.seed, end), images


def _for_labels(state: FrameState) -> FrameState:
    """Without the transforms, materials and lights, which no annotator looks at."""

    def none_of(part: Any) -> Any:
        return type(part)(**{name: value[:, :0] for name, value in vars(part).items()})

    arrays = state.arrays
    empty = {name: value[:, :0] for name, value in vars(arrays).items() if isinstance(value, np.ndarray)}
    still = replace(arrays, sensors=None, motion=None, depth_sensors=None, patterns=None)
    bare = replace(still, **empty, materials=none_of(arrays.materials), lights=none_of(arrays.lights))  # type: ignore[arg-type]
    return replace(state, arrays=bare, neighbours={})


def put(memory: Any, images: list[tuple[Place, NDArray[Any]]]) -> None:
    """Copy images to their places; the interpreter lock is released meanwhile."""
    for place, image in images:
        np.copyto(_array(memory, place), image)


def _array(memory: Any, place: Place) -> NDArray[Any]:
    count = int(np.prod(place.shape))
    array: NDArray[Any] = np.frombuffer(memory, place.dtype, count, place.offset).reshape(place.shape)
    return array


def restored(shared: SharedBatch, memory: Any, scene: Scene, products: Mapping[str, RenderProduct]) -> CapturedBatch:
    """The batch again, its images read from shared memory where they are. products: those of the scene, by name."""

    def view(one: SharedView) -> CapturedView:
        fields: dict[str, Any] = {
            name: _array(memory, value) if isinstance(value, Place) else value for name, value in one.fields.items()
        }
        return CapturedView(scene, shared.state, RenderedView(**fields), one.camera, jpegs=one.jpegs)

    views = {name: tuple(view(one) for one in several) for name, several in shared.views.items()}
    return CapturedBatch(shared.state, scene, tuple(products[name] for name in views), views, seed=shared.seed)
