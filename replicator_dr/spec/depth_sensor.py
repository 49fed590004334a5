"""How a camera measures depth: with a second eye, or by the time that light takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.types import Fraction, NonNegative, Positive
from replicator_dr.spec.varying import Value, Varying

Range = Annotated[Value, Varying(Numbers(size=2, low=0, unit="m"))]
"""Nearest and farthest distance in metres."""

STEREO, TIME_OF_FLIGHT = 1, 2


class Stereo(Model):
    """A second eye to the right: the error grows with the square of depth, and what one eye misses has no depth."""

    baseline: Positive = 0.05
    """Metres between the eyes."""
    disparity_noise: NonNegative = 0.1
    """Standard deviation of the disparity in pixels; that of depth is z^2 times it over (focal length x baseline)."""
    disparity_step: NonNegative = 0.03125
    """Pixels to which the disparity is rounded; 0 does not round."""


class TimeOfFlight(Model):
    """Light that comes back: the error grows with distance, and on what is dark or seen at a grazing angle."""

    noise: NonNegative = 0.002
    """Standard deviation in metres at one metre from something white, seen head-on."""
    ambient: NonNegative = 0.0
    """Light from elsewhere, over the sensor's own that comes back from something white at one metre."""
    flying_pixels: Fraction = 0.5
    """Share of the pixels at edges that lie somewhere between both surfaces."""
    ambiguity_range: NonNegative = 0.0
    """Metres at which distances start again at 0, half the wavelength of the modulation; 0 never."""


class DepthSensor(Model):
    """One of ``stereo`` and ``time_of_flight``, with the distances between which it measures."""

    stereo: Stereo | None = None
    """A pair of eyes, of which the camera is the left one."""
    time_of_flight: TimeOfFlight | None = None
    """A camera that times its own light."""
    range: Range = (0.1, 20.0)
    """Nearest and farthest depth in metres that is measured."""
    dropout: Fraction = 0.0
    """Share of the pixels without a measurement, anywhere."""
    edge_dropout: Fraction = 0.0
    """Share of the pixels at edges, where depth jumps to a neighbour's, without a measurement."""
    max_incidence: Annotated[Value, Varying(Numbers(low=0, high=90, open_low=True, unit="degrees"))] = 90.0
    """Degrees between the ray and the surface's normal beyond which nothing is measured, as on floors far away."""
    min_reflectance: Fraction = 0.0
    """Surfaces whose base colour has less luminance than this are not measured, such as 0.05 for black rubber."""
    depth_step: NonNegative = 0.0
    """Metres to whole multiples of which the depth is rounded; 0 does not round."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        found = []
        if (self.stereo is None) == (self.time_of_flight is None):
            message = "expected one of stereo and time_of_flight" + (", got both" if self.stereo is not None else "")
            found.append(fault(message, "give one of them, such as stereo: {}"))
        if isinstance(self.range, tuple) and self.range[0] >= self.range[1]:
            message = f"the near distance ({self.range[0]:g}) is not below the far one ({self.range[1]:g})"
            found.append(fault(message, "give [near, far] in metres", ("range",)))
        if found:
            raise faults(found)
        return self

    def attributes(self) -> Iterator[tuple[str, str, Any]]:
        """(place below the depth sensor, attribute of the camera's prim, value) of all that is to be written."""
        stereo = self.stereo is not None
        yield "kind", "depthSensor:kind", STEREO if stereo else TIME_OF_FLIGHT
        yield "range", "depthSensor:range", self.range
        for field, name in _OF_BOTH.items():
            if getattr(self, field) != type(self).model_fields[field].default:
                yield field, name, getattr(self, field)
        kind, model = ("stereo", self.stereo) if stereo else ("time_of_flight", self.time_of_flight)
        for field, name in _STEREO.items() if stereo else _TIME_OF_FLIGHT.items():
            yield f"{kind}.{field}", name, getattr(model, field)


_OF_BOTH = {
    "dropout": "depthSensor:dropout",
    "edge_dropout": "depthSensor:edgeDropout",
    "max_incidence": "depthSensor:maxIncidence",
    "min_reflectance": "depthSensor:minReflectance",
    "depth_step": "depthSensor:depthStep",
}
_STEREO = {
    "baseline": "depthSensor:baseline",
    "disparity_noise": "depthSensor:disparityNoise",
    "disparity_step": "depthSensor:disparityStep",
}
_TIME_OF_FLIGHT = {
    "noise": "depthSensor:rangeNoise",
    "ambient": "depthSensor:ambient",
    "flying_pixels": "depthSensor:flyingPixels",
    "ambiguity_range": "depthSensor:ambiguityRange",
}
