"""References to asset files, in the stage's own units and up axis."""

from __future__ import annotations

from pxr import Tf, Usd, UsdGeom, UsdLux, UsdSkel

from replicator_dr.engines.embedded.scene.assets import existing_file
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable
from replicator_dr.engines.embedded.usd.stage import set_pose
from replicator_dr.errors import AssetError

_CONTENT = (UsdGeom.PointInstancer, UsdGeom.Camera)


def add_asset(stage: Usd.Stage, path: str, usd: str, kind: str, instanceable: bool = False) -> Usd.Prim:
    """A prim, mostly an Xform, that references a USD file. Raises AssetError, naming the file, where it cannot be."""
    file = existing_file(usd, kind)
    source = _open(file, kind)
    root = source.GetDefaultPrim()
    # A type that is authored here wins over the asset's own: a default prim that is itself a mesh must stay one, and
    # nothing follows its joints outside of a SkelRoot.
    kept = root and (root.IsA(UsdGeom.Gprim) or root.IsA(UsdSkel.Root))
    prim = stage.DefinePrim(path, root.GetTypeName() if kept else "Xform")
    if root:
        prim.GetReferences().AddReference(file)
    else:
        roots = [child for child in source.GetPseudoRoot().GetChildren() if not child.IsAbstract()]
        if not roots:
            raise AssetError(f"{kind}: {file} is empty; export it again with something in it")
        for child in roots:
            below = stage.DefinePrim(f"{path}/{child.GetName()}")
            below.GetReferences().AddReference(file, child.GetPath())
    prim.SetInstanceable(instanceable)
    check_content(prim, file, kind)
    _correct(stage, prim, source, root)
    return prim


def _open(file: str, kind: str) -> Usd.Stage:
    try:
        return Usd.Stage.Open(file, Usd.Stage.LoadAll)
    except Tf.ErrorException as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise AssetError(f"{kind}: {file} cannot be opened as USD ({reason})") from None


def check_content(prim: Usd.Prim, file: str, kind: str) -> None:
    """Raises AssetError for an asset without light, camera or geometry, or with faceless meshes only."""
    empty = []
    for below in Usd.PrimRange(prim, Usd.TraverseInstanceProxies()):
        if below.IsA(UsdGeom.Mesh):
            if below.GetAttribute("faceVertexCounts").Get():
                return
            empty.append(str(below.GetPath()).removeprefix(str(prim.GetPath())))
        elif is_drawable(below) or below.HasAPI(UsdLux.LightAPI) or any(below.IsA(kind) for kind in _CONTENT):
            return
    what = f"its mesh {empty[0]} has no faces" if empty else "it holds no mesh"
    raise AssetError(f"{kind}: there is nothing to draw in {file}: {what}; export it again with its geometry")


def _correct(stage: Usd.Stage, prim: Usd.Prim, source: Usd.Stage, root: Usd.Prim) -> None:
    """Bring the asset's units and up axis to the stage's, by a pose over whatever the asset's root has itself."""
    factor = UsdGeom.GetStageMetersPerUnit(source) / UsdGeom.GetStageMetersPerUnit(stage)
    ups = str(UsdGeom.GetStageUpAxis(source)), str(UsdGeom.GetStageUpAxis(stage))
    turn = {("Y", "Z"): 90.0, ("Z", "Y"): -90.0}.get(ups, 0.0)
    if abs(factor - 1.0) < 1e-9 and turn == 0.0:
        return
    own = UsdGeom.Xformable(prim).GetOrderedXformOps() if root else []
    if not own:
        set_pose(prim, rotate=(turn, 0.0, 0.0), scale=(factor,) * 3)
        return
    # The root's own operations stay; the correction comes after them, so it stands first in the order.
    double = UsdGeom.XformOp.PrecisionDouble
    xformable = UsdGeom.Xformable(prim)
    rotate = xformable.AddRotateXOp(double, "upAxis")
    rotate.Set(turn)
    scale = xformable.AddScaleOp(double, "units")
    scale.Set((factor,) * 3)
    xformable.SetXformOpOrder([rotate, scale, *own])
