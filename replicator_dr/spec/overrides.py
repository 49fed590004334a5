"""``--set path=value`` and ``--without NAME``: changes from the command line, made before the document is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from replicator_dr.errors import Fault, SpecError
from replicator_dr.spec.document import Location, Mark, Node, parse, path_text
from replicator_dr.spec.references import Reference
from replicator_dr.spec.registry import RANDOMIZERS
from replicator_dr.spec.suggest import did_you_mean

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def apply_set(document: Node, override: str) -> None:
    """Set one value: ``create.sun.light.intensity=500``. Raises SpecError where the path leads nowhere."""
    path_part, equals, text = override.partition("=")
    path_part = path_part.strip()
    mark = Mark(f"--set {path_part or override}", 0, 0, Path.cwd())
    steps = _steps(path_part)
    if not equals or steps is None:
        message = f"'{override}' is not path=value"
        raise SpecError([mark.fault("", message, "as in --set create.boxes.cube.count=12")])
    value = _value(text, mark)
    node = document
    for index, step in enumerate(steps[:-1]):
        node = _below(node, step, steps[: index + 1], mark, can_grow=index != 1 or steps[0] != "create")
    _below(node, steps[-1], steps, mark, value=value)


def _steps(path: str) -> tuple[int | str, ...] | None:
    """``triggers[0].randomize[1].pose`` -> its steps, None where it is not a path."""
    steps: list[int | str] = []
    position = 0
    while position < len(path):
        if steps and path[position] == ".":
            position += 1
        found = _STEP.match(path, position)
        if found is None:
            return None
        steps.append(found.group(1) if found.group(2) is None else int(found.group(2)))
        position = found.end()
    return tuple(steps) or None


def _value(text: str, mark: Mark) -> Node:
    try:
        node = parse(text, mark.file, mark.folder) if text.strip() else Node(None, mark)
    except SpecError as error:
        faults = [Fault(mark.file, 0, 0, fault.path, fault.message, fault.hint) for fault in error.faults]
        raise SpecError(faults) from error
    for _, child in node.walk():
        child.mark = mark
        child.keys = dict.fromkeys(child.keys, mark)
    return node


def _below(
    node: Node, step: int | str, path: Location, mark: Mark, value: Node | None = None, can_grow: bool = True
) -> Node:
    """The node one step down, made (or set to ``value``) where it does not exist."""
    here = path_text(path)
    if node.value is None:
        node.value = {}
    if isinstance(step, int):
        if not isinstance(node.value, list):
            raise SpecError([mark.fault(here, f"'{path_text(path[:-1])}' is not a list")])
        if step >= len(node.value):
            last = len(node.value) - 1
            hint = (
                f"its entries are [0] to [{last}]"
                if last > 0
                else "its only entry is [0]"
                if not last
                else "it is empty"
            )
            raise SpecError([mark.fault(here, f"there is no entry [{step}]", hint)])
        if value is not None:
            node.value[step] = value
        child: Node = node.value[step]
        return child
    if not isinstance(node.value, dict):
        what = "a list" if isinstance(node.value, list) else "a single value"
        hint = f"write {path_text(path[:-1])}[0]..." if what == "a list" else f"set '{path_text(path[:-1])}' as a whole"
        raise SpecError([mark.fault(here, f"'{path_text(path[:-1])}' is {what} and has no '{step}'", hint)])
    if value is None and step not in node.value:
        if not can_grow:
            hint = did_you_mean(step, node.value).text or f"items: {', '.join(node.value)}"
            raise SpecError([mark.fault(here, f"nothing is created under the name '{step}'", hint)])
        value = Node({}, mark)
    if value is not None:
        node.value[step] = value
        node.keys[step] = mark
    below: Node = node.value[step]
    return below


@dataclass
class _Removal:
    """The names that a document offers for ``--without``, and what was removed."""

    known: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)


def apply_without(document: Node, names: Iterable[str]) -> frozenset[str]:
    """Remove items, randomizers, triggers, products and writers by name or kind, and references to removed items.

    Returns the names of the created items that went. Raises SpecError for names that nothing has.
    """
    removal = _Removal()
    faults = []
    for name in names:
        if not _remove(document, name, removal):
            hint = did_you_mean(name, removal.known).text or f"names: {', '.join(sorted(removal.known))}"
            faults.append(Fault(f"--without {name}", 0, 0, "", f"nothing is called '{name}'", hint))
    if faults:
        raise SpecError(faults)
    if removal.items:
        _forget(document, removal.items)
    return frozenset(removal.items)


def _remove(document: Node, name: str, removal: _Removal) -> bool:
    hit = False
    create = document.child("create")
    if create is not None and isinstance(create.value, dict):
        removal.known.update(create.value)
        if name in create.value:
            del create.value[name], create.keys[name]
            removal.items.add(name)
            hit = True
    sections = [document.child("triggers"), document.child("writers"), document.child("render_products")]
    sections += [trigger.child("randomize") for trigger in _entries(document.child("triggers"))]
    for section in sections:
        kept = []
        for entry in _entries(section):
            called = _names(entry)
            removal.known.update(called)
            if name in called:
                hit = True
            else:
                kept.append(entry)
        if section is not None and isinstance(section.value, list):
            section.value[:] = kept
    return hit


def _entries(section: Node | None) -> list[Node]:
    return list(section.value) if section is not None and isinstance(section.value, list) else []


def _names(entry: Node) -> set[str]:
    """What an entry of a list is called: its ``name``, and its kind."""
    if not isinstance(entry.value, dict):
        return set()
    own = entry.value.get("name")
    kinds = {key for key in entry.value if key not in ("name", "randomize", "cameras", "resolution", "on_frame")}
    return kinds | ({str(own.value)} if own is not None and isinstance(own.value, str) else set())


def _forget(document: Node, gone: set[str]) -> None:
    """Take removed items out of the lists that name them; what has lost its only subject goes as well."""
    create = document.child("create")
    for item in create.value.values() if create is not None and isinstance(create.value, dict) else ():
        group = item.child("group")
        members = group.child("items") or group if group is not None else None
        if members is not None:
            _strike(members, gone, keep_empty=True)
    products = document.child("render_products")
    if products is not None and isinstance(products.value, list):
        products.value[:] = [p for p in products.value if not _loses_subject(p, "cameras", gone)]
    for trigger in _entries(document.child("triggers")):
        randomize = trigger.child("randomize")
        if randomize is not None and isinstance(randomize.value, list):
            randomize.value[:] = [entry for entry in randomize.value if not _loses_randomized(entry, gone)]


def _loses_randomized(entry: Node, gone: set[str]) -> bool:
    for kind in RANDOMIZERS.kinds():
        body = entry.child(kind)
        if body is None:
            continue
        model = RANDOMIZERS.get(kind)
        references = [
            name
            for name, info in model.model_fields.items()
            if any(isinstance(part, Reference) and part.many for part in info.metadata)
        ]
        lost = [_loses_subject(body, name, gone) for name in references]
        return bool(lost) and lost[0]
    return False


def _loses_subject(body: Node, key: str, gone: set[str]) -> bool:
    """Strike removed names from one field; whether that leaves it empty."""
    field_node = body.child(key)
    return field_node is not None and _strike(field_node, gone)


def _strike(node: Node, gone: set[str], keep_empty: bool = False) -> bool:
    """Remove names from a list (or see that a single one is removed); whether nothing is left."""
    if isinstance(node.value, list):
        before = len(node.value)
        node.value[:] = [entry for entry in node.value if entry.value not in gone]
        return not node.value and before > 0
    if node.value in gone and isinstance(node.value, str):
        if keep_empty:
            node.value = []
        return True
    return False
