"""Lenses of calibrated cameras: OpenCV's two distortion models."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.optics import COEFFICIENTS, LensModel
from replicator_dr.optics.usd_names import attribute_of
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.types import Number

MODELS = {"opencv_pinhole": LensModel.OPENCV_PINHOLE, "opencv_fisheye": LensModel.OPENCV_FISHEYE}


class Lens(Model):
    """How a lens distorts: OpenCV's models, with its names and signs. Coefficients that are not given are 0."""

    model: Literal["opencv_pinhole", "opencv_fisheye"]
    """opencv_pinhole: radial, tangential and thin-prism distortion of a pinhole. opencv_fisheye: k1 to k4 over the
    angle from the axis; it sees beyond 90 degrees, too."""
    k1: Number | None = None
    """Radial; of the fisheye, too."""
    k2: Number | None = None
    """Radial; of the fisheye, too."""
    k3: Number | None = None
    """Radial; of the fisheye, too."""
    k4: Number | None = None
    """Radial, in the denominator; of the fisheye, too."""
    k5: Number | None = None
    """Radial, in the denominator."""
    k6: Number | None = None
    """Radial, in the denominator."""
    p1: Number | None = None
    """Tangential."""
    p2: Number | None = None
    """Tangential."""
    s1: Number | None = None
    """Thin prism, along x."""
    s2: Number | None = None
    """Thin prism, along x."""
    s3: Number | None = None
    """Thin prism, along y."""
    s4: Number | None = None
    """Thin prism, along y."""

    @property
    def given(self) -> tuple[str, ...]:
        """The coefficients that were given."""
        return tuple(name for name in _ALL if getattr(self, name) is not None)

    def attribute(self, name: str) -> str:
        """The USD attribute that holds a coefficient."""
        return attribute_of(MODELS[self.model], name)

    @model_validator(mode="after")
    def _coefficients_of_the_model(self) -> Self:
        known = COEFFICIENTS[MODELS[self.model]]
        hint = f"coefficients: {', '.join(known)}"
        found = [fault(f"{self.model} has no {name}", hint, (name,), True) for name in self.given if name not in known]
        if found:
            raise faults(found)
        return self


_ALL = COEFFICIENTS[LensModel.OPENCV_PINHOLE]
