"""``--set path=value`` and ``--vary``: changes from the command line, made before the document is checked."""

from __future__ import annotations

import re
from pathlib import Path

from replicator_dr.errors import Fault, SpecError
from replicator_dr.spec.document import Location, Mark, Node, parse, path_text
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


def apply_fixed(document: Node, name: str, text: str) -> None:
    """Give ``fixed`` one more value, as YAML: what ``--vary`` does for each variant."""
    mark = Mark(f"--vary {name}", 0, 0, Path.cwd())
    section = document.child("fixed")
    if section is None or not isinstance(section.value, dict):
        section = Node({}, mark)
        document.value["fixed"], document.keys["fixed"] = section, mark
    section.value[name], section.keys[name] = _value(text, mark), mark
