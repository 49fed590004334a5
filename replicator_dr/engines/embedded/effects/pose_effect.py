"""modify.pose, modify.pose_orbit and randomizer.rotation as effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.effects.looking import Aim
from replicator_dr.engines.embedded.effects.posing import PosingEffect, write_angles
from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.transforms import ORDERS, transform_directions

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

XYZ = slice(0, 3)


class PoseEffect(PosingEffect):
    """Writes position, pivot, rotation, scale or size, and look_at, in this order."""

    drawn_once = ("look_at", "look_at_up_axis")

    def __init__(
        self, kind: str, targets: Callable[[], list[str]], inputs: dict[str, Any], name: str | None = None
    ) -> None:
        super().__init__(kind, targets, inputs, name)
        self.drawn = tuple(inputs)
        self.aim = None if inputs.get("look_at") is None else Aim(kind, inputs["look_at"], inputs["look_at_up_axis"])

    @property
    @override
    def reads_state(self) -> bool:
        return self.aim is not None

    @override
    def on_input_changed(self, name: str) -> None:
        if name in ("look_at", "look_at_up_axis") and self.inputs["look_at"] is not None:
            self.aim = Aim(self.kind, self.inputs["look_at"], self.inputs["look_at_up_axis"])

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        if self.inputs.get("size") is not None or self.inputs.get("pivot") is not None:
            bounds = [plan.bounds.local(path, hidden=True) for path in self._paths]
            self._bounds = np.array([np.zeros((2, 3)) if b is None else b for b in bounds]).reshape(-1, 2, 3)
        if self.aim is not None:
            self.aim.prepare(plan, self._paths)

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self._paths)
        if not count:
            return
        given = {name: value for name, value in self.inputs.items() if value is not None}
        self._write_axes(firing, given, "position", "translate")
        if "pivot" in given:
            low, high = self._bounds[:, 0], self._bounds[:, 1]
            share = firing.numbers(given["pivot"], count, 3)
            firing.write("pivot", self._columns, 0.5 * (low + high) + 0.5 * (high - low) * share)
        self._write_axes(firing, given, "rotation", "rotate")
        if "scale" in given:
            firing.write("scale", self._columns, firing.numbers(given["scale"], count, 3))
        if "size" in given:
            firing.write("scale", self._columns, self._scale_for(firing.numbers(given["size"], count, 3)))
        if self.aim is not None:
            self._write_order(firing, "XYZ")
            firing.write("rotate", self._columns, self.aim.angles(firing, self._paths), XYZ)

    def _write_axes(self, firing: Firing, given: dict[str, Any], argument: str, channel: str) -> None:
        count = len(self._paths)
        axes = [i for i, axis in enumerate("xyz") if f"{argument}_{axis}" in given]
        if (argument in given or axes) and channel == "rotate":
            self._write_order(firing, self.inputs.get("rotation_order", "XYZ"))
        if argument in given:
            firing.write(channel, self._columns, firing.numbers(given[argument], count, 3), XYZ)
        for i in axes:
            value = firing.numbers(given[f"{argument}_{'xyz'[i]}"], count, 1)
            firing.write(channel, self._columns, value, slice(i, i + 1))

    def _write_order(self, firing: Firing, order: str) -> None:
        code = np.full((len(firing.executions), len(self._paths), 1), float(ORDERS.index(order.upper())))
        firing.write("rotate", self._columns, code, slice(3, 4))

    def _scale_for(self, size: Float64) -> Float64:
        """(R, n, 3): the even scale at which the prim just fits into a box of ``size``, as Replicator's node does."""
        extent = self._bounds[:, 1] - self._bounds[:, 0]
        thick = extent > 1e-9
        ratio = np.where(thick, size / np.where(thick, extent, 1.0), np.inf)
        even = np.min(ratio, axis=-1, keepdims=True)
        return np.repeat(np.where(np.isfinite(even), even, 1.0), 3, axis=-1)


class OrbitEffect(PosingEffect):
    """Places prims on a sphere about a point, and turns them toward it."""

    reads_state = True
    drawn_once = ("barycentre",)
    coordinates: tuple[str, ...] = ("distance", "azimuth", "elevation")
    """The inputs that say where, each drawn for every prim."""

    def __init__(self, kind: str, targets: Callable[[], list[str]], inputs: dict[str, Any]) -> None:
        super().__init__(kind, targets, inputs)
        self.drawn = (*self.coordinates, "barycentre")
        self.aim = Aim(kind, inputs["barycentre"], None)

    @override
    def on_input_changed(self, name: str) -> None:
        if name == "barycentre":
            self.aim = Aim(self.kind, self.inputs["barycentre"], None)

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self.aim.prepare(plan, self._paths)

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self._paths)
        if not count:
            return
        x, y, z = self.away(*(firing.numbers(self.inputs[name], count, 1) for name in self.coordinates))
        hierarchy = firing.plan.hierarchy
        # On a Y-up stage Replicator exchanges y and z.
        away = np.concatenate([x, z, y] if hierarchy.y_up else [x, y, z], axis=-1)
        offset = transform_directions(away, hierarchy.correction)
        position = self.aim.points(firing)[:, None, :] + offset
        self._put(firing, position)
        if self.inputs["look_at_barycentre"]:
            write_angles(firing, self._columns, self.aim.angles(firing, self._paths))

    def away(self, *coordinates: Float64) -> tuple[Float64, Float64, Float64]:
        """x, y and z (up) from the point, of coordinates (R, n, 1): azimuth from +X toward +Y, elevation upward."""
        distance, azimuth, elevation = coordinates
        azimuth, elevation = np.deg2rad(azimuth), np.deg2rad(elevation)
        flat = np.cos(elevation)
        x, y, z = np.cos(azimuth) * flat, np.sin(azimuth) * flat, np.sin(elevation)
        return distance * x, distance * y, distance * z


class CylinderEffect(OrbitEffect):
    """Places prims on an upright cylinder about a point, and turns them toward it."""

    coordinates = ("radius", "azimuth", "height")

    @override
    def away(self, *coordinates: Float64) -> tuple[Float64, Float64, Float64]:
        radius, azimuth, height = coordinates
        azimuth = np.deg2rad(azimuth)
        return radius * np.cos(azimuth), radius * np.sin(azimuth), height


class RotationEffect(PosingEffect):
    """randomizer.rotation: orientations uniform over those that XYZ angles within the bounds can reach.

    The first and last angle are uniform, the sine of the middle one is (the Haar measure of rotations in these
    coordinates); over the full range every orientation is equally likely. The middle angle is bounded to [-90, 90], as
    angles beyond repeat orientations.
    """

    def __init__(
        self, kind: str, targets: Callable[[], list[str]], inputs: dict[str, Any], source: Distribution
    ) -> None:
        super().__init__(kind, targets, inputs)
        self._source = source

    @override
    def evaluate(self, firing: Firing) -> None:
        low = np.array(self.inputs["min_angle"], dtype=np.float64)
        high = np.array(self.inputs["max_angle"], dtype=np.float64)
        u = self._source.uniforms(firing.seed, firing.executions, len(self._columns), 3)
        angles = sampling.uniform(u, low, high)
        middle = np.clip([low[1], high[1]], -90.0, 90.0)
        sine = np.sin(np.deg2rad(middle))
        height = np.ascontiguousarray(sampling.uniform(u[..., 1], sine[0], sine[1]))
        angles[..., 1] = np.rad2deg(np.arcsin(np.clip(height, -1.0, 1.0)))
        write_angles(firing, self._columns, angles)
