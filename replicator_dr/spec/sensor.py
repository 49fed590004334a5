"""The sensor behind a camera's lens: exposure, vignetting, noise."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.types import NonNegative, Number, Positive
from replicator_dr.spec.varying import Value, Varying

MOST_SAMPLES = 4096


class Sensor(Model):
    """What the sensor makes of the light. Labels and depth stay those of the sharp image without noise."""

    exposure: Number | None = None
    """Exposure compensation in stops: each doubles the light."""
    exposure_time: Positive | None = None
    """Seconds of exposure, as a factor on the light (1 is neutral, as in USD); ``shutter`` says what blurs."""
    iso: Positive | None = None
    """Speed of the sensor: amplifies what was read out, noise too; 100 is neutral."""
    vignetting: NonNegative | None = None
    """Fall-off toward the corners: 1 is the natural cos^4 of the angle to the optical axis, 2 its square, 0 none."""
    full_well: Positive | None = None
    """Electrons that fill a pixel, four times as many as white makes at ISO 100; turns on shot noise, and clips."""
    read_noise: NonNegative | None = None
    """Standard deviation of the read-out in electrons."""
    bits: Annotated[Value, Varying(Numbers(low=1, high=16, whole=True))] | None = None
    """Bits of the converter, which reads a full well; without it nothing is rounded before the 8 bits of the image."""
    samples: int | None = Field(default=None, ge=1, le=MOST_SAMPLES)
    """Images averaged for lens and motion blur; by default as many as the blur needs, up to 128."""

    @model_validator(mode="after")
    def _electrons(self) -> Self:
        found = [
            fault(f"{name} counts in electrons of a full well", "give full_well, such as 10000", (name,), True)
            for name in ("read_noise", "bits")
            if getattr(self, name) is not None and self.full_well is None
        ]
        if found:
            raise faults(found)
        return self


SENSOR_ATTRIBUTES = {
    "exposure": "exposure",
    "exposure_time": "exposure:time",
    "iso": "exposure:iso",
    "vignetting": "sensor:vignetting",
    "full_well": "sensor:fullWell",
    "read_noise": "sensor:readNoise",
    "bits": "sensor:bits",
    "samples": "sensor:samples",
}
"""Fields, and the attributes of camera prims that they are written to."""
