"""What a run cost, stage by stage: the figures behind the summary and the benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# The order of the pipeline, which is the order of the report.
STAGES = ("sample", "render", "annotate", "encode", "write")


@dataclass(frozen=True)
class StageRate:
    """One stage of a run.

    seconds: work in this stage, summed over all threads. share: of the work of all stages, 0..1. milliseconds: work
    per image. images_per_second: what one thread that did nothing else would reach; inf where nothing was done.
    """

    stage: str
    seconds: float
    share: float
    milliseconds: float
    images_per_second: float


def stage_rates(stage_seconds: Mapping[str, float], images: int) -> list[StageRate]:
    """The stages of a run in the pipeline's order, further ones after them.

    stage_seconds: work per stage [s], summed over threads. images: how many were made.
    """
    total = sum(stage_seconds.values())
    order = [*(stage for stage in STAGES if stage in stage_seconds), *(s for s in stage_seconds if s not in STAGES)]
    return [
        StageRate(
            stage=stage,
            seconds=stage_seconds[stage],
            share=stage_seconds[stage] / total if total else 0.0,
            milliseconds=1000 * stage_seconds[stage] / images if images else 0.0,
            images_per_second=images / stage_seconds[stage] if stage_seconds[stage] else float("inf"),
        )
        for stage in order
    ]
