"""``extends``: one spec on top of another, and the rules by which the upper one wins.

Mappings are merged key by key, everything else (lists, numbers, texts) replaces what was below. An entry of ``create``
set to null removes the one below. Where the upper mapping chooses another kind (``normal`` over ``uniform``, ``cube``
over ``plane``) the lower kind goes.
"""

from __future__ import annotations

import os
from pathlib import Path

from replicator_dr.errors import Fault, SpecError
from replicator_dr.spec.document import Location, Mark, Node, path_text, read
from replicator_dr.spec.kinds import CREATE_KINDS, DISTRIBUTION_KINDS
from replicator_dr.spec.suggest import did_you_mean

_EXCLUSIVE = (frozenset(CREATE_KINDS), frozenset({*DISTRIBUTION_KINDS, "draw"}))


def read_extended(path: Path, name: str | None = None) -> Node:
    """The document of a file with all that it extends below it; ``extends`` itself is gone from the result."""
    return _Reader().read(path, str(path) if name is None else name, ())


def extended(document: Node) -> Node:
    """As :func:`read_extended`, for a document that did not come from a file of its own."""
    return _Reader().extend(document, ())


class _Reader:
    def read(self, path: Path, name: str, above: tuple[Path, ...]) -> Node:
        return self.extend(read(path, name), (*above, path.resolve()))

    def extend(self, document: Node, above: tuple[Path, ...]) -> Node:
        if not isinstance(document.value, dict) or "extends" not in document.value:
            return document
        document = document.copy()
        entry: Node = document.value.pop("extends")
        document.keys.pop("extends", None)
        single = not isinstance(entry.value, list)
        below: Node | None = None
        for index, source in enumerate([entry] if single else entry.value):
            found = self._source(source, "extends" if single else f"extends[{index}]", above)
            below = found if below is None else merged(below, found)
        return document if below is None else merged(below, document)

    def _source(self, source: Node, path: str, above: tuple[Path, ...]) -> Node:
        if not isinstance(source.value, str) or not source.value:
            raise SpecError([source.mark.fault(path, "expected the name of a YAML file", "as in: extends: base.yaml")])
        target = source.mark.folder / source.value
        if target.resolve() in above:
            ring = " -> ".join(step.name for step in (*above[above.index(target.resolve()) :], target))
            raise SpecError([source.mark.fault(path, f"the files extend each other in a ring: {ring}", "cut it")])
        if not target.is_file():
            near = [p.name for p in target.parent.iterdir() if p.is_file()] if target.parent.is_dir() else []
            hint = did_you_mean(target.name, near).text
            raise SpecError([source.mark.fault(path, f"no file '{source.value}'", hint)])
        return self.read(target, _name_beside(source.mark, source.value, target), above)


def _name_beside(mark: Mark, text: str, target: Path) -> str:
    """The extended file's name in the style in which its user named the extending one."""
    if os.path.isabs(text) or mark.line == 0:
        return str(target)
    return os.path.normpath(Path(mark.file).parent / text)


def merged(below: Node, above: Node, path: Location = ()) -> Node:
    """``above`` on top of ``below``; neither is changed."""
    if not (isinstance(below.value, dict) and isinstance(above.value, dict)):
        return above.copy()
    result = Node(dict(below.value), above.mark, dict(below.keys))
    for exclusive in _EXCLUSIVE:
        if chosen := exclusive & above.value.keys():
            for key in (exclusive & below.value.keys()) - chosen:
                del result.value[key], result.keys[key]
    for key, child in above.value.items():
        if path == ("create",) and child.value is None:
            _remove(result, key, above.keys[key], (*path, key))
            continue
        result.value[key] = merged(result.value[key], child, (*path, key)) if key in result.value else child.copy()
        result.keys[key] = above.keys[key]
    return result


def _remove(mapping: Node, key: str, mark: Mark, path: Location) -> None:
    if key not in mapping.value:
        hint = did_you_mean(key, mapping.value).text
        raise SpecError([Fault(mark.file, mark.line, mark.column, path_text(path), "nothing below to remove", hint)])
    del mapping.value[key], mapping.keys[key]
