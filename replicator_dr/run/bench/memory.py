"""Memory over a run: whether it stays flat."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def resident_bytes() -> int:
    """Memory of this process that is in RAM now; 0 where the system does not say (/proc is Linux's)."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def tenths(samples: Sequence[tuple[int, int]]) -> list[int]:
    """The value at each tenth of the way through (position, value) samples, the last one included."""
    if not samples:
        return []
    end = samples[-1][0]
    return [next(value for position, value in samples if position >= end * tenth / 10) for tenth in range(1, 11)]


def flatness(samples: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Resident memory [MB] at each tenth of a run, and by how much the last lies above the first [%].

    samples: (frames committed, resident bytes), in order.
    """
    resident = tenths(samples)
    growth = 100 * (resident[-1] / resident[0] - 1) if resident and resident[0] else 0.0
    return {
        "memory_megabytes": [round(value / 1e6, 1) for value in resident],
        "memory_growth_percent": round(growth, 1),
    }
