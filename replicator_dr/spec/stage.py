"""What a scene is built on: an empty stage, a file, or the stage that is open."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from pydantic import ValidationInfo
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.files import USD_SUFFIXES, FileName
from replicator_dr.spec.model import fault, faults
from replicator_dr.spec.suggest import did_you_mean

NEW = "new"
CURRENT = "current"


class StageField(Annotation):
    """Validates ``stage``: ``new``, ``current`` or the name of a USD file."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> str:
        """One of the two words, or the file."""
        if isinstance(raw, str) and raw in (NEW, CURRENT):
            return str(raw)
        if isinstance(raw, str) and raw and not PurePath(raw).suffix:
            hint = did_you_mean(raw, (NEW, CURRENT)).text or "new, current, or a USD file"
            raise faults([fault(f"'{raw}' is not a stage", hint, value=raw)])
        file, found = FileName("a USD stage", USD_SUFFIXES).parse(raw, info)
        if found:
            raise faults(found)
        assert isinstance(file, str)
        return file

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "description": "new, current, or a USD file"}
