"""What USD calls the lens models: Isaac Sim's OmniLensDistortion schemas.

Their attributes are ``omni:lensdistortion:<group>:<name>`` beside ``omni:lensdistortion:model``, which holds the group.
"""

from __future__ import annotations

from replicator_dr.optics.models import LensModel

PREFIX = "omni:lensdistortion:"
MODEL = PREFIX + "model"

GROUPS = {
    LensModel.OPENCV_PINHOLE: "opencvPinhole",
    LensModel.OPENCV_FISHEYE: "opencvFisheye",
    LensModel.FTHETA: "ftheta",
}
APIS = {
    LensModel.OPENCV_PINHOLE: "OmniLensDistortionOpenCvPinholeAPI",
    LensModel.OPENCV_FISHEYE: "OmniLensDistortionOpenCvFisheyeAPI",
    LensModel.FTHETA: "OmniLensDistortionFthetaAPI",
}


def attribute_of(model: LensModel, name: str) -> str:
    """The attribute that holds a number of a model."""
    return f"{PREFIX}{GROUPS[model]}:{name}"
