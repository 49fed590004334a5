from __future__ import annotations

from typing import Any

import numpy as np


def test_orbit_looks_at_its_target_from_the_drawn_distance(sampled: Any) -> None:
    entry = {
        "orbit": {
            "cameras": "rig",
            "target": [1, 2, 0.5],
            "distance": {"uniform": [1.5, 3]},
            "elevation": {"uniform": [15, 75]},
            "azimuth": {"uniform": [0, 360]},
        }
    }
    result = sampled(entry, frames=50)
    world = result.state.arrays.cameras.world
    offset = world[..., 3, :3] - [1, 2, 0.5]
    distance = np.linalg.norm(offset, axis=-1)
    np.testing.assert_allclose(distance, result.draw("rig.orbit.distance")[..., 0], rtol=1e-9)
    elevation = np.rad2deg(np.arcsin(offset[..., 2] / distance))
    np.testing.assert_allclose(elevation, result.draw("rig.orbit.elevation")[..., 0], rtol=1e-9)
    np.testing.assert_allclose(world[..., 2, :3], offset / distance[..., None], atol=1e-6)
    # Upright: the image's x axis is level, and its y axis points up.
    np.testing.assert_allclose(world[..., 0, 2], 0, atol=1e-6)
    assert (world[..., 1, 2] > 0).all()


def test_roll_turns_about_the_optical_axis(sampled: Any) -> None:
    roll = {"sequence": [0, 30, -90]}
    entry = {"orbit": {"cameras": "rig", "distance": 2, "elevation": 20, "azimuth": 70, "roll": roll}}
    world = sampled(entry, frames=3).state.arrays.cameras.world[:, 0]
    np.testing.assert_allclose(world[:, 2, :3], np.broadcast_to(world[0, 2, :3], (3, 3)), atol=1e-9)
    right, up = world[0, 0, :3], world[0, 1, :3]
    for frame, degrees in enumerate((0, 30, -90)):
        angle = np.deg2rad(degrees)
        # The image turns clockwise when the camera's right side goes up.
        turned = np.cos(angle) * right + np.sin(angle) * up
        np.testing.assert_allclose(world[frame, 0, :3], turned, atol=1e-9)


def test_orbit_follows_what_moves(sampled: Any) -> None:
    create = {"boxes": {"cube": {}, "semantics": {"class": "box"}}}
    entries = [
        {"orbit": {"cameras": "rig", "target": "boxes", "distance": 2}},
        {"pose": {"prims": "boxes", "position": {"uniform": [[-1, -1, 0], [1, 1, 1]]}}},
    ]
    result = sampled(*entries, create=create, frames=20)
    offset = result.state.arrays.cameras.world[:, 0, 3, :3] - result.position("boxes")[:, 0]
    np.testing.assert_allclose(np.linalg.norm(offset, axis=-1), 2, rtol=1e-6)


def test_lens(sampled: Any) -> None:
    entry = {
        "camera": {
            "cameras": "rig",
            "focal_length": {"uniform": [15, 35]},
            "f_stop": {"uniform": [1.4, 8]},
            "focus_distance": 2,
            "position": {"uniform": [[1, 1, 1], [2, 2, 2]]},
            "look_at": [0, 0, 0],
        }
    }
    result = sampled(entry, frames=50)
    cameras = result.state.arrays.cameras
    np.testing.assert_allclose(cameras.focal_length, result.draw("rig.camera.focal_length")[..., 0], rtol=1e-6)
    assert (cameras.f_stop >= 1.4).all()
    assert (cameras.focus_distance == 2).all()
    eye = cameras.world[..., 3, :3]
    np.testing.assert_allclose(cameras.world[..., 2, :3], eye / np.linalg.norm(eye, axis=-1, keepdims=True), atol=1e-6)
