"""What is looked at and what is written: render products and writers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ValidationInfo
from typing_extensions import override

from replicator_dr.spec.annotation import Annotation
from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.model import Model, faults
from replicator_dr.spec.registry import WRITERS
from replicator_dr.spec.tagged import chosen_kind, validated
from replicator_dr.spec.triggers import listed, placed
from replicator_dr.spec.types import Cameras
from replicator_dr.spec.varying import Value, Varying

ImageSize = Annotated[Value, Varying(Numbers(size=2, low=1, high=16384, whole=True))]
"""Width and height in pixels, the same in all frames or drawn for each."""


class RenderProduct(Model):
    """An image of each of the cameras, every frame."""

    cameras: Cameras
    """Names of cameras, or of groups of them; each copy of a camera gets an image of its own."""
    resolution: ImageSize
    """Width and height in pixels; a choice or sequence of several draws one for each frame."""
    name: str | None = None
    """Name of the images' folder; with several cameras, what stands before the camera's name."""
    tiled: bool | None = None
    """On Isaac Sim, whether cameras of one resolution share a render product: true, false, or by default where there
    are several. Tiles are faster, but do not say how much of an object is hidden."""


class WriterEntry(Model):
    """A writer with its parameters."""

    kind: str
    """The writer's name."""
    writer: Model
    """Its fields."""


class WritersSection(Annotation):
    """Validates ``writers``: a list of ``{coco_depth: {...}}``."""

    @override
    def validate(self, raw: Any, info: ValidationInfo) -> tuple[WriterEntry, ...]:
        """The writers; raises with the faults of all of them."""
        entries, found = listed(raw, "writers")
        writers = []
        for index, entry in enumerate(entries):
            kind, problems = chosen_kind(entry, WRITERS.kinds(), (), "writer", "writers")
            found += placed(problems, index)
            if kind is not None:
                writer, problems = validated(WRITERS.get(kind), kind, entry[kind], info)
                found += placed(problems, index)
                if writer is not None:
                    writers.append(WriterEntry(kind=kind, writer=writer))
        if found:
            raise faults(found)
        return tuple(writers)

    @override
    def json_schema(self) -> dict[str, Any]:
        return {"type": "array"}  # schema.py puts the whole together
