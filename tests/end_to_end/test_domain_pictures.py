"""Light, material, surroundings and sensor of the usual tables are in the pictures as they were drawn.

Light is in shares of white, which paper shows under 1000 pi lux or a sky of 1000 nit (docs/conventions.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from replicator_dr import build_graph
from tests.randomizers.pictures import SIDE, UNIT, Float64, linear, patch, shots

SCENES = Path(__file__).parents[2] / "scenes"
SCENE: dict[str, Any] = yaml.safe_load((SCENES / "domain_randomization.yaml").read_text())

FLOOR = {"plane": {"scale": 4, "material": "white"}}
ABOVE = {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0]}}


def sun(level: float, **more: Any) -> dict[str, Any]:
    """A sun straight above that gives paper a level."""
    return {"light": {"light_type": "distant", "intensity": level * UNIT, "angle": 0, "temperature": None, **more}}


def rolled(light: Float64) -> Float64:
    """The tone curve: itself up to 0.6 of white, then a shoulder toward 1."""
    over = np.maximum(light - 0.6, 0) / 0.4
    return np.where(light <= 0.6, light, 0.6 + 0.4 * over / (1 + over))


def test_the_intensity_of_the_light() -> None:
    create = {"floor": FLOOR, "eye": ABOVE, "sun": sun(0.25)}
    pictures, draws = shots(create, [{"light": {"lights": "sun", "intensity_scale": {"uniform": [0.5, 2]}}}], 12)
    drawn = draws["sun.light.intensity_scale"][:, 0, 0] / UNIT
    np.testing.assert_allclose([patch(picture).mean() for picture in pictures], drawn, rtol=0.02)
    assert drawn.min() < 0.2
    assert drawn.max() > 0.4


def test_the_colour_of_the_light() -> None:
    """Balances of red and blue against green, of a light between (0.8, 0.8, 1.0) and (1.0, 1.0, 0.8)."""
    color = {"draw": "warmth", "scale": [0.2, 0.2, -0.2], "offset": [0.8, 0.8, 1]}
    create = {"floor": FLOOR, "eye": ABOVE, "sun": sun(0.5)}
    warmth = {"warmth": {"sequence": [0, 0.25, 0.5, 0.75, 1]}}
    pictures, _ = shots(create, [{"light": {"lights": "sun", "color": color}}], 5, draws=warmth)
    for share, picture in zip((0, 0.25, 0.5, 0.75, 1), pictures):
        red, green, blue = patch(picture)
        assert red == pytest.approx(green, rel=0.01)
        assert blue / green == pytest.approx((1 - 0.2 * share) / (0.8 + 0.2 * share), rel=0.015)


def test_the_colour_of_an_object() -> None:
    """Base colour times light, through the tone curve: all components from 0 to 1."""
    create = {"floor": FLOOR, "eye": ABOVE, "sun": sun(0.9)}
    entry = {"prims": "floor", "diffuse": {"uniform": [[0, 0, 0], [1, 1, 1]]}}
    pictures, draws = shots(create, [{"materials": entry}], 12)
    drawn = draws["floor.materials.diffuse"][:, 0]
    np.testing.assert_allclose([patch(p) for p in pictures], rolled(0.9 * drawn), rtol=0.02, atol=0.003)
    assert (0.9 * drawn > 0.65).any()


BALL = {
    "coat": {"material": {"diffuse": [0, 0, 0]}},
    "ball": {"sphere": {"scale": 1, "material": "coat"}},
    "sun": sun(0.25, rotation=[0, 90, 0]),
    "eye": {"camera": {"position": [20, 0, 0], "look_at": [0, 0, 0], "focal_length": 380}},
}
"""A black ball with a coat, in the light of the camera's side and from as good as infinity."""


def test_the_roughness_of_an_object() -> None:
    """Where a highlight has half its light: GGX with Schlick's masking (Karis 2013), light and view in one direction.

    With m the cosine of the normal to both, the light is D / (4 g^2) m, D = a^2 / pi / (m^2 (a^2 - 1) + 1)^2, a the
    roughness squared, g = m (1 - a / 2) + a / 2.
    """
    entry = {"prims": "ball", "roughness": {"uniform": [0.3, 0.9]}}
    pictures, draws = shots(BALL, [{"materials": entry}], 12)
    drawn = draws["ball.materials.roughness"][:, 0, 0]
    found = [np.sqrt((p.mean(axis=-1) > 0.5 * p[47:49, 47:49].mean()).sum() / np.pi) for p in pictures]
    radius = 0.5 / 20 * 380 / 20.955 * SIDE
    sine = np.linspace(0, 0.999, 4000)
    cosine = np.sqrt(1 - sine**2)
    wanted = []
    for alpha in drawn**2:
        light = cosine / (cosine**2 * (alpha**2 - 1) + 1) ** 2 / (cosine * (1 - alpha / 2) + alpha / 2) ** 2
        wanted.append(radius * np.interp(-0.5 * light[0], -light, sine))
    # Within half a pixel, of radii from 3 to 20.
    np.testing.assert_allclose(found, wanted, atol=0.6)
    assert max(found) > 5 * min(found)


