"""Other renderers: what they are given is the scene, and one that is missing is told with its reason."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, Mesh, SceneArrays, View
from replicator_dr.run.bench.isolated import silent
from replicator_dr.run.bench.options import Options
from replicator_dr.run.bench.peers import mitsuba_direct, mujoco_offscreen, newton_camera, pybullet_tiny
from replicator_dr.run.bench.peers.comparison import agreement, compare
from replicator_dr.run.bench.peers.ours import NAME, Ours
from replicator_dr.run.bench.peers.protocol import Peer, Pictures
from replicator_dr.run.bench.peers.registry import PEERS
from replicator_dr.run.bench.peers.rotations import quaternions
from replicator_dr.run.bench.peers.shared_scene import SharedScene, shared_scene, srgb, sun_toward
from replicator_dr.run.bench.peers.worker import PeerError, Worker, shortened
from replicator_dr.run.bench.synthetic import Size, synthetic

SPEC = """\
name: small
create:
  floor: {plane: {scale: 4}, semantics: {class: floor}}
  box: {cube: {size: 0.6, position: [0, 0, 0.3], rotation: [0, 0, 30]}, semantics: {class: box}}
  eye: {camera: {position: [2, 2, 2], look_at: [0, 0, 0]}}
render_products:
  - {cameras: eye, resolution: [64, 48]}
