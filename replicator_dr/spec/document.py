"""YAML with positions: every value, and every key, knows its file, line and column.

Read through PyYAML's composer with the scalar rules of YAML 1.2's core schema: ``1e-3`` is a number, ``on``, ``yes``
and ``no`` are text. A key given twice is a fault; anchors and merge keys (``<<``) work, and keep the position at which
the value was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from replicator_dr.errors import Fault, SpecError

Location = tuple[int | str, ...]
_TAG = "tag:yaml.org,2002:"
_REPEATS = 100_000
"""Values that aliases may repeat: those of aliases within aliases are many more than anybody can write."""


@dataclass(frozen=True)
class Mark:
    """Where something was written. line, column: from 1, 0 for the command line. folder: what file names start from."""

    file: str
    line: int
    column: int
    folder: Path

    def fault(self, path: str, message: str, hint: str = "") -> Fault:
        """A fault at this position."""
        return Fault(self.file, self.line, self.column, path, message, hint)


class Text(str):  # noqa: SLOT000 - a str cannot have slots and a default __new__ together
    """A text of the document that still knows where it was written (file names start from that file's folder)."""

    mark: Mark

    def __new__(cls, value: str, mark: Mark) -> Text:
        """A text at a position."""
        text = super().__new__(cls, value)
        text.mark = mark
        return text


@dataclass
class Node:
    """A value of the document: a scalar, a list of nodes, or a mapping of nodes with the positions of its keys."""

    value: Any
    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value as Python's own types, texts as :class:`Text`."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return Text(self.value, self.mark) if isinstance(self.value, str) else self.value

    def copy(self) -> Node:
        """The same tree with containers of its own."""
        if isinstance(self.value, dict):
            return Node({key: child.copy() for key, child in self.value.items()}, self.mark, dict(self.keys))
        if isinstance(self.value, list):
            return Node([child.copy() for child in self.value], self.mark)
        return Node(self.value, self.mark)

    def child(self, step: int | str) -> Node | None:
        """The node below, None where there is none."""
        if isinstance(self.value, dict):
            found: Node | None = self.value.get(step)
            return found
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            below: Node = self.value[step]
            return below
        return None

    def locate(self, path: Location, on_key: bool = False) -> Mark:
        """Where the value at ``path`` stands; where the path ends early, the key of the last part that exists."""
        node, key = self, self.mark
        for index, step in enumerate(path):
            below = node.child(step)
            if below is None:
                return key
            key = node.keys.get(step, below.mark) if isinstance(step, str) else below.mark
            if on_key and index == len(path) - 1:
                return key
            node = below
        return node.mark

    def walk(self, path: Location = ()) -> Iterator[tuple[Location, Node]]:
        """This node and all below it, with their paths."""
        yield path, self
        if isinstance(self.value, dict):
            for key, child in self.value.items():
                yield from child.walk((*path, key))
        elif isinstance(self.value, list):
            for index, child in enumerate(self.value):
                yield from child.walk((*path, index))


def path_text(path: Location) -> str:
    """A path as it is written: ``triggers[0].randomize[2].materials``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


class _Loader(yaml.SafeLoader):
    """The composer with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own attribute


for _name, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+.0123456789"),
    ),
    ("merge", r"^<<$", ["<"]),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), _first)


def _scalar(tag: str, text: str) -> Any:
    kind = tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


