"""What a camera makes of an image, from its lens to its files: exposure, blur, colours, noise, compression."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.types import Fraction, NonNegative, Number, Positive
from replicator_dr.spec.varying import Value, Varying

MOST_SAMPLES = 4096
WIDEST_BLUR = 15


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
    gain: Positive | None = None
    """Analogue gain: a factor on what is read out, before the converter clips and rounds it; noise grows with it."""
    white_balance: Annotated[Value, Varying(Numbers(low=2500, high=20000, unit="K"))] | None = None
    """Colour temperature in kelvin that the camera takes for white, within 2500 .. 20000: 6500 is neutral, below it
    the image turns blue, above it yellow."""
    tint: Number | None = None
    """The rest of the white balance: stops by which green is less, above 0 toward magenta, below 0 toward green."""
    blur: Annotated[Value, Varying(Numbers(low=0, high=WIDEST_BLUR, unit="pixels"))] | None = None
    """Standard deviation in pixels of the Gaussian that the lens makes of a point, within 0 .. 15."""
    chromatic_aberration: Number | None = None
    """Pixels by which red lies outside of green, and blue inside, in the image's farthest corner; in between it is
    proportional to the distance from the principal point."""
    hot_pixels: Fraction | None = None
    """Share of the pixels, by channel, that are stuck at full; the same ones in all frames of a camera."""
    dead_pixels: Fraction | None = None
    """Share of the pixels, by channel, that are stuck at zero; the same ones in all frames of a camera."""
    sharpening: NonNegative | None = None
    """Amount of an unsharp mask of 1 pixel: adds so many times what a Gaussian of 1 pixel takes away."""
    jpeg_quality: Annotated[Value, Varying(Numbers(low=1, high=100, whole=True))] | None = None
    """Quality of the JPEG file that the image has been through, 1 .. 100, with halved colour resolution (4:2:0)."""
    rolling_shutter: NonNegative | None = None
    """Seconds from the reading of a row to that of the next one below; the middle of the image is at the frame's own
    moment. What has a velocity is skewed; 0 reads all rows at once."""
    samples: int | None = Field(default=None, ge=1, le=MOST_SAMPLES)
    """Images averaged for lens, motion blur and rolling shutter; by default as many as these need, up to 128."""

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
    "gain": "sensor:gain",
    "white_balance": "sensor:whiteBalance",
    "tint": "sensor:tint",
    "blur": "sensor:blur",
    "chromatic_aberration": "sensor:chromaticAberration",
    "hot_pixels": "sensor:hotPixels",
    "dead_pixels": "sensor:deadPixels",
    "sharpening": "sensor:sharpening",
    "jpeg_quality": "sensor:jpegQuality",
    "rolling_shutter": "sensor:rollingShutter",
    "samples": "sensor:samples",
}
"""Fields, and the attributes of camera prims that they are written to."""
