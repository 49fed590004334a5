"""``load_spec``: a YAML file in, a checked and frozen :class:`Spec` out, or every fault that it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError, ValidationInfo

from replicator_dr.errors import Fault, SpecError
from replicator_dr.spec.ablation import apply_only, apply_without
from replicator_dr.spec.compose import extended, read_extended
from replicator_dr.spec.create import kinds_of
from replicator_dr.spec.designs import parse_design, shared_names
from replicator_dr.spec.diagnostics import positioned
from replicator_dr.spec.document import Node, parse
from replicator_dr.spec.draws import parse_draw
from replicator_dr.spec.elements import Names
from replicator_dr.spec.files import MESH_SUFFIXES, PANORAMA_SUFFIXES, USD_SUFFIXES, File
from replicator_dr.spec.overrides import apply_fixed, apply_set
from replicator_dr.spec.spec import Spec

_SUFFIXES = (*USD_SUFFIXES, *MESH_SUFFIXES, *PANORAMA_SUFFIXES)


def load_spec(
    source: str | Path | Mapping[str, Any],
    overrides: Iterable[str] = (),
    without: Iterable[str] = (),
    *,
    only: Iterable[str] = (),
    fixed: Mapping[str, str] | None = None,
) -> Spec:
    """Read, resolve and check a spec.

    source: a YAML file, or the same content as a dict (file names in it start from the working directory).
    overrides: ``"path=value"`` each, as ``--set`` takes them, applied in this order. without: names to leave out, as
    ``--without`` takes them. only: randomizers to run, as ``--only`` takes them; the others keep their draws of frame
    0. fixed: {name: value as YAML} to hold in all frames, as ``--vary`` does. Raises SpecError with every fault.
    """
    document = _document(source)
    faults: list[Fault] = []
    for override in overrides:
        try:
            apply_set(document, override)
        except SpecError as error:
            faults += error.faults
    removed: frozenset[str] = frozenset()
    try:
        removed = apply_without(document, without)
    except SpecError as error:
        faults += error.faults
    try:
        apply_only(document, only)
        for name, text in (fixed or {}).items():
            apply_fixed(document, name, text)
    except SpecError as error:
        faults += error.faults
    if faults:
        raise SpecError(faults)
    raw = document.plain()
    if not isinstance(raw, dict):
        raise SpecError([document.mark.fault("", "a spec is a mapping of fields", "begin with name: and create:")])
    if not raw:
        raise SpecError([document.mark.fault("", "the file is empty", "begin with name: and create:")])
    try:
        spec = Spec.model_validate(raw, context=_names(raw, removed))
    except ValidationError as error:
        raise SpecError(positioned(error, document)) from None
    spec._document = _jsonable(raw)
    spec._root = document
    spec._source = "" if isinstance(source, Mapping) else str(source)
    return spec


def recorded_spec(document: Mapping[str, Any]) -> Spec:
    """The spec that a manifest holds, without a look at the files that it names: they may be on another machine.

    document: what ``Spec.resolved`` gave. Raises SpecError where it is none, or needs plugins that are not installed.
    """
    raw = _files_taken(_jsonable(document))
    try:
        return Spec.model_validate(raw, context=_names(raw, frozenset()))
    except ValidationError as error:
        raise SpecError(positioned(error, _document(document))) from None


def _files_taken(value: Any) -> Any:
    """The document with file names marked as looked up already."""
    if isinstance(value, dict):
        return {key: _files_taken(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_files_taken(item) for item in value]
    return File(value, value) if isinstance(value, str) and value.lower().endswith(_SUFFIXES) else value


def _document(source: str | Path | Mapping[str, Any]) -> Node:
    if isinstance(source, Mapping):
        text = yaml.safe_dump(_jsonable(source), sort_keys=False, allow_unicode=True)
        return extended(parse(text, "<dict>", Path.cwd())).copy()
    return read_extended(Path(source), str(source)).copy()


def _names(raw: Mapping[str, Any], removed: frozenset[str]) -> Names:
    """What is known about the whole spec before its parts are checked."""
    items, members = kinds_of(raw.get("create"))
    draws = raw.get("draws")
    parsed: dict[str, Any] = {}
    for name, entry in draws.items() if isinstance(draws, Mapping) else ():
        draw, _ = parse_draw(entry, cast(ValidationInfo, _NoNames()))
        parsed[str(name)] = None if draw is None else draw.distribution
    return Names(items, members, {**_factors(raw.get("designs"), parsed), **parsed}, removed)


def _factors(raw: Any, draws: Mapping[str, Any]) -> dict[str, Any]:
    """The distributions of factors by all names that stand for them."""
    entries = raw.items() if isinstance(raw, Mapping) else ()
    parsed = {str(name): parse_design(entry, cast(ValidationInfo, _NoNames()))[0] for name, entry in entries}
    designs = {name: design for name, design in parsed.items() if design is not None}
    found: dict[str, Any] = {
        name: designs[design].factors[factor] for name, (design, factor) in shared_names(draws, designs).items()
    }
    for name, design in parsed.items():
        given = _entries_of(raw, name) if design is None else ()
        found.update({key: None for factor in given for key in (factor, f"{name}.{factor}")})
    return found


def _entries_of(raw: Mapping[str, Any], design: str) -> list[str]:
    """The names of a faulty design's factors, so that their uses are not reported as well."""
    factors = raw[design].get("factors") if isinstance(raw[design], Mapping) else None
    return [str(name) for name in factors] if isinstance(factors, Mapping) else []


class _NoNames:
    """Validation without knowledge of the rest of the spec."""

    context = None


def _jsonable(value: Any) -> Any:
    """Plain dicts, lists and scalars, texts as str."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, (str, Path)):
        return str(value)
    return value.item() if hasattr(value, "item") else value
