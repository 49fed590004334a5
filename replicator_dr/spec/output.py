"""What is looked at and what is written: render products and writers."""

from __future__ import annotations

from typing import Any, Optional

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from replicator_dr.spec.cameras import Resolution
from replicator_dr.spec.model import Model, faults
from replicator_dr.spec.registry import WRITERS
from replicator_dr.spec.tagged import chosen_kind, validated
from replicator_dr.spec.triggers import listed, placed
from replicator_dr.spec.types import Cameras


class RenderProduct(Model):
    """An image of each of the cameras, every frame."""

    cameras: Cameras
    """Names of cameras, or of groups of them; each copy of a camera gets an image of its own."""
    resolution: Resolution
    """Width and height in pixels."""
    name: Optional[str] = None
    """Name of the images' folder; with several cameras, what stands before the camera's name."""


class WriterEntry(Model):
    """A writer with its parameters."""

    kind: str
    """The writer's name."""
    writer: Model
    """Its fields."""


class WritersSection:
    """Validates ``writers``: a list of ``{coco_depth: {...}}``."""

    def validate(self, raw: Any, info: ValidationInfo) -> tuple[WriterEntry, ...]:
        """The writers; raises with the faults of all of them."""
        entries, found = listed(raw, "writers")
        writers = []
        for index, entry in enumerate(entries):
            kind, problems = chosen_kind(entry, WRITERS.kinds(), (), "writer")
            found += placed(problems, index)
            if kind is not None:
                writer, problems = validated(WRITERS.get(kind), kind, entry[kind], info)
                found += placed(problems, index)
                if writer is not None:
                    writers.append(WriterEntry(kind=kind, writer=writer))
        if found:
            raise faults(found)
        return tuple(writers)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.validate, metadata={"pydantic_js_functions": [self._json_schema]}
        )

    def _json_schema(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        from replicator_dr.spec.schema_parts import writers_schema

        return writers_schema(handler)
