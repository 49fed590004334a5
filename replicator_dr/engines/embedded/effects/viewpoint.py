"""Where a camera stands and how wide it sees, for effects that place things in its view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.products import camera_path
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.transforms import rigid

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """R cameras.

    eye: (R, 3) [m]. right, up, forward: (R, 3) unit vectors. half: (R, 2), half the image's width and height at a
    distance of 1 along the axis, as a plain pinhole sees them.
    """

    eye: Float64
    right: Float64
    up: Float64
    forward: Float64
    half: Float64

    def point(self, across: Float64, upward: Float64, distance: Float64) -> Float64:
        """(R, n, 3): world points.

        across, upward: (R, n), shares of half the image; distance: (R, n) [m], along the axis.
        """
        x = across * self.half[:, None, 0]
        y = upward * self.half[:, None, 1]
        ray = self.forward[:, None] + x[..., None] * self.right[:, None] + y[..., None] * self.up[:, None]
        return self.eye[:, None] + distance[..., None] * ray


class Viewpoint:
    """A camera, or what wraps one. aspect: width over height of its images."""

    def __init__(self, plan: Plan, path: str, aspect: float) -> None:
        self.path = camera_path(plan.stage, path)
        self._column = plan.columns(plan.cameras, [self.path])
        self._aspect = aspect

    def at(self, firing: Firing) -> Seen:
        """As it stands now."""
        world = rigid(firing.world((self.path,)))[:, 0]
        wide = firing.read("horizontal_aperture", self._column) / firing.read("focal_length", self._column)
        calibrated = firing.read("opencv", self._column)[:, 0, 0]
        width = firing.read("nominal", self._column)[:, 0, 0]
        plain = np.isnan(calibrated)
        across = 0.5 * np.where(plain, wide[:, 0, 0], width / np.where(plain, 1.0, calibrated))
        half = np.stack([across, across / self._aspect], axis=-1)
        return Seen(world[:, 3, :3], world[:, 0, :3], world[:, 1, :3], -world[:, 2, :3], half)
