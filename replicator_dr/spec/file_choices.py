"""Files that may vary: ``assets/wood/*.jpg`` or ``assets/wood`` stands for a choice among the files there."""

from __future__ import annotations

import glob
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails
from typing_extensions import override

from replicator_dr.spec.distributions import Choice
from replicator_dr.spec.document import Text
from replicator_dr.spec.files import File, FileName, FileNames, folder_of
from replicator_dr.spec.model import moved
from replicator_dr.spec.varying import Varying

_Parsed = tuple[Any, list[InitErrorDetails]]


@dataclass(frozen=True)
class VaryingFile(Varying):
    """Validates a field that holds a file: a name, a folder or a pattern, or a distribution of them.

    In a choice with weights, that of a folder or pattern is shared evenly by its files.
    """

    element: FileName

    @override
    def parse(self, raw: Any, info: ValidationInfo) -> _Parsed:
        """As of any varying field; several files become a choice, sorted by their names."""
        if not self._stands_for_several(raw):
            return super().parse(raw, info)
        files, found = self._files(raw, info)
        return (None if found else Choice(files)), found

    @override
    def _items(self, distribution: Any, name: str, items: tuple[Any, ...], info: ValidationInfo) -> _Parsed:
        place = distribution.places.get(name, ())
        weights = getattr(distribution, "weights", None)
        values: list[Any] = []
        shares: list[float] = []
        found: list[InitErrorDetails] = []
        for index, item in enumerate(items):
            several = self._stands_for_several(item)
            value, problems = self._files(item, info) if several else self.element.parse(item, info)
            files = list(value) if several and not problems else [value]
            found += [moved(problem, (*place, index)) for problem in problems]
            values += files
            if weights is not None and index < len(weights):
                shares += [weights[index] / len(files)] * len(files)
        changed = {name: tuple(values)} if weights is None else {name: tuple(values), "weights": tuple(shares)}
        return replace(distribution, **changed), found

    def _stands_for_several(self, raw: Any) -> bool:
        if not isinstance(raw, str) or isinstance(raw, File) or raw.startswith("$") or "://" in raw:
            return False
        return glob.has_magic(raw) or (folder_of(raw) / Path(raw).expanduser()).is_dir()

    def _files(self, raw: str, info: ValidationInfo) -> tuple[tuple[File, ...], list[InitErrorDetails]]:
        names = raw if glob.has_magic(raw) else _within(raw)
        files: tuple[File, ...]
        files, found = FileNames(self.element.role, self.element.suffixes).parse(names, info)
        return files, found


def _within(folder: str) -> str:
    """The pattern of all files in a folder, which starts from where the folder's name does."""
    pattern = f"{folder.rstrip('/')}/*"
    return Text(pattern, folder.mark) if isinstance(folder, Text) else pattern
