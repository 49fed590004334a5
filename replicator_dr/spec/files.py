"""Files that a spec names: assets, meshes, textures. They must exist when the spec is loaded.

A relative name starts from the folder of the YAML file in which it is written (from the working directory for
``--set`` and for specs without a file), so that a spec can be extended from another folder.
"""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.document import Text
from replicator_dr.spec.elements import Element
from replicator_dr.spec.model import fault, shown
from replicator_dr.spec.suggest import Suggestion, did_you_mean

USD_SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")
MESH_SUFFIXES = (".obj", ".glb", ".ply", ".stl")
ROBOT_SUFFIXES = (".urdf", ".xml", *USD_SUFFIXES)
TEXTURE_SUFFIXES = (".png", ".jpg", ".jpeg")
PANORAMA_SUFFIXES = (".hdr", *TEXTURE_SUFFIXES)

_ALL_SUFFIXES = (*USD_SUFFIXES, *MESH_SUFFIXES, *PANORAMA_SUFFIXES)


class File(str):  # noqa: SLOT000 - a str cannot have slots and a default __new__ together
    """The absolute path of a file that a spec names. written: the name as the spec has it."""

    written: str

    def __new__(cls, path: str, written: str = "") -> File:
        """A file of that absolute path."""
        file = super().__new__(cls, path)
        file.written = written or path
        return file


@dataclass(frozen=True)
class FileName(Element):
    """The name of an existing file. role: "a texture"; suffixes: in lower case, with their dots."""

    role: str = "a file"
    suffixes: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """The value as a noun."""
        return self.role

    @override
    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        """The file, and what is wrong with its name."""
        if not isinstance(raw, str) or not raw:
            return None, [fault(f"expected the name of {self.role} file, got {shown(raw)}", value=raw)]
        if isinstance(raw, File):
            return raw, []
        if "://" in raw:
            problem = self.url_problem(str(raw))
            return (None, [fault(*problem, value=raw)]) if problem else (File(str(raw)), [])
        path = folder_of(raw) / Path(raw).expanduser()
        if problem := self.problem(raw, path):
            return None, [fault(*problem, value=raw)]
        return File(str(path.resolve()), str(raw)), []

    def url_problem(self, url: str) -> tuple[str, str] | None:
        """Message and hint where a URL cannot be used. Whether there is something at it is Isaac Sim's to find out."""
        if not set(self.suffixes) & {*USD_SUFFIXES, *TEXTURE_SUFFIXES}:
            return f"'{url}' is a URL", f"{self.role} is converted here; download it and name the file"
        if glob.has_magic(url.partition("?")[0]):
            return f"'{url}' is a pattern", "a URL names one file; write its name out"
        if PurePosixPath(url.partition("?")[0]).suffix.lower() not in self.suffixes:
            return f"'{url}' is not {self.role}", f"one of {', '.join(self.suffixes)}"
        return None

    def problem(self, written: str, path: Path) -> tuple[str, str] | None:
        """Message and hint where the file cannot be used."""
        if path.is_dir():
            return (
                f"'{written}' is a folder",
                f"name the files in it, as in '{written.rstrip('/')}/*{self.suffixes[0]}'",
            )
        if path.suffix.lower() not in self.suffixes:
            return f"'{written}' is not {self.role}", f"one of {', '.join(self.suffixes)}"
        if path.is_file():
            return None
        return f"no file '{written}'", neighbours(written, path, self.suffixes)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of a file name."""
        return {"type": "string", "description": f"{self.role} file: {', '.join(self.suffixes)}"}


def named_file(text: str) -> str:
    """A text of a shared draw: the file that it names beside its spec, if there is one; else the plain text.

    What a draw's texts stand for shows where it is used, and there they have been checked.
    """
    if PurePosixPath(text).suffix.lower() not in _ALL_SUFFIXES or "://" in text:
        return str(text)
    path = folder_of(text) / Path(text).expanduser()
    return File(str(path.resolve()), str(text)) if path.is_file() else str(text)


def folder_of(raw: str) -> Path:
    """The folder from which a relative file name starts."""
    return raw.mark.folder if isinstance(raw, Text) else Path.cwd()


def neighbours(written: str, path: Path, suffixes: tuple[str, ...]) -> str:
    """The remedy for a missing file: a file of nearly that name beside it, or where it was looked for."""
    if not path.parent.is_dir():
        return f"there is no folder '{near_here(path.parent)}'"
    # By their stems, as equal suffixes would make all names look alike.
    near = {other.stem: other.name for other in path.parent.iterdir() if other.suffix.lower() in suffixes}
    guess = did_you_mean(path.stem, near)
    if guess.names:
        return Suggestion((str(Path(written).parent / near[guess.names[0]]),)).text
    return f"looked in '{near_here(path.parent)}'"


def near_here(folder: Path) -> str:
    """A folder as a message names it: from the working directory where it lies below that, absolute otherwise."""
    return os.path.relpath(folder) if folder.resolve().is_relative_to(Path.cwd()) else str(folder)


@dataclass(frozen=True)
class FileNames(FileName):
    """One file, or several: a list, or a pattern such as ``assets/*.usda`` (sorted)."""

    def parse(self, raw: Any, info: ValidationInfo) -> tuple[Any, list[InitErrorDetails]]:
        """A tuple of files."""
        entries = raw if isinstance(raw, (list, tuple)) else [raw]
        if not entries:
            return None, [fault(f"expected the name of {self.role} file, got an empty list", value=raw)]
        files: list[File] = []
        found: list[InitErrorDetails] = []
        for index, entry in enumerate(entries):
            for file, problem in self._matches(entry, info):
                if problem is None:
                    files.append(file)
                else:
                    at = (index,) if isinstance(raw, (list, tuple)) else ()
                    found.append(InitErrorDetails(type=problem["type"], loc=at, input=problem["input"]))
        return tuple(files), found

    @override
    def schema(self) -> dict[str, Any]:
        one = FileName.schema(self)
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}

    def _matches(self, raw: Any, info: ValidationInfo) -> list[tuple[Any, InitErrorDetails | None]]:
        if isinstance(raw, str) and glob.has_magic(raw) and not isinstance(raw, File) and "://" not in raw:
            folder = folder_of(raw)
            matches = sorted(glob.glob(str(Path(raw).expanduser()), root_dir=folder))
            suitable = [match for match in matches if Path(match).suffix.lower() in self.suffixes]
            if not suitable:
                hint = f"looked in '{near_here(folder)}' for {', '.join(self.suffixes)}"
                return [(None, fault(f"no file matches '{raw}'", hint, value=raw))]
            return [(File(str((folder / match).resolve()), match), None) for match in suitable]
        value, problems = FileName.parse(self, raw, info)
        return [(value, problems[0] if problems else None)]
