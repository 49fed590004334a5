"""``--without NAME`` and ``--only NAME``: parts of a spec left out or held still, before the document is checked.

A name is that of an item, randomizer, trigger, render product or writer, a kind (``pose``, ``coco_depth``), or a family
of randomizers. Randomizers are not taken out of the document: they still count, so that the draws of all others stay as
they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from replicator_dr.errors import Fault, PluginError, SpecError
from replicator_dr.spec.document import Mark, Node
from replicator_dr.spec.references import Reference
from replicator_dr.spec.registry import RANDOMIZERS
from replicator_dr.spec.suggest import did_you_mean

SENSORS = "sensors"
"""The family of what is no randomizer only: image and depth sensors of cameras too."""
_SENSOR_FIELDS = ("sensor", "depth_sensor")
_NOT_KINDS = ("name", "run", "randomize", "cameras", "resolution", "on_frame")


@dataclass
class _Removal:
    """The names that a document offers for ``--without``, and what was removed."""

    known: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)


def apply_without(document: Node, names: Iterable[str]) -> frozenset[str]:
    """Leave out items, randomizers, triggers, products and writers by name, kind or family.

    Returns the names of the created items that went. Raises SpecError for names that nothing has.
    """
    removal = _Removal()
    missing = [name for name in names if not _remove(document, name, removal)]
    faults = [_unknown("--without", name, removal.known) for name in missing]
    if faults:
        raise SpecError(faults)
    if removal.items:
        _forget(document, removal.items)
    return frozenset(removal.items)


def apply_only(document: Node, names: Iterable[str]) -> None:
    """Hold every randomizer still, but those of these names, kinds and families: they keep the draws of frame 0.

    Raises SpecError for names that no randomizer has.
    """
    wanted = set(names)
    if not wanted:
        return
    met: set[str] = set()
    known: set[str] = set()
    for trigger in _entries(document.child("triggers")):
        of_trigger = _names(trigger)
        for entry in _entries(trigger.child("randomize")):
            called = _called(entry) | of_trigger
            known |= called
            met |= called & wanted
            if not called & wanted and entry.child("run") is None:
                _set(entry, "run", "once", Mark("--only", 0, 0, entry.mark.folder))
    if missing := sorted(wanted - met):
        raise SpecError([_unknown("--only", name, known) for name in missing])


def _unknown(option: str, name: str, known: set[str]) -> Fault:
    hint = did_you_mean(name, known).text or f"names: {', '.join(sorted(known))}"
    return Fault(f"{option} {name}", 0, 0, "", f"nothing is called '{name}'", hint)


def _remove(document: Node, name: str, removal: _Removal) -> bool:
    hit = _remove_item(document, name, removal)
    for section in (document.child("writers"), document.child("render_products")):
        kept = []
        for entry in _entries(section):
            removal.known |= _names(entry)
            if name in _names(entry):
                hit = True
            else:
                kept.append(entry)
        if section is not None and isinstance(section.value, list):
            section.value[:] = kept
    mark = Mark(f"--without {name}", 0, 0, document.mark.folder)
    for trigger in _entries(document.child("triggers")):
        for entry in _entries(trigger.child("randomize")):
            called = _called(entry) | _names(trigger)
            removal.known |= called
            if name in called:
                hit = True
                _set(entry, "run", "never", mark)
    if name == SENSORS:
        hit = _without_sensors(document, mark) or hit
    return hit


def _remove_item(document: Node, name: str, removal: _Removal) -> bool:
    create = document.child("create")
    if create is None or not isinstance(create.value, dict):
        return False
    removal.known.update(create.value)
    if name not in create.value:
        return False
    del create.value[name], create.keys[name]
    removal.items.add(name)
    return True


def _without_sensors(document: Node, mark: Mark) -> bool:
    """Take the sensors out of cameras and of what varies them; whether there were any."""
    hit = False
    create = document.child("create")
    for item in create.value.values() if create is not None and isinstance(create.value, dict) else ():
        for body in (item, item.child("camera")):
            hit = _drop(body, _SENSOR_FIELDS) or hit
    for trigger in _entries(document.child("triggers")):
        for entry in _entries(trigger.child("randomize")):
            body = entry.child("camera")
            if body is not None and isinstance(body.value, dict) and body.value.keys() & {*_SENSOR_FIELDS}:
                hit = True
                if body.value.keys() <= {"cameras", *_SENSOR_FIELDS}:
                    _set(entry, "run", "never", mark)
                else:
                    _drop(body, _SENSOR_FIELDS)
    return hit


def _drop(body: Node | None, keys: tuple[str, ...]) -> bool:
    """Take keys out of a mapping; whether any was there."""
    if body is None or not isinstance(body.value, dict):
        return False
    present = [key for key in keys if key in body.value]
    for key in present:
        del body.value[key], body.keys[key]
    return bool(present)


def _set(entry: Node, key: str, value: str, mark: Mark) -> None:
    if isinstance(entry.value, dict):
        entry.value[key] = Node(value, mark)
        entry.keys[key] = mark


def _entries(section: Node | None) -> list[Node]:
    return list(section.value) if section is not None and isinstance(section.value, list) else []


def _names(entry: Node) -> set[str]:
    """What an entry of a list is called: its ``name``, and its kind."""
    if not isinstance(entry.value, dict):
        return set()
    own = entry.value.get("name")
    kinds = {key for key in entry.value if key not in _NOT_KINDS}
    return kinds | ({str(own.value)} if own is not None and isinstance(own.value, str) else set())


def _called(entry: Node) -> set[str]:
    """What an entry of ``randomize`` is called: name, kind and family."""
    names = _names(entry)
    return names | {family for kind in names if (family := family_of(kind))}


def family_of(kind: str) -> str:
    """The family of a randomizer; nothing for one that is not known, or cannot be loaded."""
    try:
        return str(getattr(RANDOMIZERS.get(kind), "family", ""))
    except (KeyError, PluginError):
        return ""


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
    for values in (document.child("fixed"), *_below(document.child("edge_cases"))):
        if values is not None and isinstance(values.value, dict):
            _drop(values, tuple(name for name in values.value if name.partition(".")[0] in gone))
    for trigger in _entries(document.child("triggers")):
        randomize = trigger.child("randomize")
        if randomize is not None and isinstance(randomize.value, list):
            randomize.value[:] = [entry for entry in randomize.value if not _loses_randomized(entry, gone)]


def _below(section: Node | None) -> list[Node]:
    """The entries of a list, or the values of a mapping."""
    if section is not None and isinstance(section.value, dict):
        return list(section.value.values())
    return _entries(section)


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
