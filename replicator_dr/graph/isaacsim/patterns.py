"""Patterns that are worked out in the shading: refused where NVIDIA's renderer draws."""

from __future__ import annotations

from replicator_dr.errors import UnsupportedError
from replicator_dr.spec import Spec


def refuse_patterns(spec: Spec) -> None:
    """UnsupportedError, naming the entry, for the randomizer ``pattern`` that would run."""
    for number, trigger in enumerate(spec.triggers):
        for index, entry in enumerate(trigger.randomize):
            if entry.kind == "pattern":
                raise UnsupportedError(
                    f"triggers[{number}].randomize[{index}].pattern: OmniPBR has no such pattern; use texture with "
                    "pictures, or --engine embedded"
                )
