"""What a benchmark is asked to measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SPECS = (Path("scenes/parts.yaml"), Path("scenes/tabletop.yaml"))
"""What is measured unless specs are named: the scene of the README's figures, and the demo."""


@dataclass(frozen=True)
class Options:
    """What to measure, and how long.

    specs: YAML files. frames: of each run. repeats: of each measurement; the median counts. device: "cpu", "cuda" or
    None, the GPU if there is one. batch: frames rendered together; None leaves it to the pipeline. output: folder of
    the report and of what is written meanwhile. growth, peers: whether to measure those too.
    """

    specs: tuple[Path, ...] = SPECS
    frames: int = 300
    repeats: int = 3
    device: str | None = None
    batch: int | None = None
    output: Path = Path("_bench")
    growth: bool = False
    peers: bool = False
