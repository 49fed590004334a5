"""The shapes of a batch's parts: their bounds, and the vertices of those that are deformed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render import deform
from replicator_dr.render.deformation import DeformArrays, DeformLayout
from replicator_dr.render.geometry import Geometry
from replicator_dr.render.scene import FrameArrays, Mesh, SceneArrays
from replicator_dr.render.skin import Influences, Skin, influences
from replicator_dr.render.start import start_warp


@dataclass(frozen=True)
class Shapes:
    """Of the parts of a batch, as Warp arrays.

    centre, low, high: (B, P) vec3d, radius: (B, P) float64, in the parts' frames; of one row where all frames are
    alike. points, normals: (B V,) vec3, the V = ``vertices`` vertices of deformed parts, frame by frame. start: (P,)
    int32, where a part's begin in a frame of them, -1 = it keeps the shape of its mesh.
    """

    centre: wp.array
    radius: wp.array
    low: wp.array
    high: wp.array
    start: wp.array
    points: wp.array
    normals: wp.array
    vertices: int = 0


class ShapeMaker:
    """Makes the shapes of a scene's batches; what is not deformed is made once."""

    def __init__(self, scene: SceneArrays, geometry: Geometry, device: wp.Device) -> None:
        self._geometry = geometry
        self._device = device
        self._layout = scene.deform
        g, parts = geometry, len(scene.part_mesh)
        self._rest = Shapes(
            centre=self._put(g.centres[None], wp.vec3d),
            radius=self._put(g.radii[None], wp.float64),
            low=self._put(g.low[None], wp.vec3d),
            high=self._put(g.high[None], wp.vec3d),
            start=wp.full(parts, -1, dtype=wp.int32, device=device),
            points=wp.zeros(1, dtype=wp.vec3, device=device),
            normals=wp.zeros(1, dtype=wp.vec3, device=device),
        )
        if self._layout is not None:
            self._prepare(self._layout)

    def _prepare(self, layout: DeformLayout) -> None:
        vertex, mesh_vertex = self._geometry.part_vertex.numpy(), self._geometry.part_mesh_vertex.numpy()
        counts = np.where(layout.part_body >= 0, np.diff(vertex), 0)
        start = np.cumsum(counts) - counts
        owner = np.repeat(np.arange(len(counts)), counts)
        source = np.arange(len(owner)) - start[owner] + mesh_vertex[owner]
        self._vertices = len(owner)
        self._start = self._put(np.where(counts > 0, start, -1).astype(np.int32), wp.int32)
        self._owner, self._source = (
            self._put(owner.astype(np.int32), wp.int32),
            self._put(source.astype(np.int32), wp.int32),
        )
        self._body = self._put(layout.part_body, wp.int32)
        self._to_body = self._put(layout.part_frame, wp.mat44d)
        self._from_body = self._put(np.linalg.inv(layout.part_frame), wp.mat44d)

    def make(self, frames: FrameArrays, drawn: wp.array) -> Shapes:
        """The shapes of a batch. drawn: (B, P) uint8, the parts that are shown; others keep their bounds at rest."""
        if self._layout is None or frames.deform is None or not self._vertices:
            return self._rest
        rest, batch, parts = self._rest, len(frames), len(self._layout.part_body)
        points, normals = (self._new((batch, self._vertices), wp.vec3) for _ in range(2))
        low, high = self._new((batch, parts), wp.vec3), self._new((batch, parts), wp.vec3)
        low.fill_(wp.vec3(np.inf, np.inf, np.inf))
        high.fill_(wp.vec3(-np.inf, -np.inf, -np.inf))
        bodies = body_tables(self._layout, frames.deform, self._device, self._geometry.influences)
        wp.launch(
            deform.deform_vertices,
            (batch, self._vertices),
            [bodies, self._owner, self._source, self._body, self._to_body, self._from_body, drawn,
             self._geometry.points, self._geometry.normals, points, normals, low, high],
            device=self._device,
        )  # fmt: skip
        centre, low_out, high_out = (self._new((batch, parts), wp.vec3d) for _ in range(3))
        radius = self._new((batch, parts), wp.float64)
        wp.launch(
            deform.finish_bounds,
            (batch, parts),
            [self._start, low, high, rest.low, rest.high, low_out, high_out, centre, radius],
            device=self._device,
        )
        flat = points.flatten(), normals.flatten()
        return Shapes(centre, radius, low_out, high_out, self._start, *flat, self._vertices)

    def _put(self, values: NDArray[Any], dtype: Any) -> wp.array:
        return put(values, dtype, self._device)

    def _new(self, shape: tuple[int, ...], dtype: Any) -> wp.array:
        return wp.empty(shape, dtype=dtype, device=self._device)


