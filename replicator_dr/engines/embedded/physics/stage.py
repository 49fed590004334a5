"""Which prims of a stage fall, and onto which."""

from __future__ import annotations

from pxr import Usd, UsdPhysics

from replicator_dr.engines.embedded.usd.stage import is_wrapper


def bodies_on(stage: Usd.Stage) -> list[str]:
    """The dynamic rigid bodies, in the order of the stage."""
    return [str(prim.GetPath()) for prim in stage.Traverse() if _falls(prim)]


def posts_on(stage: Usd.Stage) -> list[str]:
    """What collides and does not fall: kinematic bodies, wrappers that hold static colliders, other colliders."""
    found: dict[str, None] = {}
    for prim in stage.Traverse():
        if prim.HasAPI(UsdPhysics.CollisionAPI):
            holder = prim
            while holder and not holder.IsPseudoRoot() and not holder.HasAPI(UsdPhysics.RigidBodyAPI):
                holder = holder.GetParent()
            if not holder or holder.IsPseudoRoot():
                found[str((_wrapper(prim) or prim).GetPath())] = None
            elif not _falls(holder):
                found[str(holder.GetPath())] = None
    return list(found)


def _falls(prim: Usd.Prim) -> bool:
    if not prim.HasAPI(UsdPhysics.RigidBodyAPI):
        return False
    body = UsdPhysics.RigidBodyAPI(prim)
    return body.GetRigidBodyEnabledAttr().Get() is not False and not body.GetKinematicEnabledAttr().Get()


def _wrapper(prim: Usd.Prim) -> Usd.Prim | None:
    while prim and not prim.IsPseudoRoot():
        if is_wrapper(prim):
            return prim
        prim = prim.GetParent()
    return None