def test_how_metallic_an_object_is() -> None:
    """What is scattered vanishes and what is mirrored takes the colour, in proportion to what was drawn.

    Straight above a plane are sun and camera: radiance times pi = (1 - m) (1 - F) base + pi F D / 4, D = 1 / (pi a^2),
    F = 0.04 (1 - m) + m base, a the roughness squared.
    """
    base, roughness = np.array([0.6, 0.2, 0.1]), 0.7
    tile = {"material": {"diffuse": base.tolist(), "roughness": roughness}}
    create = {"tile": tile, "floor": {"plane": {"scale": 4, "material": "tile"}}, "sun": sun(0.6)}
    # Far away, so that the whole patch is seen from straight above.
    create["eye"] = {"camera": {"position": [0, 0, 20], "look_at": [0, 0, 0], "focal_length": 240}}
    pictures, draws = shots(create, [{"materials": {"prims": "floor", "metallic": {"uniform": [0, 1]}}}], 10)
    for metallic, picture in zip(draws["floor.materials.metallic"][:, 0, 0], pictures):
        mirrored = 0.04 * (1 - metallic) + metallic * base
        wanted = (1 - metallic) * (1 - mirrored) * base + mirrored / (4 * roughness**4)
        np.testing.assert_allclose(patch(picture), 0.6 * wanted, rtol=0.03, atol=0.003)


def test_noise_is_a_hundredth_of_the_image() -> None:
    """The standard deviation of a card that is mid-grey in the image, with the scene's own sensor."""
    cameras = [SCENE["create"][name]["camera"] for name in ("camera", "wide")]
    assert cameras[0]["sensor"] == cameras[1]["sensor"]
    grey = ((0.5 + 0.055) / 1.055) ** 2.4
    eye = {"camera": {**ABOVE["camera"], "sensor": cameras[0]["sensor"]}}
    spec = {
        "seed": 3,
        "create": {"white": {"material": {"diffuse": [1, 1, 1], "roughness": 1, "specular": 0}}, "floor": FLOOR,
                   "sun": sun(grey), "eye": eye},
        "render_products": [{"cameras": "eye", "resolution": [160, 160], "name": "eye"}],
    }  # fmt: skip
    with build_graph(spec) as graph:
        shown = graph.preview(0, ("rgb",))["eye"]["rgb"]["data"][..., :3] / 255.0
    values = shown.reshape(-1, 3)
    assert values.mean() == pytest.approx(0.5, abs=0.003)
    np.testing.assert_allclose(values.std(axis=0), 0.01, rtol=0.06)
    assert np.abs(np.corrcoef(values.T) - np.eye(3)).max() < 0.03


def test_the_lens_bends_a_straight_edge() -> None:
    """The upper edge of a card before the scene's lens, against Brown's formula as OpenCV writes it."""
    camera = SCENE["create"]["wide"]["camera"]
    lens = {"p1": 0.0, "p2": 0.0, **camera["lens"]}
    high = 0.3
    card = {"cube": {"scale": [0.02, 4, 3], "position": [-0.01, 0, high - 1.5], "material": "white"}}
    create = {
        "card": card,
        "sun": sun(0.5, rotation=[0, 90, 0]),
        "eye": {"camera": {**camera, "sensor": {}, "position": [1, 0, 0], "look_at": [0, 0, 0]}},
        "white": {"material": {"diffuse": [1, 1, 1], "roughness": 1, "specular": 0}},
    }
    products = [{"cameras": "eye", "resolution": [320, 240], "name": "eye"}]
    with build_graph({"create": create, "render_products": products}) as graph:
        light = linear(graph.preview(0, ("rgb",))["eye"]["rgb"]["data"]).mean(axis=-1)
    edge = 240 - light.sum(axis=0) / np.median(light[-20:, 160])
    a = np.linspace(-1.2, 1.2, 2001)
    b = np.full_like(a, -high)
    r2 = a * a + b * b
    radial = 1 + lens["k1"] * r2 + lens["k2"] * r2**2
    x = a * radial + 2 * lens["p1"] * a * b + lens["p2"] * (r2 + 2 * a * a)
    y = b * radial + lens["p1"] * (r2 + 2 * b * b) + 2 * lens["p2"] * a * b
    columns, rows = (camera["fx"] * x + camera["cx"]) / 2, (camera["fy"] * y + camera["cy"]) / 2
    wanted = np.interp(np.arange(320) + 0.5, columns, rows)
    np.testing.assert_allclose(edge, wanted, atol=0.35)
    assert np.ptp(wanted) > 3


