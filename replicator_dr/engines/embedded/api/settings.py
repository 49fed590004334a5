"""``rep.settings``: the stage's units and axes, and the carb settings that mean something here."""

from __future__ import annotations

from typing import Any

from pxr import UsdGeom

from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.loop.path_tracing import (
    BOUNCES,
    MODE,
    MOST_SAMPLES,
    PATH_TRACED,
    REAL_TIME,
    SAMPLES,
)
from replicator_dr.engines.embedded.nodes import Node
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import UnsupportedError

# Settings that act on the embedded runtime, and those that are satisfied by how it works anyway.
ACTING = {
    "/omni/replicator/globalSeed": int,
    "/omni/replicator/captureOnPlay": bool,
    "/omni/replicator/backends/disk/root_dir": str,
    "/omni/replicator/backend/writeThreads": int,
    "/omni/replicator/backend/queueSize": int,
    MODE: str,
    SAMPLES: int,
    BOUNCES: int,
}
HARMLESS = {
    "/omni/replicator/RTSubframes": "frames need no subframes",
    "/omni/replicator/asyncRendering": "rendering is synchronous",
    "/omni/replicator/debug": "there is nothing to show",
    "/omni/replicator/totalRenderProductPixels": "memory is not reserved ahead",
    "/exts/omni.replicator.core/maxAssetLoadingTime": "assets are read before the first frame",
    "/exts/omni.replicator.core/initMinLoadTime": "assets are read before the first frame",
    "/exts/omni.replicator.core/enableWriteToFabric": "there is no Fabric",
    "rtx/post/dlss/execMode": "there is no DLSS",
    "/rtx/post/dlss/execMode": "there is no DLSS",
    "/rtx/viewTile/limit": "tiles are not limited",
}


def carb_settings(setting: str, value: Any) -> ReplicatorItem:
    """Set a carb setting. UnsupportedError for those that would have an effect in Kit and have none here."""
    if setting not in ACTING and setting not in HARMLESS:
        known = ", ".join(sorted(ACTING))
        raise UnsupportedError(f"settings.carb_settings: '{setting}' has no meaning here; those that have: {known}")
    runtime = current()
    if setting in ACTING:
        if runtime.executions:
            raise UnsupportedError(f"settings.carb_settings: '{setting}' cannot change from frame to frame here")
        runtime.settings[setting] = ACTING[setting](value)
        if setting == "/omni/replicator/globalSeed":
            runtime.seed = int(value)
    return make_item(Node("settings.carb_settings", {"setting": setting, "value": value}))


def set_render_rtx_realtime(antialiasing: str = "FXAA") -> None:
    """Colour images come from the raster, as they do unless told otherwise; its antialiasing is 4x multisampling."""
    current().settings[MODE] = REAL_TIME


def set_render_pathtraced(samples_per_pixel: int = 64) -> None:
    """Colour images are path traced from now on; labels and depth stay the raster's."""
    if not 1 <= samples_per_pixel <= MOST_SAMPLES:
        raise ValueError(f"settings.set_render_pathtraced: {samples_per_pixel} samples; give 1 to {MOST_SAMPLES}")
    current().settings.update({MODE: PATH_TRACED, SAMPLES: int(samples_per_pixel)})


def set_stage_meters_per_unit(meters_per_unit: float) -> None:
    """Metres in a stage unit; call it before anything is created."""
    if not meters_per_unit > 0:
        raise ValueError(f"settings.set_stage_meters_per_unit: {meters_per_unit} is not above 0")
    UsdGeom.SetStageMetersPerUnit(current().stage, float(meters_per_unit))


def set_stage_up_axis(up_axis: str) -> None:
    """The stage's up axis, "Y" or "Z"; call it before anything is created."""
    if str(up_axis).upper() not in ("Y", "Z"):
        raise ValueError(f"settings.set_stage_up_axis: '{up_axis}' is neither 'Y' nor 'Z'")
    UsdGeom.SetStageUpAxis(current().stage, str(up_axis).upper())


def get_physx_timestep() -> float:
    """Not available."""
    raise UnsupportedError("settings.get_physx_timestep: there is no physics here; run on Isaac Sim")


def set_physx_timestep(physx_delta_time: float) -> None:
    """Not available."""
    raise UnsupportedError("settings.set_physx_timestep: there is no physics here; run on Isaac Sim")
