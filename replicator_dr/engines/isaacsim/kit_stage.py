"""The stage that Kit has open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicator_dr.engines.isaacsim.requests import Requests, Update
from replicator_dr.errors import AssetError, EngineError

if TYPE_CHECKING:
    from pxr import Usd

MOST_UPDATES = 2000
"""Updates of the app that assets may take to load before a run begins without them."""
SETTLING_UPDATES = 4
"""Updates with nothing left to load after which it is taken for loaded: loads are queued an update late."""


def current_stage() -> Usd.Stage:
    """The open stage. EngineError where there is none."""
    stage = _context().get_stage()
    if stage is None:
        raise EngineError("no stage is open in Isaac Sim; open one, or use stage: new in the spec")
    return stage


def new_stage(base: str | None = None) -> Usd.Stage:
    """A new stage in place of the open one: Z up, metres. base: a USD file that lies under it and stays as it is."""
    from pxr import Tf, Usd, UsdGeom

    _context().new_stage()
    stage = current_stage()
    up_axis, unit = "Z", 1.0
    if base is not None:
        try:
            source = Usd.Stage.Open(base, Usd.Stage.LoadNone)
        except Tf.ErrorException as error:
            reason = str(error).strip().splitlines()[-1].strip()
            raise AssetError(f"stage: {base} cannot be opened as USD ({reason})") from None
        up_axis, unit = UsdGeom.GetStageUpAxis(source), UsdGeom.GetStageMetersPerUnit(source)
        stage.GetRootLayer().subLayerPaths.append(base if "://" in base else str(Path(base).absolute()))
    UsdGeom.SetStageUpAxis(stage, up_axis)
    UsdGeom.SetStageMetersPerUnit(stage, unit)
    return stage


def until_loaded() -> Requests[bool]:
    """Wait until every asset is there; False where some were still loading after :data:`MOST_UPDATES`."""
    settled = 0
    for _ in range(MOST_UPDATES):
        yield Update()
        _, loaded, total = _context().get_stage_loading_status()
        settled = settled + 1 if loaded >= total else 0
        if settled == SETTLING_UPDATES:
            return True
    return False


def _context() -> Any:
    import omni.usd

    return omni.usd.get_context()