def cloud_boxes(
    layout: DeformLayout,
    arrays: DeformArrays,
    body: NDArray[np.int32],
    to_body: NDArray[np.float64],
    to_holder: NDArray[np.float64],
    clouds: Sequence[NDArray[np.float32]],
    skins: Sequence[Skin | None] | None = None,
) -> NDArray[np.float64]:
    """(B, N, 2, 3): minimum and maximum of N clouds of points that are deformed with bodies, in frames of their own.

    body: (N,). to_body, to_holder: (N, 4, 4) for row vectors, from the points' frame to the body's and on to the box's.
    skins: of the clouds that joints move.
    """
    start_warp()
    batch, count = len(arrays.amounts), len(clouds)
    first = np.concatenate([[0], np.cumsum([len(cloud) for cloud in clouds])]).astype(np.int32)
    low, high = (wp.empty((batch, count), dtype=wp.vec3d, device="cpu") for _ in range(2))
    points = np.concatenate([np.zeros((0, 3), np.float32), *clouds])

    wp.launch(
        deform.bound_clouds,
        (batch, count),
        [cloud_tables(layout, arrays, clouds, skins), put(body, wp.int32), put(to_body, wp.mat44d),
         put(to_holder, wp.mat44d), put(first, wp.int32), put(points, wp.vec3), low, high],
        device="cpu",
    )  # fmt: skip
    return np.stack([low.numpy(), high.numpy()], axis=2)


def moved_clouds(
    layout: DeformLayout,
    arrays: DeformArrays,
    body: NDArray[np.int32],
    to_body: NDArray[np.float64],
    to_holder: NDArray[np.float64],
    clouds: Sequence[NDArray[np.float32]],
    skins: Sequence[Skin | None] | None = None,
) -> NDArray[np.float64]:
    """(B, K, 3): all points of the clouds, one cloud after the other; arguments as for ``cloud_boxes``."""
    start_warp()
    counts = [len(cloud) for cloud in clouds]
    moved = wp.empty((len(arrays.amounts), sum(counts)), dtype=wp.vec3d, device="cpu")

    wp.launch(
        deform.move_clouds,
        moved.shape,
        [cloud_tables(layout, arrays, clouds, skins),
         put(np.repeat(np.arange(len(clouds), dtype=np.int32), counts), wp.int32), put(body, wp.int32),
         put(to_body, wp.mat44d), put(to_holder, wp.mat44d), put(np.concatenate(clouds), wp.vec3), moved],
        device="cpu",
    )  # fmt: skip
    return np.asarray(moved.numpy(), np.float64)


def moved_meshes(
    layout: DeformLayout, arrays: DeformArrays, parts: NDArray[np.intp], meshes: Sequence[Mesh]
) -> list[Mesh]:
    """The meshes of some parts as the first frame of arrays shapes them."""
    start_warp()
    counts = [len(mesh.points) for mesh in meshes]
    own = np.repeat(np.arange(len(parts)), counts).astype(np.int32)

    frame = layout.part_frame[parts]
    room = (1, sum(counts))
    points, normals = (wp.zeros(room, dtype=wp.vec3, device="cpu") for _ in range(2))
    low, high = (wp.zeros((1, len(parts)), dtype=wp.vec3, device="cpu") for _ in range(2))
    clouds = [np.concatenate([getattr(mesh, name) for mesh in meshes]) for name in ("points", "normals") if meshes]
    if meshes:
        wp.launch(
            deform.deform_vertices,
            room,
            [cloud_tables(layout, arrays, [mesh.points for mesh in meshes], [mesh.skin for mesh in meshes]),
             put(own, wp.int32), put(np.arange(room[1], dtype=np.int32), wp.int32),
             put(layout.part_body[parts], wp.int32), put(frame, wp.mat44d), put(np.linalg.inv(frame), wp.mat44d),
             put(np.ones((1, len(parts)), np.uint8), wp.uint8), *(put(cloud, wp.vec3) for cloud in clouds), points,
             normals, low, high],
            device="cpu",
        )  # fmt: skip
    ends = np.cumsum(counts)[:-1]
    pairs = zip(meshes, np.split(points.numpy()[0], ends), np.split(normals.numpy()[0], ends))
    return [replace(mesh, points=moved, normals=turned) for mesh, moved, turned in pairs]


def cloud_tables(
    layout: DeformLayout,
    arrays: DeformArrays,
    clouds: Sequence[NDArray[np.float32]],
    skins: Sequence[Skin | None] | None,
) -> deform.BodyTables:
    """What the kernels ask of bodies where the vertices are those of clouds."""
    held = influences([None] * len(clouds) if skins is None else skins, [len(cloud) for cloud in clouds])
    return body_tables(layout, arrays, "cpu", held)


def body_tables(
    layout: DeformLayout, arrays: DeformArrays, device: wp.Device | str, held: Influences
) -> deform.BodyTables:
    """What the kernels ask of bodies. held: the joints of the vertices that they move."""
    tables = deform.BodyTables()
    values = (
        ("low", layout.low, wp.vec3d),
        ("high", layout.high, wp.vec3d),
        ("axis", layout.axis, wp.int32),
        ("amounts", arrays.amounts, wp.float64),
        ("waves", arrays.waves, wp.float64),
        ("first_matrix", layout.first_matrix, wp.int32),
        (
            "matrices",
            np.zeros((len(arrays.amounts), 0, 4, 4)) if arrays.matrices is None else arrays.matrices,
            wp.mat44d,
        ),
        ("first", held.first, wp.int32),
        ("joint", held.joint, wp.int32),
        ("weight", held.weight, wp.float64),
    )
    for name, value, dtype in values:
        setattr(tables, name, put(value, dtype, device))
    return tables


def put(values: Any, dtype: Any, device: wp.Device | str = "cpu") -> wp.array:
    """Numbers as a Warp array of a device."""
    return wp.array(np.ascontiguousarray(values), dtype=dtype, device=device)
