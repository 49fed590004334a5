"""The shapes of prims, as collision tests take them: a convex hull, a mesh or a sphere, in a frame of their own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.placement.nesting import Pieces, ball_pieces, pieces
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]

# Geometries kept for each body, one for each scale: sizes that vary with the frames would fill the memory.
_KEPT = 256


@dataclass(eq=False)
class Body:
    """One shape.

    kind: "hull", "mesh" or "sphere". points: (K, 3) float64, corners of the hull, of the mesh, or of the box about the
    sphere. faces: (F, 3) int, triangles of ``points``, outward on hulls.
    """

    kind: str
    points: Float64
    faces: NDArray[np.int64]
    _geometries: dict[bytes, Any] = field(default_factory=dict)

    @cached_property
    def middle(self) -> Float64:
        """(3,): centre of the box in the body's own frame."""
        return 0.5 * (self.points.min(axis=0) + self.points.max(axis=0))

    @cached_property
    def half(self) -> Float64:
        """(3,): half the extent of that box."""
        return 0.5 * (self.points.max(axis=0) - self.points.min(axis=0))

    @cached_property
    def pieces(self) -> Pieces:
        """What may lie inside of others, and what others may lie in."""
        return ball_pieces(self.middle, self.half) if self.kind == "sphere" else pieces(self.points, self.faces)

    def geometry(self, bake: Float64) -> Any:
        """FCL's geometry of the points times ``bake`` (3, 3), which holds scale and shear; made once for each."""
        key = bake.tobytes()
        if key not in self._geometries:
            if len(self._geometries) >= _KEPT:
                self._geometries.clear()
            self._geometries[key] = self._made(bake)
        return self._geometries[key]

    def _made(self, bake: Float64) -> Any:
        fcl = collision_library()
        if self.kind == "sphere":
            return fcl.Sphere(float(self.half[0] * np.linalg.norm(bake[0])))
        points = self.points @ bake
        if self.kind == "hull":
            faces = self.faces[:, ::-1] if np.linalg.det(bake) < 0 else self.faces
            return fcl.Convex(points, len(faces), np.insert(faces, 0, 3, axis=1).ravel())
        model = fcl.BVHModel()
        model.beginModel(len(points), len(self.faces))
        model.addSubModel(points, self.faces)
        model.endModel()
        return model

    def __getstate__(self) -> dict[str, Any]:
        """FCL's objects stay in their process."""
        return {**self.__dict__, "_geometries": {}}


def collision_library() -> Any:
    """FCL. Raises EngineError where it is not installed."""
    try:
        import fcl
    except ImportError as error:
        raise EngineError(
            "exact collision tests need the package python-fcl; pip install 'replicator_dr[embedded]', or use "
            "collision: none"
        ) from error
    return fcl


def hull_body(points: Float64) -> Body | None:
    """The convex hull of points (N, 3); None where they lie in a plane."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = ConvexHull(points)
    except (QhullError, ValueError):
        return None
    place = np.zeros(len(points), dtype=np.int64)
    place[hull.vertices] = np.arange(len(hull.vertices))
    corners, faces = points[hull.vertices], place[hull.simplices]
    first, second, third = (corners[faces[:, i]] for i in range(3))
    inward = np.sum(np.cross(second - first, third - first) * hull.equations[:, :3], axis=1) < 0
    faces[inward] = faces[inward, ::-1]
    return Body("hull", corners, faces)


def mesh_body(triangles: Float64) -> Body:
    """A mesh from triangles (T, 3, 3)."""
    points, faces = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    return Body("mesh", points, faces.reshape(-1, 3).astype(np.int64))


def shaped_body(points: Float64, faces: NDArray[np.int64], kind: str) -> Body:
    """The hull of points (N, 3), or the mesh of triangles ``faces`` (T, 3), which what is flat is in any case."""
    return (hull_body(points) if kind == "hull" else None) or Body("mesh", points, faces)


def box_body(low: Float64, high: Float64) -> Body:
    """A box from its least and greatest corner (3,)."""
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    body = hull_body(corners)
    if body is None:
        raise EngineError(f"a box from {low.tolist()} to {high.tolist()} has no volume; give it three extents above 0")
    return body


def sphere_body(radius: float) -> Body:
    """A sphere about its own origin."""
    return Body("sphere", np.array([[-radius] * 3, [radius] * 3]), np.zeros((0, 3), dtype=np.int64))


class Bodies:
    """The bodies of a plan's prims; prims of the same geometry share theirs."""

    def __init__(self) -> None:
        self._by_path: dict[tuple[str, str], Body | None] = {}
        self._by_content: dict[bytes, Body | None] = {}

    def of(self, plan: Plan, path: str, kind: str) -> Body | None:
        """The body of all geometry at and below a prim, in its frame; None where there is nothing.

        kind: "hull" or "mesh". What is flat has no hull and is taken as a mesh.
        """
        if (path, kind) not in self._by_path:
            self._by_path[path, kind] = self._read(plan, path, kind)
        return self._by_path[path, kind]

    def _read(self, plan: Plan, path: str, kind: str) -> Body | None:
        points = plan.bounds.points(path, hidden=True)
        if not len(points):
            return None
        triangles = plan.bounds.triangles(path)
        key = hashlib.blake2b(kind.encode() + points.tobytes() + triangles.tobytes(), digest_size=16).digest()
        if key not in self._by_content:
            body = hull_body(points) if kind == "hull" else None
            self._by_content[key] = body or mesh_body(triangles)
        return self._by_content[key]
