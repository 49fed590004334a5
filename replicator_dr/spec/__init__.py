"""The language: YAML with positions in, a frozen :class:`Spec` out."""

from __future__ import annotations

from replicator_dr.spec.distributions import Distribution, DrawUse
from replicator_dr.spec.elements import Numbers, Words
from replicator_dr.spec.lenses import Lens
from replicator_dr.spec.load import load_spec
from replicator_dr.spec.model import Model
from replicator_dr.spec.schema import json_schema
from replicator_dr.spec.sensor import SENSOR_ATTRIBUTES, Sensor
from replicator_dr.spec.spec import Spec
from replicator_dr.spec.types import (
    CameraName,
    Cameras,
    Color,
    Count,
    Elevation,
    Fraction,
    Label,
    Lights,
    MaterialName,
    NonNegative,
    Number,
    Panorama,
    Posables,
    Positive,
    PrimName,
    Prims,
    Robots,
    Scale2,
    Scale3,
    Semantics,
    Size3,
    Target,
    Temperature,
    Texture,
    Truth,
    Vector2,
    Vector3,
)
from replicator_dr.spec.varying import Value, Varying

__all__ = [
    "SENSOR_ATTRIBUTES", "CameraName", "Cameras", "Color", "Count", "Distribution", "DrawUse", "Elevation",
    "Fraction", "Label", "Lens", "Lights", "MaterialName", "Model", "NonNegative", "Number", "Numbers", "Panorama",
    "Posables", "Positive", "PrimName", "Prims", "Robots", "Scale2", "Scale3", "Semantics", "Sensor", "Size3", "Spec",
    "Target", "Temperature", "Texture", "Truth", "Value", "Varying", "Vector2", "Vector3", "Words", "json_schema",
    "load_spec",
]  # fmt: skip
