"""Cameras: a lens in millimetres, or a calibrated camera in pixels, with or without distortion."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, model_validator
from typing_extensions import Self

from replicator_dr.spec.calibration import CALIBRATION, with_calibration
from replicator_dr.spec.depth_sensor import DepthSensor
from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.items import Moving
from replicator_dr.spec.kinds import CAMERAS
from replicator_dr.spec.lenses import Lens
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.references import Reference
from replicator_dr.spec.sensor import Sensor
from replicator_dr.spec.types import NonNegative, Positive
from replicator_dr.spec.varying import Fixed, Value, Varying

Resolution = Annotated[tuple[int, int], Fixed(Numbers(size=2, low=1, high=16384, whole=True))]
"""Width and height in pixels."""


class Stereo(Model):
    """The right eye of a rectified pair."""

    left: Annotated[str, Reference(CAMERAS, groups=False, many=False)]
    """The camera that is the left eye: with its lens, and below it, so that both move together."""
    baseline: float = Field(gt=0)
    """Metres between the two, along the image's x axis."""


class Camera(Moving):
    """A camera, a pinhole unless it has a lens; ``look_at`` or ``orbit`` turn it.

    With no rotation it looks along -X with +Z up, as Replicator's cameras do; on a stage whose Y is up, along -Z.
    """

    kind = "camera"

    focal_length: Positive | None = None
    """Millimetres; 24 by default."""
    horizontal_aperture: Positive | None = None
    """Width of the sensor in millimetres; 20.955 by default, which with 24 mm gives a view of 47 degrees."""
    fx: float | None = Field(default=None, gt=0)
    """Calibrated focal length in pixels of ``resolution``, instead of focal_length and horizontal_aperture."""
    fy: float | None = Field(default=None, gt=0)
    """The same along y; by default that of x."""
    cx: float | None = None
    """Principal point in pixels from the left edge of the image; its middle by default."""
    cy: float | None = None
    """Principal point in pixels from the upper edge of the image; its middle by default."""
    calibration: Annotated[dict[str, Any] | None, CALIBRATION] = None
    """A calibration file instead of fx, fy, cx, cy, resolution and lens: camera_info of ROS, camchain of Kalibr,
    FileStorage of OpenCV (YAML or XML); of a chain of several cameras ``{file: camchain.yaml, camera: cam1}``."""
    resolution: Resolution | None = None
    """The image size to which fx, fy, cx and cy belong; other render products are scaled from it."""
    lens: Lens | None = None
    """Distortion of a calibrated camera, such as ``{model: opencv_pinhole, k1: -0.3, k2: 0.1}``."""
    clipping_range: Annotated[Value, Varying(Numbers(size=2, low=0, open_low=True, unit="m"))] = (0.01, 1000.0)
    """Nearest and farthest distance in metres that is seen: along the optical axis, of a fisheye along the ray."""
    f_stop: NonNegative = 0.0
    """Aperture number of the lens, focal length over diameter; 0 keeps everything sharp."""
    focus_distance: Positive = 400.0
    """Metres at which the image is sharp."""
    shutter: NonNegative = 0.0
    """Seconds that the shutter is open, around the frame's moment: what has a velocity is blurred; 0 freezes it."""
    sensor: Sensor | None = None
    """What the lens and the sensor make of the image: exposure, colours, blur, noise, compression."""
    depth_sensor: DepthSensor | None = None
    """How the camera measures depth, for the annotator ``sensor_depth``; depth itself stays true."""
    stereo: Stereo | None = None
    """Makes the camera the right eye of another one, such as ``{left: eye, baseline: 0.06}``, for the annotator
    ``disparity`` of either; all else is the left eye's."""

    @model_validator(mode="before")
    @classmethod
    def _read_calibration(cls, fields: Any, info: ValidationInfo) -> Any:
        return with_calibration(fields, info) if isinstance(fields, dict) else fields

    @property
    def is_calibrated(self) -> bool:
        """Whether the camera is given in pixels."""
        return self.fx is not None

    @property
    def intrinsics(self) -> tuple[float, float, float, float]:
        """fx, fy, cx, cy of a calibrated camera, what was left out by its default."""
        assert self.fx is not None
        assert self.resolution is not None
        width, height = self.resolution
        fy = self.fx if self.fy is None else self.fy
        cx = width / 2 if self.cx is None else self.cx
        cy = height / 2 if self.cy is None else self.cy
        return self.fx, fy, cx, cy

    @model_validator(mode="after")
    def _one_description(self) -> Self:
        further = sorted(self.model_fields_set - {"stereo", "semantics"}) if self.stereo is not None else []
        found = [
            fault(f"stereo and {name} exclude each other", "give it to the left camera", (name,), True)
            for name in further
        ]
        pixels = [name for name in ("fx", "fy", "cx", "cy", "resolution") if getattr(self, name) is not None]
        if pixels:
            for name in ("focal_length", "horizontal_aperture"):
                if getattr(self, name) is not None:
                    hint = f"keep either {name} or {pixels[0]}"
                    found.append(fault(f"{name} and {pixels[0]} exclude each other", hint, (name,), True))
            absent = [name for name in ("fx", "resolution") if getattr(self, name) is None]
            found += [fault("missing", f"{pixels[0]} needs it", (name,)) for name in absent]
        elif self.lens is not None:
            found.append(fault("a lens needs a calibrated camera", "give fx and resolution", ("lens",), True))
        if self.lens is not None and self.depth_sensor is not None:
            hint = "leave out one of them, or give the depth sensor a camera of its own"
            message = "a depth sensor measures in rectified images, without a lens that distorts"
            found.append(fault(message, hint, ("depth_sensor",), True))
        near_far = self.clipping_range
        if isinstance(near_far, tuple) and near_far[0] >= near_far[1]:
            message = f"the near distance ({near_far[0]:g}) is not below the far one ({near_far[1]:g})"
            found.append(fault(message, "give [near, far] in metres", ("clipping_range",)))
        if found:
            raise faults(found)
        return self
