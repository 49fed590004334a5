"""``calibration``: a camera's intrinsics and distortion from the file that a calibration tool wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError, ValidationInfo
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.calibration_formats import CalibrationError, calibrated
from replicator_dr.spec.calibration_tree import read_tree
from replicator_dr.spec.files import FileName
from replicator_dr.spec.model import below, fault, faults, shown

CALIBRATION_SUFFIXES = (".yaml", ".yml", ".xml")
PIXELS = ("fx", "fy", "cx", "cy")


class CalibrationFile(Annotation):
    """A calibration file, or ``{file: camchain.yaml, camera: cam1}``."""

    file = FileName("a calibration", CALIBRATION_SUFFIXES)

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> dict[str, Any]:
        """fx, fy, cx, cy, and resolution and lens where the file has them."""
        camera, name = None, raw
        if isinstance(raw, Mapping):
            unknown = [fault("unknown field", "fields: file, camera", (str(key),), True)
                       for key in raw if key not in ("file", "camera")]  # fmt: skip
            if unknown:
                raise faults(unknown)
            name, camera = raw.get("file"), raw.get("camera")
            if camera is not None and not isinstance(camera, str):
                raise faults([fault(f"expected a camera's name, got {shown(camera)}", "such as cam0", ("camera",))])
        path, found = self.file.parse(name, info)
        if found:
            raise faults(found)
        try:
            made = calibrated(read_tree(Path(path), path.written), camera)
        except CalibrationError as error:
            raise faults([fault(str(error), error.remedy, value=raw)]) from None
        except ValueError as error:
            raise faults([fault(str(error), "give a calibration file in YAML or XML", value=raw)]) from None
        fields: dict[str, Any] = {name: getattr(made, name) for name in PIXELS}
        for name in ("resolution", "lens"):
            if getattr(made, name) is not None:
                fields[name] = getattr(made, name)
        return fields

    @override
    def json_schema(self) -> dict[str, Any]:
        name = self.file.schema()
        chain = {
            "type": "object",
            "properties": {"file": name, "camera": {"type": "string", "examples": ["cam0"]}},
            "required": ["file"],
            "additionalProperties": False,
        }
        return {"anyOf": [name, chain]}


CALIBRATION = CalibrationFile()


def with_calibration(fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """A camera's fields with what its calibration file says in the place of ``calibration``."""
    if fields.get("calibration") is None:
        return fields
    others = [name for name in (*PIXELS, "lens", "focal_length", "horizontal_aperture") if name in fields]
    if others:
        hint = "keep either calibration or the numbers"
        raise faults([fault(f"{name} and calibration exclude each other", hint, (name,), True) for name in others])
    try:
        found = CALIBRATION.validate(fields["calibration"], info)
    except ValidationError as error:
        raise faults(below(error, "calibration")) from None
    rest = {name: value for name, value in fields.items() if name != "calibration"}
    if "resolution" in found and "resolution" in rest:
        hint = "leave it out here; render_products scale the camera to their own resolution"
        raise faults([fault("the calibration file has a resolution of its own", hint, ("resolution",), True)])
    if "resolution" not in found and "resolution" not in rest:
        hint = "give resolution: [width, height] beside it"
        raise faults([fault("the calibration file does not say the size of the image", hint, ("calibration",))])
    return {**rest, **found}
