"""Did you mean: the names that a mistyped one probably stands for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Suggestion:
    """The likely names, best first, and the sentence that offers them (empty when there are none)."""

    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentence that offers the names."""
        if not self.names:
            return ""
        quoted = [f"'{name}'" for name in self.names]
        return f"did you mean {' or '.join(quoted)}?"


def did_you_mean(name: str, known: Iterable[str], limit: int = 1) -> Suggestion:
    """The known names nearest to ``name``, case ignored; none where nothing is near."""
    spellings = {candidate.lower(): candidate for candidate in sorted(known, reverse=True)}
    near = difflib.get_close_matches(name.lower(), spellings, n=limit, cutoff=0.6)
    return Suggestion(tuple(spellings[match] for match in near))
