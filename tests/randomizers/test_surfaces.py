"""What materials draw is what the picture shows: colours through the tone curve, highlights as wide as GGX's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.graph import build_graph
from tests.render.photometry import expected_byte, radiance

SIDE = 64


def scene(sun: float) -> dict[str, Any]:
    """A plane that fills the picture, seen from straight above under one distant light."""
    return {
        "seed": 4,
        "create": {
            "patch": {"plane": {"scale": 4}, "semantics": {"class": "patch"}},
            "sun": {"light": {"light_type": "distant", "intensity": sun}},
            "eye": {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0], "focal_length": 24}},
        },
        "render_products": [{"cameras": "eye", "resolution": [SIDE, SIDE]}],
    }


def pictures(sun: float, entry: dict[str, Any], frames: int) -> tuple[dict[str, Any], NDArray[Any]]:
    """The draws of the first frames, and their images (frames, H, W, 3)."""
    with build_graph({**scene(sun), "triggers": [{"on_frame": {}, "randomize": [entry]}]}) as graph:
        shown = [graph.preview(frame, ("rgb",))["eye"]["rgb"]["data"][..., :3] for frame in range(frames)]
        return dict(graph.sample(range(frames)).draws), np.array(shown)


@pytest.mark.parametrize(
    "colors",
    [{"uniform": [[0, 0, 0], [1, 1, 1]]}, {"hsv": [[0, 0.3, 0.3], [360, 1, 1]]}, {"palette": {"colors": "plastics"}}],
)
def test_a_flat_patch_shows_the_drawn_color(colors: dict[str, Any]) -> None:
    """Lambert: radiance is albedo times illuminance over pi, which the documented curve turns into bytes."""
    lux, frames = 1000 * np.pi * 0.8, 4
    entry = {"materials": {"prims": "patch", "diffuse": colors, "roughness": 1, "specular": 0, "metallic": 0}}
    draws, shown = pictures(lux, entry, frames)
    drawn = draws["patch.materials.diffuse"].reshape(frames, 1, 1, 3)
    assert np.abs(shown - expected_byte(0.8 * drawn)).max() <= 1.0
    assert len(np.unique(drawn.reshape(frames, 3), axis=0)) > 1


def test_the_highlight_of_a_metal_widens_with_its_roughness() -> None:
    """Half of a highlight's height lies where GGX says: D falls to D(0) / 2 at tan^2 = alpha^2 (sqrt 2 - 1)."""
    widths, wanted = [], []
    for roughness in (0.25, 0.4):
        entry = {"materials": {"prims": "patch", "diffuse": [1, 1, 1], "roughness": roughness, "metallic": 1}}
        _, shown = pictures(900 * roughness**4, entry, 1)
        light = radiance(shown[0, SIDE // 2, :, 1])
        # Of a light from straight above, the half vector stands at half the view's angle.
        offset = (np.arange(SIDE) + 0.5 - SIDE / 2) / SIDE * 20.955 / 24
        peak = light[SIDE // 2 - 1 : SIDE // 2 + 1].mean()
        inside = offset[light >= peak / 2]
        widths.append(np.arctan(inside.max()) / 2)
        wanted.append(np.arctan(roughness**2 * np.sqrt(np.sqrt(2) - 1)))
    assert widths[0] < widths[1]
    np.testing.assert_allclose(widths, wanted, rtol=0.2)
