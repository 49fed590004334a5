"""Properties of the generated meshes, checked on the files with trimesh and OpenUSD."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import trimesh
from pxr import Usd, UsdGeom, UsdShade

MESHES = Path(__file__).resolve().parents[2] / "scenes" / "assets" / "meshes"
FILES = sorted(MESHES.glob("*.usdc"))
OPEN = {"plant", "pencil"}
"""Leaves are sheets; the pencil's tip has no base where it meets the wood."""
CENTRED = {"cube", "table"}


@cache
def stage_of(path: Path) -> Usd.Stage:
    """The open stage; kept, because prims do not keep it."""
    return Usd.Stage.Open(str(path))


def meshes_of(path: Path) -> list[UsdGeom.Mesh]:
    return [UsdGeom.Mesh(prim) for prim in stage_of(path).Traverse() if prim.IsA(UsdGeom.Mesh)]


def solid(path: Path) -> trimesh.Trimesh:
    """All meshes of a file, equal places merged, whatever their normals and texture coordinates."""
    pieces = []
    for mesh in meshes_of(path):
        faces = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
        pieces.append(trimesh.Trimesh(np.array(mesh.GetPointsAttr().Get(), dtype=float), faces, process=False))
    whole = trimesh.util.concatenate(pieces)
    whole.merge_vertices(merge_tex=True, merge_norm=True)
    whole.update_faces(whole.nondegenerate_faces())
    return whole


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stage_is_in_metres_with_z_up_and_a_default_prim(path: Path) -> None:
    stage = stage_of(path)
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert stage.GetDefaultPrim().GetName() == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_stands_on_the_ground_and_has_a_believable_size(path: Path) -> None:
    points = np.concatenate([np.array(mesh.GetPointsAttr().Get()) for mesh in meshes_of(path)])
    low, high = points.min(axis=0), points.max(axis=0)
    if path.stem not in CENTRED:
        assert -0.02 < low[2] < 0.02
    assert 0.01 < np.linalg.norm(high - low) < 5.0


@pytest.mark.parametrize("path", [path for path in FILES if path.stem not in OPEN], ids=lambda path: path.stem)
def test_surfaces_are_closed_and_face_outward(path: Path) -> None:
    """Every edge is walked as often one way as the other, also where solids touch; and the volume is positive."""
    whole = solid(path)
    edges = whole.edges
    forward = np.sort(edges[:, 0] * len(whole.vertices) + edges[:, 1])
    backward = np.sort(edges[:, 1] * len(whole.vertices) + edges[:, 0])
    np.testing.assert_array_equal(forward, backward)
    assert whole.volume > 0.0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_normals_are_unit_vectors_near_their_faces(path: Path) -> None:
    for mesh in meshes_of(path):
        points = np.array(mesh.GetPointsAttr().Get(), dtype=float)
        normals = np.array(mesh.GetNormalsAttr().Get(), dtype=float)
        faces = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
        np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-4)
        corners = points[faces]
        face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        face /= np.linalg.norm(face, axis=1, keepdims=True)
        assert np.einsum("tci,ti->tc", normals[faces], face).min() > 0.35


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_mesh_has_texture_coordinates_and_a_material_whose_picture_exists(path: Path) -> None:
    stage = stage_of(path)
    for mesh in meshes_of(path):
        st = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("st")
        assert len(st.Get()) == len(mesh.GetPointsAttr().Get())
        material, _ = UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()
        assert material
    for prim in stage.Traverse():
        shader = UsdShade.Shader(prim)
        if shader and shader.GetIdAttr().Get() == "UsdUVTexture":
            assert Path(shader.GetInput("file").Get().resolvedPath).is_file()


def test_the_cone_and_the_cube_have_the_sizes_of_the_contest() -> None:
    np.testing.assert_allclose(solid(MESHES / "cone.usdc").extents, [0.213, 0.213, 0.325], atol=0.002)
    np.testing.assert_allclose(solid(MESHES / "cube.usdc").extents, [0.241, 0.241, 0.241], atol=0.02)


def test_the_cone_is_hollow() -> None:
    """Its plastic fills a small part of the space below it, and a ray down its axis meets nothing."""
    cone = solid(MESHES / "cone.usdc")
    assert cone.volume < 0.35 * cone.convex_hull.volume
    radius = np.hypot(cone.vertices[:, 0], cone.vertices[:, 1])
    assert radius.min() > 0.015
