"""Sun and sky: one direction, physical amounts of light, and the picture of the sky turned the right way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded.effects.skies import sky_file
from replicator_dr.engines.embedded.scene.hdr import read_hdr, write_hdr
from replicator_dr.errors import EngineError, SpecError
from replicator_dr.optics.sky import sky_light
from replicator_dr.optics.sun import sun_direction, sun_light
from tests.randomizers.pictures import SIDE, UNIT, patch, shots

CREATE = {
    "sun": {"light": {"light_type": "distant"}},
    "sky": {"light": {"light_type": "dome"}},
}
SUN, SKY = 0, 3


def spec(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "create": {**CREATE, "eye": {"camera": {}}},
        "triggers": [{"on_frame": {}, "randomize": [{"sun_sky": entry}]}],
        "render_products": [{"cameras": "eye", "resolution": [8, 8]}],
    }


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATOR_DR_CACHE", str(tmp_path_factory.getbasetemp() / "skies"))


def test_the_sun_shines_from_its_place_at_that_time(sampled: Any) -> None:
    entry = {"sun": "sun", "sky": "sky", "hour": {"uniform": [0, 24]}, "latitude": {"uniform": [-60, 60]},
             "day": {"uniform": [1, 366]}, "north": 30, "turbidity": {"uniform": [2, 5]}, "exposure": -4}  # fmt: skip
    result = sampled({"sun_sky": entry}, create=CREATE, frames=2000)
    hour, latitude, day, turbidity = (
        result.draw(f"sun.sun_sky.{name}")[:, 0, 0] for name in ("hour", "latitude", "day", "turbidity")
    )
    east, north, up = sun_direction(hour, latitude, day).T
    # North is 30 degrees from +X, so east is -60 degrees from it.
    n, e = np.deg2rad(30), np.deg2rad(-60)
    wanted = np.stack([east * np.cos(e) + north * np.cos(n), east * np.sin(e) + north * np.sin(n), up], axis=1)
    lights = result.state.arrays.lights
    np.testing.assert_allclose(lights.world[:, SUN, 2, :3], wanted, atol=1e-5)
    elevation = np.rad2deg(np.arcsin(up))
    np.testing.assert_allclose(result.draw("sun.sun_sky.position")[:, 0, 1], elevation, atol=1e-6)
    beam, color = sun_light(elevation, turbidity)
    np.testing.assert_allclose(lights.color[:, SUN], beam[:, None] * color / 16, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(lights.color[:, SKY, 1], sky_light(elevation, turbidity) / 16, rtol=1e-5, atol=1e-9)
    assert (lights.color[elevation < -0.3, SUN] == 0).all()
    # The sky turns with the sun: its +X side is where the sun is.
    flat = wanted[:, :2] / np.linalg.norm(wanted[:, :2], axis=1, keepdims=True)
    np.testing.assert_allclose(lights.world[:, SKY, 0, :2], flat, atol=1e-5)
    assert len(np.unique(lights.environment[:, SKY])) > 15
    alone = result.graph.sample([77]).arrays.lights
    for name in ("color", "world", "environment"):
        np.testing.assert_array_equal(getattr(alone, name)[0], getattr(lights, name)[77])


def test_white_ground_has_the_light_of_both() -> None:
    create = {
        **CREATE,
        "floor": {"plane": {"scale": 4, "material": "white"}},
        "eye": {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0]}},
    }
    for lights in (("sun",), ("sky",), ("sun", "sky")):
        entry = {**{name: name for name in lights}, "elevation": 32, "azimuth": {"uniform": [0, 360]}, "exposure": -5.5}
        dark = [{"light": {"lights": name, "intensity": 0}} for name in {"sun", "sky"} - set(lights)]
        pictures, _ = shots(create, [{"sun_sky": entry}, *dark], 2)
        beam, _ = sun_light(np.array(32.0), np.array(3.0))
        parts = {"sun": beam * np.sin(np.deg2rad(32)), "sky": sky_light(np.array(32.0), np.array(3.0))}
        wanted = sum(parts[name] for name in lights) / 2**5.5 / UNIT
        for picture in pictures:
            assert patch(picture) @ [0.2126, 0.7152, 0.0722] == pytest.approx(wanted, rel=0.05), lights


def test_the_sky_is_brightest_where_the_sun_is() -> None:
    """A camera that looks toward the sun, some degrees beside it: the bright spot has the offset."""
    azimuth, elevation = 130.0, 60.0
    way = [np.cos(np.deg2rad(125)), np.sin(np.deg2rad(125)), np.tan(np.deg2rad(56))]
    create = {"sky": CREATE["sky"], "eye": {"camera": {"position": [0, 0, 0], "look_at": way, "focal_length": 14}}}
    pictures, _ = shots(create, [{"sun_sky": {"sky": "sky", "azimuth": azimuth, "elevation": elevation,
                                              "turbidity": 2.5, "exposure": -5}}], 1)  # fmt: skip
    light = pictures[0].mean(axis=-1)
    bright = light >= np.quantile(light, 0.995)
    rows, columns = (index.mean() + 0.5 for index in np.nonzero(bright))
    a, e = np.deg2rad(azimuth), np.deg2rad(elevation)
    sun = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
    ahead = np.array(way) / np.linalg.norm(way)
    right = np.cross(ahead, [0, 0, 1])
    right /= np.linalg.norm(right)
    focal = 14 / 20.955 * SIDE
    place = focal * np.array([right @ sun, -np.cross(right, ahead) @ sun]) / (ahead @ sun) + SIDE / 2
    np.testing.assert_allclose([columns, rows], place, atol=3)


def test_constants_make_one_sky_and_draws_the_steps_in_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATOR_DR_CACHE", str(tmp_path))

    def skies(entry: dict[str, Any]) -> int:
        made = {
            "create": {**CREATE, "eye": {"camera": {}}},
            "render_products": [{"cameras": "eye", "resolution": [8, 8]}],
        }
        made["triggers"] = [{"on_frame": {}, "randomize": [{"sun_sky": {"sun": "sun", "sky": "sky", **entry}}]}]
        with build_graph(made) as graph:
            return len(graph.scene.arrays.environments)

    assert skies({"elevation": 41}) == 1
    assert skies({"elevation": {"uniform": [5, 60]}, "turbidity": 2.7}) == 9
    assert skies({"elevation": {"uniform": [5, 60]}, "turbidity": {"uniform": [2.1, 3.2]}}) == 18
    files = sorted(path.name for path in (tmp_path / "skies").iterdir())
    assert len(files) == 1 + 9 + 18
    assert not [name for name in files if name.endswith(".part")]
    # They are there already: nothing is written again.
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "skies").iterdir()}
    skies({"elevation": 41})
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "skies").iterdir()} == before


def test_pictures_keep_their_light_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATOR_DR_CACHE", str(tmp_path))
    from replicator_dr.optics.sky import panorama

    picture = panorama(14.0, 4.5, 128)
    read = read_hdr(Path(sky_file(14.0, 4.5)).read_bytes(), "sky")
    brightest = picture.max(axis=-1, keepdims=True)
    assert (np.abs(read - picture) <= brightest / 128).all()
    rng = np.random.default_rng(1)
    any_light = np.exp(rng.uniform(-20, 20, (9, 12, 3))).astype(np.float32)
    any_light[3, 4] = 0
    back = read_hdr(write_hdr(any_light), "any")
    assert (np.abs(back - any_light) <= any_light.max(axis=-1, keepdims=True) / 128).all()
    assert (back[3, 4] == 0).all()


def test_faults() -> None:
    def make(entry: dict[str, Any]) -> None:
        made = {
            "create": {**CREATE, "eye": {"camera": {}}},
            "render_products": [{"cameras": "eye", "resolution": [8, 8]}],
        }
        made["triggers"] = [{"on_frame": {}, "randomize": [{"sun_sky": entry}]}]
        with build_graph(made) as graph:
            graph.sample([0])

    with pytest.raises(SpecError, match="hour and elevation exclude each other"):
        make({"sun": "sun", "hour": 12, "elevation": 3})
    with pytest.raises(SpecError, match="nothing says where the sun is"):
        make({"sun": "sun", "turbidity": 3})
    with pytest.raises(SpecError, match="nothing is lit"):
        make({"hour": 3})
    with pytest.raises(EngineError, match="give a distant light as the sun"):
        make({"sun": "sky", "hour": 3})
