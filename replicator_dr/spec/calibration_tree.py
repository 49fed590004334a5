"""Calibration files as trees of values that know their lines: YAML as ROS, Kalibr and OpenCV write it, OpenCV's XML."""

from __future__ import annotations

import re
from pathlib import Path
from xml.parsers import expat

from replicator_dr.errors import SpecError
from replicator_dr.spec.document import Mark, Node, parse

_HEADER = re.compile(r"\A%YAML:[^\n]*")
_TAG = re.compile(r"!!opencv-[\w-]+")
_END = re.compile(r"\n---\s*\Z")


def read_tree(path: Path, name: str) -> Node:
    """The file as nodes; name: as messages name it. ValueError, with the line, for what is neither YAML nor XML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: cannot be read: {error}") from error
    folder = path.parent.resolve()
    if text.lstrip().startswith("<"):
        return _XmlReader(name, folder).read(text)
    # OpenCV writes a directive and tags that no other YAML has; a message that was echoed ends with dashes.
    plain = _END.sub("\n", _TAG.sub("", _HEADER.sub("#", text)))
    try:
        return parse(plain, name, folder)
    except SpecError as error:
        first = error.faults[0]
        raise ValueError(f"{name}:{first.line}: {first.message}") from error


class _XmlReader:
    """Elements as mappings, or as the texts in them; ``data`` of matrices as lists of numbers."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder
        self._parser = expat.ParserCreate()
        self._open: list[tuple[str, Node, list[str]]] = []
        self._root = Node({}, Mark(name, 1, 1, folder))

    def read(self, text: str) -> Node:
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = lambda data: self._open[-1][2].append(data) if self._open else None
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            raise ValueError(f"{self._name}:{error.lineno}: not valid XML: {expat.ErrorString(error.code)}") from error
        return self._root

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        mark = Mark(self._name, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1, self._folder)
        self._open.append((tag, Node({}, mark), []))

    def _end(self, _tag: str) -> None:
        tag, node, texts = self._open.pop()
        if not node.value:
            text = "".join(texts).strip()
            words = [Node(_number(word), node.mark) for word in text.split()]
            node.value = words if tag == "data" else _number(text)
        if not self._open:
            self._root = node
            return
        parent = self._open[-1][1]
        parent.value[tag] = node
        parent.keys[tag] = node.mark


def _number(text: str) -> float | int | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