class _Reader:
    """Turns PyYAML's nodes into ours and gathers what is wrong with them."""

    def __init__(self, file: str, folder: Path) -> None:
        self.file = file
        self.folder = folder
        self.faults: list[Fault] = []
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._repeats = 0

    def mark(self, mark: yaml.Mark | None) -> Mark:
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        return Mark(self.file, line, column, self.folder)

    def node(self, node: yaml.Node, path: Location = ()) -> Node:
        mark = self.mark(node.start_mark)
        if id(node) in self._open:
            self.faults.append(mark.fault(path_text(path), "an anchor is used inside itself", "write the value out"))
            return Node(None, mark)
        self._repeats += id(node) in self._seen
        if self._repeats > _REPEATS:
            message = f"aliases repeat more than {_REPEATS:,} values of this document"
            raise SpecError([mark.fault(path_text(path), message, "use fewer aliases for what holds aliases itself")])
        self._seen.add(id(node))
        self._open.add(id(node))
        try:
            return self._convert(node, mark, path)
        finally:
            self._open.discard(id(node))

    def _convert(self, node: yaml.Node, mark: Mark, path: Location) -> Node:
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, mark, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return Node([self.node(child, (*path, index)) for index, child in enumerate(node.value)], mark)
        if isinstance(node, yaml.ScalarNode) and node.tag.startswith(_TAG):
            try:
                return Node(_scalar(node.tag, node.value), mark)
            except ValueError:
                self.faults.append(mark.fault(path_text(path), f"{node.value!r} is not {node.tag.removeprefix(_TAG)}"))
                return Node(None, mark)
        self.faults.append(mark.fault(path_text(path), f"the tag {node.tag!r} is not used here", "remove it"))
        return Node(None, mark)

    def _mapping(self, node: yaml.MappingNode, mark: Mark, path: Location) -> Node:
        own = Node({}, mark)
        merged: list[Node] = []
        for key_node, value_node in node.value:
            key_mark = self.mark(key_node.start_mark)
            if key_node.tag == _TAG + "merge":
                merged += self._merged(value_node, path)
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(key_mark.fault(path_text(path), "a key must be a plain name"))
                continue
            key = key_node.value
            if key in own.value:
                first = own.keys[key].line
                hint = f"remove one of them; the other is in line {first}"
                self.faults.append(key_mark.fault(path_text((*path, key)), "this key is given twice", hint))
                continue
            own.value[key] = self.node(value_node, (*path, key))
            own.keys[key] = key_mark
        for other in merged:
            for key, child in other.value.items():
                if key not in own.value:
                    own.value[key] = child.copy()
                    own.keys[key] = other.keys[key]
        return own

    def _merged(self, node: yaml.Node, path: Location) -> list[Node]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        nodes = [self.node(source, path) for source in sources]
        for source in nodes:
            if not isinstance(source.value, dict):
                self.faults.append(source.mark.fault(path_text(path), "<< can only merge a mapping"))
        return [source for source in nodes if isinstance(source.value, dict)]


def parse(text: str, file: str, folder: Path) -> Node:
    """The document in ``text``. file: its name in messages. Raises SpecError where it is not YAML."""
    reader = _Reader(file, folder)
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        node = None if root is None else reader.node(root)
    except RecursionError:
        raise SpecError([Fault(file, 0, 0, "", "too many brackets or mappings inside one another")]) from None
    except yaml.MarkedYAMLError as error:
        where = reader.mark(error.problem_mark or error.context_mark)
        message = " ".join(part for part in (error.context, error.problem) if part)
        raise SpecError([where.fault("", f"not valid YAML: {message}", _remedy(message))]) from error
    except yaml.YAMLError as error:
        raise SpecError([Fault(file, 1, 1, "", f"not valid YAML: {error}")]) from error
    finally:
        loader.dispose()
    if node is None:
        return Node({}, Mark(file, 1, 1, folder))
    if reader.faults:
        raise SpecError(reader.faults)
    return node


def _remedy(message: str) -> str:
    if "'\\t'" in message:
        return "indent with spaces, not with tabs"
    if "expected a single document" in message:
        return "keep one document a file; remove the '---' between them"
    return ""


def read(path: Path, name: str | None = None) -> Node:
    """The document in a file. name: the file as its user named it. Raises SpecError where it cannot be read."""
    name = str(path) if name is None else name
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError([Fault(name, 0, 0, "", "no such file", _neighbour(path))]) from None
    except UnicodeDecodeError as error:
        raise SpecError([Fault(name, 0, 0, "", f"not a UTF-8 text file: {error}")]) from error
    except OSError as error:
        raise SpecError([Fault(name, 0, 0, "", f"cannot be read: {error.strerror}")]) from error
    return parse(text, name, path.parent.resolve())


def _neighbour(path: Path) -> str:
    from replicator_dr.spec.suggest import did_you_mean

    if not path.parent.is_dir():
        return f"there is no folder '{path.parent}'"
    return did_you_mean(path.name, [p.name for p in path.parent.iterdir() if p.suffix in (".yaml", ".yml")]).text
