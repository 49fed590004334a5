"""Semantic filters: which labelled prims an annotator or writer is to see.

The language is that of omni.syntheticdata's predicates: alternatives separated by ``;``, each a list of
``type: labels`` joined by ``,`` (all must hold), where labels are joined by ``|`` (or) and ``&`` (and, which binds
closer), ``!`` negates one label and ``*`` is any label. Example: ``class: car | truck & !toy ; shape: *``. Case does
not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Labels = Mapping[str, str]
"""The labels of one prim: {type: "a"} or {type: "a,b"}."""

Filter = Callable[[Labels], "dict[str, str] | None"]
"""Gives the labels that a prim keeps, None when the prim does not pass."""


def label_filter(types: Sequence[str] | None = None, predicate: str | None = None) -> Filter:
    """The filter for a list of types, or for a predicate; with neither, every labelled prim passes with all its labels.

    ValueError when both are given, or when a predicate cannot be read.
    """
    if types is not None and predicate is not None:
        raise ValueError("semantic_types and semantic_filter_predicate exclude each other; give one of them")
    if types is not None:
        predicate = ";".join(f"{name}:*" for name in types)
    if predicate is None:
        return lambda labels: dict(labels) or None
    alternatives = [_conjunction(part, predicate) for part in predicate.lower().split(";") if part.strip()]
    named = {name for alternative in alternatives for name, _ in alternative}

    def passes(labels: Labels) -> dict[str, str] | None:
        own = {name.lower(): set(value.lower().split(",")) for name, value in labels.items()}
        if not any(
            all(name in own and _holds(terms, own[name]) for name, terms in alternative) for alternative in alternatives
        ):
            return None
        return {name: value for name, value in labels.items() if name.lower() in named}

    return passes


_Terms = list[list[tuple[bool, str]]]
"""Alternatives of conjunctions of (wanted, label)."""


def _conjunction(text: str, predicate: str) -> list[tuple[str, _Terms]]:
    parts = []
    for part in text.split(","):
        name, separator, terms = part.partition(":")
        if not separator or not name.strip() or not terms.strip():
            raise ValueError(
                f"the semantic filter {predicate!r} cannot be read at {part.strip()!r}; "
                "write 'class: car | truck ; shape: *'"
            )
        parts.append((name.strip(), [[_term(term) for term in clause.split("&")] for clause in terms.split("|")]))
    return parts


def _term(text: str) -> tuple[bool, str]:
    stripped = text.strip()
    return (False, stripped[1:].strip()) if stripped.startswith("!") else (True, stripped)


def _holds(terms: _Terms, labels: set[str]) -> bool:
    return any(all((label == "*" or label in labels) == wanted for wanted, label in clause) for clause in terms)
