"""Everything that can go wrong, as one tree.

::

    ReplicatorDrError
    ├── SpecError         faults in a spec: all of them, each with file, line and remedy
    ├── AssetError        a file that a scene needs is missing, unreadable or empty (a mesh without faces)
    ├── PluginError       a randomizer or writer that cannot be imported or is not one
    ├── UnsupportedError  a documented argument or function that this runtime cannot honour, and the alternative
    ├── RequirementError  no draw of a frame meets what the spec requires of it
    ├── EngineError       the runtime is in a state in which the call makes no sense
    ├── OutputError       a dataset that cannot be written or continued (folder, disk, permissions)
    └── DatasetError      a written dataset that cannot be read: a file is missing, cut short or does not fit

A message says what is wrong, the numbers, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "AssetError",
    "DatasetError",
    "EngineError",
    "Fault",
    "OutputError",
    "PluginError",
    "ReplicatorDrError",
    "RequirementError",
    "SpecError",
    "UnsupportedError",
]


class ReplicatorDrError(Exception):
    """The base of all errors that this project raises on purpose."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with a spec.

    file: as its user named it, or ``--set create.sun.light.intensity`` for a value from the command line.
    line, column: from 1; 0 where the position is a whole file or the command line.
    path: the field, such as ``triggers[0].randomize[2].materials.roughnes``; empty for the file as a whole.
    message: what is wrong. hint: what to do, empty where the message says it already.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        position = position_text(self.file, self.line, self.column)
        place = position if self.file == f"--set {self.path}" or not self.path else f"{position} {self.path}"
        return f"{place}: {self.message}" + (f"; {self.hint}" if self.hint else "")


def position_text(file: str, line: int, column: int) -> str:
    """A position as messages begin with it: ``file:line:column``, the file alone where the line is 0."""
    return f"{file}:{line}:{column}" if line else file


class SpecError(ReplicatorDrError):
    """A spec has faults; ``faults`` holds them all, sorted by file and line, and str() prints one a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class AssetError(ReplicatorDrError):
    """A file that a scene needs is missing, unreadable, or holds nothing that can be drawn."""


class PluginError(ReplicatorDrError):
    """A randomizer or writer cannot be loaded, or is not what its entry point promises."""


class UnsupportedError(ReplicatorDrError):
    """The running engine cannot honour this; the message names the argument and the alternative."""


class RequirementError(ReplicatorDrError):
    """No draw of a frame meets what the spec requires. frame: its number; nothing of it was written."""

    def __init__(self, frame: int, message: str) -> None:
        self.frame = frame
        super().__init__(message)


class EngineError(ReplicatorDrError):
    """The runtime cannot do this now (no stage, no render product, already running)."""


class OutputError(ReplicatorDrError):
    """The dataset cannot be written or continued; what was committed before stays valid."""


class DatasetError(ReplicatorDrError):
    """A written dataset cannot be read: a file is missing, cut short, or does not fit the others."""