def test_the_scale_of_an_object() -> None:
    """A gear, from above, covers as many pixels as it is large: its outline's area over the square of its scale.

    It is dark before a light sky, 0.20 m wide (scenes/assets/meshes/README.md), and far away, so that its depth matters
    little: a pixel is 20 / f metres times its share of the aperture.
    """
    focal = 700.0
    create = {
        "coat": {"material": {"diffuse": [0, 0, 0], "specular": 0}},
        "gear": {"from_usd": {"usd": str(SCENES / "assets/meshes/gear.usdc"), "material": "coat"}},
        "sky": {"light": {"light_type": "dome", "intensity": 500, "temperature": None}},
        "eye": {"camera": {"position": [0, 0, 20], "look_at": [0, 0, 0], "focal_length": focal}},
    }
    entry = {"prims": "gear", "scale": {"uniform": [0.5, 2]}, "rotation_z": {"uniform": [0, 360]}}
    pictures, draws = shots(create, [{"pose": entry}], 10)
    drawn = draws["gear.pose.scale"][:, 0, 0]
    # Shares of pixels that the gear covers are those of the sky's light that they lack.
    dark = [1 - np.clip(picture.mean(axis=-1) / 0.5, 0, 1) for picture in pictures]
    width = [max((one > 0.5).any(axis=0).sum(), (one > 0.5).any(axis=1).sum()) for one in dark]
    pixel = 20 / focal * 20.955 / SIDE
    np.testing.assert_allclose(width, drawn * 0.20 / pixel, atol=2.5)
    area = np.array([one.sum() for one in dark]) / drawn**2
    np.testing.assert_allclose(area, area.mean(), rtol=0.03)
    assert np.ptp(drawn) > 1


def test_the_floor_is_the_picture_that_was_drawn() -> None:
    """The mean light of a floor in full light is that of its picture."""
    texture = next(entry["texture"] for entry in SCENE["triggers"][0]["randomize"] if "texture" in entry)
    files = [str(SCENES / name) for name in texture["textures"]["choice"]]
    create = {"floor": {"plane": {"scale": 1, "material": "white"}}, "eye": ABOVE, "sun": sun(0.5)}
    # The camera sees 1.0 m of the floor from 2 m away: all of the pictures, once.
    create["eye"] = {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0], "focal_length": 2 * 20.955}}
    pictures, draws = shots(create, [{"texture": {"prims": "floor", "textures": {"choice": files}}}], 8)
    means = {}
    for file in files:
        with Image.open(file) as image:
            means[file] = linear(np.asarray(image.convert("RGB"))).mean(axis=(0, 1))
    drawn = draws["floor.texture.textures"].ravel().tolist()
    assert len(set(drawn)) == 3
    for name, picture in zip(drawn, pictures):
        seen = picture[4:-4, 4:-4].mean(axis=(0, 1))
        np.testing.assert_allclose(seen, 0.5 * means[name], rtol=0.04)
        assert min(means, key=lambda file: float(np.abs(0.5 * means[file] - seen).sum())) == name


def test_the_colour_of_the_background() -> None:
    create = {
        "sky": {"light": {"light_type": "dome", "intensity": 550, "temperature": None}},
        "eye": {"camera": {"position": [0, 0, 1], "look_at": [3, 1, 1.5]}},
    }
    entry = {"lights": "sky", "color": {"uniform": [[0.3, 0.3, 0.3], [1, 1, 1]]}}
    pictures, draws = shots(create, [{"background": entry}], 6)
    np.testing.assert_allclose([patch(p) for p in pictures], 0.55 * draws["sky.background.color"][:, 0], rtol=0.015)
