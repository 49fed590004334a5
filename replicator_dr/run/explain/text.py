"""Values of the language as short texts."""

from __future__ import annotations

from typing import Any

from replicator_dr.spec.distributions import Choice, Combine, Context, Distribution, DrawUse, Sequence
from replicator_dr.spec.files import File
from replicator_dr.spec.ties import Case, Expression, Switch


def text_of(value: Any) -> str:
    """A value as YAML would write it, in one line: ``uniform [0, 1]``, ``$warmth``, ``expr 2 * warmth``."""
    if isinstance(value, DrawUse):
        return (
            f"${value.draw}" if value.is_plain else f"{text_of(value.scale)} * ${value.draw} + {text_of(value.offset)}"
        )
    if isinstance(value, Expression):
        return f"expr {' '.join(value.text.split())}"
    if isinstance(value, Case):
        branches = ", ".join(f"{label}: {text_of(branch)}" for label, branch in zip(value.labels, value.branches))
        return f"case {value.asked} of {{{branches}}}"
    if isinstance(value, Switch):
        return f"when {value.asked} then {text_of(value.branches[0])} else {text_of(value.branches[1])}"
    if isinstance(value, Choice):
        return f"choice {_listed(value.choices)}{_weights(value.weights)}"
    if isinstance(value, Sequence):
        return f"sequence {_listed(value.items)}{'' if value.ordered else ' (shuffled)'}"
    if isinstance(value, Combine):
        return f"combine {_listed(value.distributions)}"
    if isinstance(value, Distribution):
        return f"{value.kind} {_listed([getattr(value, name) for name in value.positional])}"
    if isinstance(value, (tuple, list)):
        return _listed(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:.6g}"
    return str(value.written if isinstance(value, File) else value)


def _listed(values: Any) -> str:
    return f"[{', '.join(text_of(value) for value in values)}]"


def _weights(weights: Any) -> str:
    if weights is None:
        return ""
    return f" by {weights.by}" if isinstance(weights, Context) else f" weights {_listed(weights)}"
