"""What lies behind the lens and Isaac Sim's renderer has no form of, refused before anything is made."""

from __future__ import annotations

from replicator_dr.errors import UnsupportedError
from replicator_dr.graph.image_sizes import is_rolling
from replicator_dr.spec import Model, Spec

EFFECTS = {
    "shutter": "motion blur there comes from physics or animation between two frames, not from velocities",
    "depth_sensor": "there is no annotator for it",
    "velocity": "motion blur there comes from physics or animation between two frames, not from velocities",
    "angular_velocity": "motion blur there comes from physics or animation between two frames, not from velocities",
}
"""Fields of items and of the randomizers ``camera`` and ``pose``, and why they are refused."""
_EXPOSURE = "exposure is a setting of the whole renderer there, not of a camera; gain works on the finished picture"
SENSOR = {
    "exposure": _EXPOSURE,
    "exposure_time": _EXPOSURE,
    "iso": _EXPOSURE,
    "rolling_shutter": EFFECTS["shutter"],
    "samples": "there are no images to average",
}
"""Fields of sensors, likewise; the others are applied to the picture that was rendered."""


def refuse_camera_effects(spec: Spec) -> None:
    """UnsupportedError, naming the field, for effects that only the embedded renderer has."""
    for number, entry in enumerate(spec.render_products):
        if is_rolling(entry):
            raise UnsupportedError(
                f"render_products[{number}].resolution: a render product of Isaac Sim keeps its size; give one "
                "[width, height], or an entry for each size, or use --engine embedded"
            )
    holders: list[tuple[str, Model]] = [(f"create.{name}", item) for name, item in spec.create.items()]
    holders += [
        (f"triggers[{number}].randomize[{index}].{entry.kind}", entry.randomizer)
        for number, trigger in enumerate(spec.triggers)
        for index, entry in enumerate(trigger.randomize)
        if entry.kind in ("camera", "pose")
    ]
    for where, holder in holders:
        _refuse(where, holder, EFFECTS)
        sensor = getattr(holder, "sensor", None)
        if sensor is not None:
            _refuse(f"{where}.sensor", sensor, SENSOR)
    for number, trigger in enumerate(spec.triggers):
        for index, randomization in enumerate(trigger.randomize):
            if randomization.kind == "sensor":
                _refuse(f"triggers[{number}].randomize[{index}].sensor", randomization.randomizer, SENSOR)


def _refuse(where: str, holder: Model, reasons: dict[str, str]) -> None:
    for field, reason in reasons.items():
        if getattr(holder, field, None) not in (None, 0.0):
            raise UnsupportedError(
                f"{where}.{field}: Isaac Sim does not render it: {reason}; leave it out, or use --engine embedded"
            )
