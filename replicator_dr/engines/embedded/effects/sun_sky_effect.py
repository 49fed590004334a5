"""The sun and a clear sky: directions, colours, how much light, and the picture of the sky."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution, distribution_of, expand, sample
from replicator_dr.engines.embedded.effects.looking import Aim
from replicator_dr.engines.embedded.effects.posing import write_angles
from replicator_dr.engines.embedded.effects.skies import ELEVATIONS, TURBIDITIES, nearest, sky_file
from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.scene_lights import light_type
from replicator_dr.engines.embedded.usd.stage import content
from replicator_dr.errors import EngineError
from replicator_dr.optics.sky import sky_light
from replicator_dr.optics.sun import sun_direction, sun_light
from replicator_dr.render.scene import LightType

Float64 = NDArray[np.float64]


class SunPosition(Distribution):
    """Azimuth, from +X toward +Y, and elevation of the sun [degrees] by time and place.

    inputs: hour (solar time), latitude [degrees], day (of the year), north (azimuth of the north [degrees]); each a
    number or a distribution.
    """

    _inputs = ("hour", "latitude", "day", "north")

    @override
    def parts(self) -> Iterator[Distribution]:
        """What they are drawn from."""
        return expand([self.inputs[name] for name in self._inputs])

    @override
    def sample(self, seed: int, executions: NDArray[np.int64], count: int, width: int | None) -> Float64:
        """(R, count, 2) float64."""
        hour, latitude, day, north = (
            sample(self.inputs[name], seed, executions, count, 1)[..., 0] for name in self._inputs
        )
        direction = sun_direction(hour, latitude, day)
        clockwise = np.rad2deg(np.arctan2(direction[..., 0], direction[..., 1]))
        elevation = np.rad2deg(np.arcsin(np.clip(direction[..., 2], -1.0, 1.0)))
        return np.stack([(north - clockwise) % 360.0, elevation], axis=-1)


class SunSkyEffect(Effect):
    """Sets distant lights as the sun and domes as the sky.

    inputs: position (azimuth and elevation of the sun [degrees]), turbidity, exposure.
    """

    reads_state = True
    drawn = drawn_once = ("position", "turbidity", "exposure")

    def __init__(
        self, kind: str, suns: Callable[[], list[str]], skies: Callable[[], list[str]], inputs: dict[str, Any]
    ) -> None:
        super().__init__(kind, lambda: [*suns(), *skies()], inputs)
        self._find_suns, self._find_skies = suns, skies
        self._aim = Aim(kind, (0.0, 0.0, 0.0), None)

    @override
    def prepare(self, plan: Plan) -> None:
        self._suns = _lights(plan, self._find_suns(), LightType.DISTANT, self.kind)
        self._skies = _lights(plan, self._find_skies(), LightType.DOME, self.kind)
        self._sun_poses = plan.pose_columns(self._suns[0], self.kind)
        self._sky_poses = plan.pose_columns(self._skies[0], self.kind)
        self._sun_columns = plan.columns(plan.lights, self._suns[1])
        self._sky_columns = plan.columns(plan.lights, self._skies[1])
        self._aim.prepare(plan, self._suns[0])
        if self._skies[0]:
            self._find_pictures(plan)

    def _find_pictures(self, plan: Plan) -> None:
        """Rows (elevations, turbidities) of the skies that may be shown: those of constants alone, or all steps."""
        position, turbidity = self.inputs["position"], distribution_of(self.inputs["turbidity"])
        constant = distribution_of(position) is None
        self._elevations = np.array([max(float(position[1]), 0.0)]) if constant else ELEVATIONS
        if turbidity is None:
            self._turbidities = np.array([float(self.inputs["turbidity"])])
        else:
            low, high = (turbidity.inputs.get(name, end) for name, end in (("lower", 0.0), ("upper", np.inf)))
            self._turbidities = TURBIDITIES[slice(nearest(TURBIDITIES, low), nearest(TURBIDITIES, high) + 1)]
        files = [[sky_file(e, t) for t in self._turbidities.tolist()] for e in self._elevations.tolist()]
        for file in (file for row in files for file in row):
            plan.assets.panorama(file)
        self._pictures = np.array([[plan.panoramas.row(file) for file in row] for row in files], dtype=np.float64)

    @override
    def evaluate(self, firing: Firing) -> None:
        position = firing.numbers(self.inputs["position"], 1, 2)[:, 0]
        turbidity = firing.numbers(self.inputs["turbidity"], 1, 1)[:, 0, 0]
        exposure = firing.numbers(self.inputs["exposure"], 1, 1)
        azimuth, elevation = position[:, 0], position[:, 1]
        if self._skies[0]:
            picture = self._pictures[nearest(self._elevations, elevation), nearest(self._turbidities, turbidity)]
            _shine(firing, self._sky_columns, sky_light(elevation, turbidity), np.ones((len(picture), 3)), exposure)
            _spread(firing, "environment", self._sky_columns, picture[:, None])
            turn = np.zeros((len(azimuth), 4))
            turn[:, 1 if firing.plan.hierarchy.y_up else 2] = azimuth
            _spread(firing, "rotate", self._sky_poses, turn)
        # After the sky: a sun may stand below it, so that both go out together.
        if self._suns[0]:
            illuminance, color = sun_light(elevation, turbidity)
            self._turn_suns(firing, np.deg2rad(azimuth), np.deg2rad(elevation))
            _shine(firing, self._sun_columns, illuminance, color, exposure)

    def _turn_suns(self, firing: Firing, azimuth: Float64, elevation: Float64) -> None:
        flat = np.cos(elevation)
        toward = np.stack([np.cos(azimuth) * flat, np.sin(azimuth) * flat, np.sin(elevation)], axis=-1)[:, None, :]
        eye = firing.world(self._suns[0])[..., 3, :3]
        angles = self._aim.angles_to(firing, self._suns[0], eye - toward)
        write_angles(firing, self._sun_poses, angles)


def _lights(plan: Plan, paths: list[str], wanted: LightType, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths of prims, and of the lights that they wrap. EngineError for lights of another type."""
    prims = [content(plan.prim(path, kind)) for path in paths]
    for prim in prims:
        if light_type(prim) is not wanted:
            what = "a distant light as the sun" if wanted is LightType.DISTANT else "a dome light as the sky"
            raise EngineError(f"{kind}: {prim.GetPath()} is a {prim.GetTypeName() or 'prim'}; give {what}")
    return tuple(paths), tuple(str(prim.GetPath()) for prim in prims)


def _shine(firing: Firing, columns: NDArray[np.int64], intensity: Float64, color: Float64, exposure: Float64) -> None:
    """Intensity (R,) and colour (R, 3) of lights, as they are: without a temperature."""
    _spread(firing, "intensity", columns, intensity[:, None])
    _spread(firing, "light_color", columns, color)
    _spread(firing, "exposure", columns, exposure[:, 0])
    _spread(firing, "enable_temperature", columns, np.zeros((len(intensity), 1)))


def _spread(firing: Firing, channel: str, columns: NDArray[np.int64], values: Float64) -> None:
    """Write the same (R, k) to all columns."""
    firing.write(channel, columns, np.repeat(values[:, None], len(columns), axis=1))
