"""Which file each copy of an asset comes from, decided once while the graph is built."""

from __future__ import annotations

import math
from typing import Any

from replicator_dr.errors import AssetError, UnsupportedError
from replicator_dr.graph.seeds import fraction
from replicator_dr.spec.distributions import Choice, Sequence
from replicator_dr.spec.files import USD_SUFFIXES
from replicator_dr.spec.items import Asset, FromMesh, FromRobot


def usd_files(item: Asset, seed: int, where: str) -> list[str]:
    """The USD file of each copy; meshes are converted. where: the item, for messages.

    A list or pattern is taken in turn. A choice is drawn for each copy, with the given seed. Raises AssetError.
    """
    files: Any = item.files  # type: ignore[attr-defined]
    if isinstance(files, Choice) and not files.by_context:
        chosen = _drawn(files, item.count or 1, seed, where)
    elif isinstance(files, Sequence):
        listed = [file for entry in files.items for file in _several(entry)]
        chosen = [listed[index % len(listed)] for index in range(item.count or len(listed))]
    elif isinstance(files, tuple):
        chosen = [files[index % len(files)] for index in range(item.count or len(files))]
    else:
        raise UnsupportedError(f"{where}: files cannot depend on shared draws; write a choice or a list")
    try:
        converted = {file: _converted(item, str(file)) for file in dict.fromkeys(chosen)}
    except AssetError as error:
        raise AssetError(f"{where}: {error}") from error
    return [converted[file] for file in chosen]


def _converted(item: Asset, file: str) -> str:
    """The USD file of a mesh or a robot; one that is USD already is taken as it is."""
    if isinstance(item, FromMesh):
        from replicator_dr.engines.embedded.scene.mesh_import import import_mesh

        return import_mesh(file, item.up_axis, item.meters_per_unit)
    if isinstance(item, FromRobot) and not file.lower().endswith(USD_SUFFIXES):
        from replicator_dr.engines.embedded.robots.robot_import import import_robot

        return import_robot(file)
    return file


def _several(entry: Any) -> tuple[str, ...]:
    return entry if isinstance(entry, tuple) else (entry,)


def _drawn(choice: Choice, count: int, seed: int, where: str) -> list[str]:
    weights = choice.weights or (1.0,) * len(choice.choices)
    pairs = [(file, w / len(_several(e))) for e, w in zip(choice.choices, weights) for file in _several(e) if w > 0]
    if not choice.with_replacements:
        if count > len(pairs):
            raise AssetError(f"{where}: {count} copies of {len(pairs)} files without replacements; lower count")
        # Efraimidis and Spirakis 2006: the largest log(u) / weight come first.
        keys = [math.log(max(fraction(seed, index), 1e-300)) / weight for index, (_, weight) in enumerate(pairs)]
        return [pairs[index][0] for index in sorted(range(len(pairs)), key=lambda index: -keys[index])[:count]]
    total = sum(weight for _, weight in pairs)
    files = []
    for index in range(count):
        level, reached = fraction(seed, index) * total, 0.0
        for file, weight in pairs:
            reached += weight
            if level < reached:
                files.append(file)
                break
        else:
            files.append(pairs[-1][0])
    return files