"""
VIEW = View(0, 96, 72)


@pytest.fixture
def arrays() -> tuple[SceneArrays, FrameArrays]:
    """Turned, stretched, mirrored balls whose textures are turned and moved too."""
    scene, frames = synthetic(Size(instances=4, triangles=1_000), 3)
    turn = Rotation.from_euler("xyz", [20, 30, 40], degrees=True).as_matrix()
    frames.world[:, 0, :3, :3] = np.diag([0.5, -0.9, 0.4]) @ turn
    frames.materials.uv_rotation[:] = 30.0
    frames.materials.uv_scale[:] = 1.5, 0.5
    frames.materials.uv_offset[:] = 0.25, 0.125
    return scene, frames


@pytest.fixture
def shared(arrays: tuple[SceneArrays, FrameArrays]) -> SharedScene:
    return shared_scene("balls", *arrays, VIEW)


def as_given(shared: SharedScene) -> tuple[SceneArrays, FrameArrays]:
    """The shared parts as a scene of ours again: in the world, with nothing left to do but to draw."""
    count, frames = len(shared.parts), shared.frames
    plain = replace(
        frames.materials,
        uv_rotation=np.zeros_like(frames.materials.uv_rotation),
        uv_scale=np.ones_like(frames.materials.uv_scale),
        uv_offset=np.zeros_like(frames.materials.uv_offset),
    )
    scene = replace(
        shared.arrays,
        meshes=tuple(Mesh(p.points, p.normals, p.uvs, p.triangles, double_sided=True) for p in shared.parts),
        part_mesh=np.arange(count, dtype=np.int32),
    )
    return scene, replace(frames, world=np.tile(np.eye(4), (len(frames), count, 1, 1)), materials=plain)


def test_the_shared_parts_are_the_scene(shared: SharedScene) -> None:
    ours = Renderer(shared.arrays, "cpu").render(shared.frames, VIEW)
    scene, frames = as_given(shared)
    given = Renderer(scene, "cpu").render(frames, VIEW)
    assert ours.rgb is not None
    assert given.rgb is not None
    same = np.isclose(given.depth, ours.depth, rtol=1e-4)
    assert same.mean() > 0.995
    assert (np.abs(given.rgb.astype(int) - ours.rgb).max(axis=-1) <= 3).mean() > 0.98


def test_objects_stay_and_cameras_move(arrays: tuple[SceneArrays, FrameArrays], shared: SharedScene) -> None:
    assert not np.allclose(arrays[1].world[0], arrays[1].world[1])
    assert np.array_equal(shared.frames.world[0], shared.frames.world[1])
    assert not np.allclose(shared.cameras[0], shared.cameras[1])
    assert np.array_equal(shared.frames.cameras.world[:, 0], shared.cameras)


def test_the_only_light_is_the_sun_and_shines_where_it_is_said_to(shared: SharedScene) -> None:
    assert shared.arrays.light_type.tolist() == [0]
    assert np.allclose(shared.frames.lights.world[0, 0, 2, :3], -shared.toward, atol=1e-6)
    assert np.linalg.norm(shared.toward) == pytest.approx(1.0)
    assert sun_toward(np.array([1.0, 0.0, -0.5]))[2] == pytest.approx(-np.sin(np.radians(55)))


def test_a_surface_square_to_the_light_shows_its_own_grey() -> None:
    scene, frames = synthetic(Size(instances=1, triangles=24), 1)
    frames.materials.base_color[:] = 0.5
    frames.materials.base_texture[:] = -1
    frames.materials.specular[:] = 0.0
    frames.materials.roughness[:] = 1.0
    shared = shared_scene("floor", scene, frames, VIEW)
    shared.frames.lights.world[:] = np.eye(4)
    shared.frames.part_visible[:, 0] = False
    ours = Ours()
    ours.setup(shared, "cpu")
    assert ours.render([0], labels=False).rgb[0, 40, 48] == pytest.approx(255 * srgb(np.array(0.5)), abs=1)


@pytest.mark.parametrize(
    ("linear", "encoded"), [(0.0, 0.0), (0.0031308, 0.04045), (0.2140, 0.5), (1.0, 1.0), (7.0, 1.0)]
)
def test_srgb(linear: float, encoded: float) -> None:
    assert srgb(np.array(linear)) == pytest.approx(encoded, abs=1e-3)


def test_quaternions_are_those_of_scipy() -> None:
    turns = Rotation.random(50, random_state=3)
    theirs = turns.as_quat(canonical=True)
    assert np.allclose(quaternions(np.swapaxes(turns.as_matrix(), 1, 2)), theirs)


def test_agreement_of_depths() -> None:
    rgb = np.zeros((1, 1, 4, 3), np.uint8)
    ours = Pictures(rgb, np.array([[[1.0, 2.0, np.inf, 4.0]]], np.float32))
    theirs = Pictures(rgb, np.array([[[1.005, 2.1, 7.0, 4.0]]], np.float32))
    assert agreement(ours, theirs) == pytest.approx(66.67)
    assert agreement(ours, Pictures(rgb)) is None


@pytest.mark.parametrize("module", [newton_camera, mujoco_offscreen, pybullet_tiny, mitsuba_direct])
def test_a_missing_package_is_named_with_its_remedy(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    peers: list[Peer] = [make() for make in PEERS.values()]
    reasons = [peer.available("cpu") for peer in peers if type(peer).__module__ == module.__name__]
    assert reasons
    assert all(reason and "not installed: pip install" in reason for reason in reasons)


def test_every_peer_says_what_it_does_not_do() -> None:
    peers = [make() for make in PEERS.values()]
    assert len({peer.name for peer in peers}) == len(peers)
    assert all(peer.lacks and peer.widths for peer in peers)
    assert next(iter(PEERS)) == NAME


def test_a_process_that_dies_is_told_with_what_it_printed(tmp_path: Path) -> None:
    worker = Worker("nobody", tmp_path / "log")
    with pytest.raises(PeerError, match=r"its process ended with exit code 1\. KeyError: 'nobody'"):
        worker.ask("available", "cpu")
    worker.close()


def test_reasons_fit_into_a_table() -> None:
    assert shortened("one\n  line") == "one line"
    assert len(shortened("word " * 100)) == 160


def test_a_comparison_draws_what_it_can_and_names_the_rest(tmp_path: Path) -> None:
    spec = tmp_path / "small.yaml"
    spec.write_text(SPEC)
    options = Options(specs=(spec,), repeats=2, device="cpu", output=tmp_path / "out")
    found = compare(spec, options, silent, keys=(NAME, "mitsuba_cuda"))
    ours, missing = found["renderers"]
    assert ours["color"]["frames_per_second"] > 0
    assert len(ours["labels"]["repeats"]) == 2
    assert ours["depth_agrees_percent"] == 100.0
    reason = "this is a run on the CPU" if find_spec("mitsuba") else "mitsuba is not installed"
    assert missing["reason"].startswith(reason)
    with Image.open(found["pictures"]) as sheet:
        assert sheet.size == (64, 48 + 24)
    assert (tmp_path / "out" / "peers" / "small" / f"{NAME}.png").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in PEERS if key != NAME])
def test_a_peer_shows_the_same_picture(key: str, tmp_path: Path) -> None:
    spec = tmp_path / "small.yaml"
    spec.write_text(SPEC.replace("[64, 48]", "[320, 240]"))
    options = Options(specs=(spec,), repeats=1, device="cpu", output=tmp_path / "out")
    peer = compare(spec, options, silent, keys=(NAME, key))["renderers"][1]
    if "reason" in peer:
        pytest.skip(peer["reason"])
    assert peer["depth_agrees_percent"] > 97
    with (
        Image.open(tmp_path / f"out/peers/small/{key}.png") as theirs,
        Image.open(tmp_path / f"out/peers/small/{NAME}.png") as ours,
    ):
        light = np.asarray(ours.convert("L"), float).ravel(), np.asarray(theirs.convert("L"), float).ravel()
    # TinyRenderer's background is white.
    seen = light[0] > 0
    assert np.corrcoef(light[0][seen], light[1][seen])[0, 1] > 0.8
