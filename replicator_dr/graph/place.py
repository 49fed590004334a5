"""Where a value of a spec stands, by names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a value stands. parts: names from the outermost; they make the seed and, joined by dots, the name."""

    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name under which the samples are recorded."""
        return ".".join(self.parts)

    def below(self, part: str) -> Place:
        """A place inside this one."""
        return Place((*self.parts, part))
