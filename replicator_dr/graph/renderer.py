"""The spec's ``renderer`` -> rep calls."""

from __future__ import annotations

from types import ModuleType

from replicator_dr.spec.renderer import Renderer

MAX_BOUNCES = "/rtx/pathtracing/maxBounces"


def set_renderer(rep: ModuleType, renderer: Renderer | None) -> None:
    """Choose how colour images are made; nothing is changed where the spec says nothing."""
    if renderer is None:
        return
    if renderer.mode == "raster":
        rep.settings.set_render_rtx_realtime()
        return
    rep.settings.set_render_pathtraced(samples_per_pixel=renderer.samples_per_pixel)
    rep.settings.carb_settings(MAX_BOUNCES, renderer.max_bounces)
