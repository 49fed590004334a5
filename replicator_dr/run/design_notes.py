"""How far a run of frames covers a spec's designs, in words."""

from __future__ import annotations

from collections.abc import Iterator

from replicator_dr.spec import Spec


def design_notes(spec: Spec, start: int, frames: int) -> Iterator[str]:
    """A sentence for each design of which the frames do not hold every point equally often."""
    for name, design in spec.designs.items():
        n = design.samples
        if not n:
            continue
        full, rest = divmod(frames, n)
        if not rest:
            continue
        what = "combinations" if design.kind == "grid" else "points"
        times = f"all of them {full} time{'s' * (full > 1)} and " if full else ""
        whole = f"{full * n} or {(full + 1) * n}" if full else f"{n}"
        yield (
            f"design '{name}' has {n} {what}; frames {start} to {start + frames - 1} show {times}{rest} of them"
            f"{' once more' if full else ''}; {whole} frames cover it evenly"
        )
