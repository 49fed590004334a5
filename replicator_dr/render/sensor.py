"""The sensor behind the lens: how much light it gathers, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

HEADROOM = 4.0
"""A full well is this many times as bright as white: two stops of highlights, as the tone curve has a shoulder for."""

_OFF_AT_ZERO = (
    "vignetting", "full_well", "blur", "chromatic_aberration", "hot_pixels", "dead_pixels", "sharpening",
    "jpeg_quality",
)  # fmt: skip


@dataclass(frozen=True)
class SensorArrays:
    """Sensors of cameras, (B, C) float64 each.

    shutter: (B, C, 2) [s], when it opens and closes, 0 being the frame's own moment; equal ones freeze all motion.
    light: factor on the light that falls onto the sensor. amplification: factor on what it reads out (ISO / 100).
    vignetting: 0 = none, 1 = the natural one; the factor is cos(angle to the axis)^(4 vignetting). full_well: electrons
    of a pixel that HEADROOM times white fills, 0 = without noise. read_noise: its standard deviation [electrons].
    bits: of the converter that reads a full well, 0 = it does not round. samples: exposures that make up an image with
    blur, 0 = as many as the blur needs. gain: factor on what is read out, before the converter. balance: (B, C, 3),
    factors of the white balance on red, green, blue. blur: standard deviation of the point spread [pixels].
    chromatic_aberration: [pixels] that red is displaced outward by, blue inward, in the farthest corner. hot_pixels,
    dead_pixels: shares of pixels and channels. sharpening: amount of the unsharp mask. jpeg_quality: 1..100, 0 = the
    image is not compressed. row_time: [s] from one row to the next.
    """

    shutter: Float64
    light: Float64
    amplification: Float64
    vignetting: Float64
    full_well: Float64
    read_noise: Float64
    bits: Float64
    samples: Float64
    gain: Float64
    balance: Float64
    blur: Float64
    chromatic_aberration: Float64
    hot_pixels: Float64
    dead_pixels: Float64
    sharpening: Float64
    jpeg_quality: Float64
    row_time: Float64

    @staticmethod
    def neutral(frames: int, cameras: int) -> SensorArrays:
        """Sensors that do nothing to an image."""
        numbers = {name: np.zeros((frames, cameras)) for name in SensorArrays.__dataclass_fields__}
        ones = {name: np.ones((frames, cameras)) for name in ("light", "amplification", "gain")}
        shapes = {"shutter": np.zeros((frames, cameras, 2)), "balance": np.ones((frames, cameras, 3))}
        return SensorArrays(**{**numbers, **ones, **shapes})

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> SensorArrays:
        """The same for some of the frames."""
        return SensorArrays(**{name: value[frames] for name, value in vars(self).items()})

    def is_plain(self, camera: int) -> NDArray[np.bool_]:
        """(B,) bool: whether an ordinary image is what the sensor gives."""
        ones = np.stack([self.light, self.amplification, self.gain, *np.moveaxis(self.balance, -1, 0)])[..., camera]
        zeros = np.stack([getattr(self, name) for name in _OFF_AT_ZERO])[..., camera]
        return np.asarray((ones == 1.0).all(axis=0) & (zeros == 0.0).all(axis=0))

    def open_for(self, camera: int) -> Float64:
        """(B,) [s] for which the shutter is open."""
        shutter = self.shutter[:, camera]
        return np.asarray(np.maximum(shutter[:, 1] - shutter[:, 0], 0.0))

    def sees_motion(self, camera: int) -> NDArray[np.bool_]:
        """(B,) bool: whether an image takes time, to expose or to read."""
        return np.asarray((self.open_for(camera) > 0.0) | (self.row_time[:, camera] > 0.0))

    def span(self, camera: int, height: int) -> Float64:
        """(B, 2) [s]: when the first row of an image of ``height`` rows opens, and when the last one closes."""
        opens = self.shutter[:, camera, 0]
        half = 0.5 * np.maximum(self.row_time[:, camera], 0.0) * (height - 1)
        return np.stack([opens - half, opens + self.open_for(camera) + half], axis=-1)


@dataclass(frozen=True)
class DepthSensorArrays:
    """Depth sensors of cameras, (B, C) float64 each; see depth_sensor.py for what they do.

    kind: a DepthSensorKind. near, far: range of what is measured [m]. baseline [m], disparity_noise: standard deviation
    [pixels], disparity_step [pixels], 0 = not rounded: of a stereo pair. range_noise: standard deviation [m] at one
    metre from white, without ambient light; ambient: of it, over the signal there; flying_pixels: share of the pixels
    at edges that mix; ambiguity_range: distance [m] at which measurements start again at 0, 0 = never: of a
    time-of-flight camera. dropout, edge_dropout: shares of all pixels, and of those at edges, without a measurement;
    max_incidence: angle to the normal [degrees] beyond which nothing is measured, 0 = never; min_reflectance: below it
    likewise; depth_step: to which depth is rounded [m], 0 = not: of both.
    """

    kind: Float64
    near: Float64
    far: Float64
    baseline: Float64
    disparity_noise: Float64
    disparity_step: Float64
    range_noise: Float64
    ambient: Float64
    flying_pixels: Float64
    ambiguity_range: Float64
    dropout: Float64
    edge_dropout: Float64
    max_incidence: Float64
    min_reflectance: Float64
    depth_step: Float64

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> DepthSensorArrays:
        """The same for some of the frames."""
        return DepthSensorArrays(**{name: value[frames] for name, value in vars(self).items()})
